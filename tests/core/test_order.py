"""Order-blindness: whatever comes when, the same letters make the same records."""

import base64
import quopri
import random
import textwrap
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from hypothesis import given, settings
from hypothesis import strategies as st

from listfold.core.fold import carried, decide, standing
from listfold.core.read import read
from listfold.model import Folded, Known, Letter, Message, New, Rules, Written

NOUNS = ("door", "garden", "boiler", "frost", "winter", "school", "kettle", "river", "bridge", "market", "lantern")
VERBS = ("closed", "opened", "carried", "painted", "watched", "mended", "crossed", "gathered", "counted", "followed")
PEOPLE = ("Ann Gardener <ann@example.org>", "Bob Digger <bob@example.net>", "Cleo Reeve <cleo@example.com>")
DAYS = ("Mon, 07 Dec 2015", "Tue, 08 Dec 2015", "Wed, 09 Dec 2015", "Thu, 10 Dec 2015")

Partition = frozenset[frozenset[str]]


def article(seed: int) -> list[str]:
    """Six paragraphs that no other seed has."""
    rng = random.Random(seed)
    pick = rng.choice
    return [
        " ".join(
            f"the {pick(NOUNS)} {pick(VERBS)} {pick(NOUNS)} {pick('abcdefgh')}{pick(NOUNS)}"
            for _ in range(rng.randint(5, 8))
        )
        + "."
        for _ in range(6)
    ]


def letter(seed: int, rng: random.Random, number: int) -> bytes:
    """A copy of an article: over some list, wrapped and encoded somehow, shortened, forwarded, quoted or pasted."""
    paragraphs = article(seed)
    how = rng.choice(("copy", "copy", "repost", "forward", "quoted", "truncated", "original"))
    if how == "truncated":
        paragraphs = paragraphs[:5]
    width = rng.choice((60, 72, 998))
    text = "\n\n".join(textwrap.fill(p, width) for p in paragraphs)
    author, subject, day, message_id = (
        PEOPLE[seed % 3],
        f"Article {NOUNS[seed]}",
        DAYS[seed % 4],
        f"<a{seed}@example.org>",
    )
    sender, on, own_id, title = author, day, message_id, subject
    if how in ("forward", "quoted", "repost", "truncated"):
        sender, on, own_id = f"Reader {number} <r{number}@example.net>", rng.choice(DAYS), f"<n{number}@example.net>"
        title = rng.choice(("interesting", subject)) if how in ("repost", "truncated") else f"Fwd: {subject}"
    if how == "forward":
        labels = f"From: {author}\nDate: {day} 10:00:00 +0000\nSubject: {subject}\nTo: garden@example.org"
        text = f"fyi\n\n---------- Forwarded message ---------\n{labels}\n\n{text}"
    elif how == "quoted":
        quoted = "\n".join("> " + line for line in text.split("\n"))
        text = f"look\n\nOn {day[5:]}, {author.split(' <')[0]} wrote:\n{quoted}"
    elif how == "copy" and rng.random() < 0.5:
        own_id = f"<c{number}@example.com>"
    where = rng.choice(("garden.example.org", "herbs.example.com"))
    if rng.random() < 0.5:
        name = where.partition(".")[0]
        text += f"\n{'_' * 47}\n{name} mailing list\n{name}@example.org\nhttps://{where}/mailman/listinfo/{name}\n"
    encoding = rng.choice(("7bit", "quoted-printable", "base64"))
    body = text.encode()
    if encoding == "quoted-printable":
        body = quopri.encodestring(body)
    elif encoding == "base64":
        body = base64.encodebytes(body)
    head = (
        f"From: {sender}\nTo: list@{where}\nSubject: {title}\nDate: {on} 10:00:00 +0000\nMessage-ID: {own_id}\n"
        f"List-Id: <{where}>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
        f"Content-Transfer-Encoding: {encoding}\n\n"
    )
    return head.encode() + body


def _written(message: Message) -> Written:
    return message.text, message.spans


def known(raws: Sequence[bytes]) -> list[Known]:
    """The messages of letters in order of arrival; the same bytes again are the same letter."""
    found: list[Known] = []
    for number, raw in enumerate(dict.fromkeys(raws), 1):
        one = Letter(raw=raw, source="eml", received=number, id=number)
        for m in read(one, Rules()).messages:
            moment = m.date if m.date is not None else 2**40
            order = (standing(m.identity.role, m.claimed), moment, m.id, one.sha256 + m.path)
            found.append(
                Known(
                    row=len(found) + 1,
                    letter=number,
                    path=m.path,
                    order=order,
                    canonical=False,
                    message_id=m.message_id,
                    list=m.list.id,
                    author=m.author,
                    date=m.date,
                    in_reply_to=m.in_reply_to,
                    relation=m.relation,
                    claimed=m.claimed,
                    comment=m.comment,
                    identity=m.identity,
                    written=partial(_written, m),
                )
            )
    return found


def records(raws: Sequence[bytes]) -> Partition:
    """Each message is placed as it comes; those that come after it in the fixed order are then placed again."""
    settled: list[Known] = []
    into: dict[int, int] = {}
    rows: dict[tuple[int, str], Known] = {}
    for message in known(raws):
        rows[message.letter, message.path] = message
        settled.append(message)
        canonical = [
            replace(m, canonical=True) for m in settled if into.get(m.row) == m.row and m.order < message.order
        ]
        for one in sorted((m for m in settled if m.order >= message.order), key=lambda m: m.order):
            fold = decide(one, canonical)
            if one.identity.role == "forward" and (inner := rows.get((one.letter, f"{one.path}.1".lstrip(".")))):
                place = into.get(inner.row, inner.row)
                fold = carried(one, inner, New() if place == inner.row else Folded(place, "forward", "", 1.0))
            into[one.row] = fold.into if isinstance(fold, Folded) else one.row
            if isinstance(fold, New):
                canonical.append(replace(one, canonical=True))
    groups: dict[int, set[str]] = {}
    for message in settled:
        groups.setdefault(into[message.row], set()).add(message.order[3])
    return frozenset(frozenset(group) for group in groups.values())


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.lists(st.integers(0, 3), min_size=2, max_size=7))
def test_arrival_order_makes_no_difference(seed: int, articles: list[int]) -> None:
    """Shuffled, doubled, wrapped and encoded anew, forwarded and shortened: one partition."""
    rng = random.Random(seed)
    raws = [letter(one, rng, number) for number, one in enumerate(articles)]
    expected = records(raws)
    shuffled = raws + raws[:2]
    rng.shuffle(shuffled)
    assert records(raws[::-1]) == expected
    assert records(shuffled) == expected


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 3), st.integers(0, 3))
def test_copies_of_one_text_are_one_record_and_texts_stay_apart(seed: int, one: int, other: int) -> None:
    """However two copies came about, they fold when they show one article, and only then."""
    rng = random.Random(seed)
    raws = [letter(one, rng, 1), letter(other, rng, 2)]
    assert len(records(raws)) == len({one, other})
