"""archive: readings become records and sightings, the same whatever the order, and everything can be found again."""

import base64
import hashlib
import random
import resource
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from making import ARTICLE, apply, letter, partition, renumbered, writer
from zstandard import ZstdError

from core.growth import is_linear
from kept import keep
from listfold.archive import store
from listfold.archive.counts import Counts
from listfold.archive.reader import Reader
from listfold.archive.writer import Writer
from listfold.errors import ListfoldError
from listfold.model import Letter, ListRule, Record, Rules

OTHER = """\
Has anybody tried to overwinter pelargoniums in a cold cellar without any light at all? Mine have always
stood by the window of the stairs, but the new neighbours want that place for their bicycles, and so they
have to move. I would cut them back by two thirds and let the earth dry out almost completely.
"""


def records(folder: Path) -> list[Record]:
    with Reader(folder / "archive-1.db") as reader:
        return list(reader.export())


def findings(folder: Path, accepted: int) -> list[str]:
    with closing(Counts(folder / "archive-1.db")) as counts:
        return list(counts.check(accepted))


def test_a_letter_becomes_a_record_with_one_sighting(tmp_path: Path) -> None:
    """The canonical message's own sighting is the first."""
    with closing(writer(tmp_path)) as made:
        apply(made, letter(1))
    (record,) = records(tmp_path)
    assert record.message_id == "<1@example.org>"
    assert [(s.relation, s.letter, s.path) for s in record.sightings] == [("original", 1, "")]
    assert record.body == ARTICLE.strip()


def test_a_cross_post_and_a_redelivery_are_sightings(tmp_path: Path) -> None:
    """The same message over another list, and over the same list again."""
    again = replace(letter(3, name="1"), recipients=("elsewhere@example.org",))
    with closing(writer(tmp_path)) as made:
        first = replace(letter(1), received=1_446_400_000)
        apply(made, first, letter(2, name="1", on="cooks.example.org"), again)
    (record,) = records(tmp_path)
    assert sorted(s.relation for s in record.sightings) == ["crosspost", "original", "redelivery"]
    assert set(record.lists) == {"gardeners.example.org", "cooks.example.org"}


def test_a_pasted_article_keeps_the_words_that_were_added(tmp_path: Path) -> None:
    """A re-post by another author is folded; the introduction is that sighting's comment."""
    pasted = "Found this in the Almanac, thought of you all:\n\n" + ARTICLE
    with closing(writer(tmp_path)) as made:
        apply(made, letter(1), letter(2, pasted, author="Ben <ben@example.org>", subject="Seen this?", day=2))
    (record,) = records(tmp_path)
    assert record.author.name == "Anna"
    assert [(s.relation, s.comment) for s in record.sightings] == [
        ("original", None),
        ("repost", "Found this in the Almanac, thought of you all:"),
    ]


def test_two_texts_with_one_message_id_are_two_records(tmp_path: Path) -> None:
    """A reused or forged Message-ID hides nothing: both are kept, and the Message-ID names both."""
    with closing(writer(tmp_path)) as made:
        apply(made, letter(1), letter(2, OTHER, name="1", author="Eve <eve@example.net>", day=2))
    assert len(records(tmp_path)) == 2
    with Reader(tmp_path / "archive-1.db") as reader:
        assert len(reader.resolve("<1@example.org>")) == 2


def test_the_same_id_for_two_texts_still_names_two_records(tmp_path: Path) -> None:
    """Message-ID, Date and opening words forged alike, the rest another text: the first in order keeps the id."""
    first, forged = letter(1), letter(2, ARTICLE.split("\n")[0] + "\n\n" + OTHER, name="1", author="E <e@e.net>")
    with closing(writer(tmp_path)) as made:
        apply(made, forged)
        apply(made, replace(first, received=first.received - 5))
    found = {r.author.name: r.id for r in records(tmp_path)}
    assert len(found) == len(set(found.values())) == 2
    with closing(sqlite3.connect(tmp_path / "archive-1.db")) as db:
        (shared,) = db.execute("SELECT DISTINCT id FROM message").fetchall()
    assert found["Anna"] == shared[0]


def many() -> list[Letter]:
    """Letters whose copies overlap in part: enough for chains, carriers and late originals."""
    inline = (
        "FYI\n\n---------- Forwarded message ---------\nFrom: Anna <anna@example.org>\nDate: Sun, 1 Nov 2015 at 10:00\n"
    )
    inline += "Subject: First frost\nTo: <list@example.org>\n\n" + ARTICLE
    long = ARTICLE + "\n" + OTHER
    return [
        letter(1, inline, author="Cleo <cleo@example.org>", subject="Fwd: First frost", day=3),
        letter(2, long, author="Dora <dora@example.org>", subject="Two things", day=4),
        letter(3),
        letter(4, name="3", on="cooks.example.org"),
        letter(5, OTHER, author="Emil <emil@example.org>", subject="Pelargoniums", day=2),
        letter(6, ARTICLE.replace("\n", " ", 2), author="Fred <fred@example.org>", subject="frost!", day=5),
        letter(7, "Thanks!\n\n> " + OTHER.replace("\n", "\n> "), author="Gus <gus@example.org>",
               subject="Re: Pelargoniums", extra="In-Reply-To: <5@example.org>\n", day=6),
        letter(8, OTHER, name="5", on="cooks.example.org", day=2),
        letter(9, ARTICLE.split("Growers")[0], author="Hans <hans@example.org>", subject="cold", day=7),
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
def test_the_order_of_arrival_changes_nothing(tmp_path: Path, seed: int) -> None:
    """Any order, one batch or several: the same records, ids, sightings and relations."""
    with closing(writer(tmp_path)) as made:
        apply(made, *many())
    expected = partition(records(tmp_path))
    shuffled = many()
    chance = random.Random(seed)
    chance.shuffle(shuffled)
    other = tmp_path / "other"
    other.mkdir()
    with closing(writer(other)) as made:
        waiting = renumbered(shuffled)
        while waiting:
            size = chance.randint(1, 4)
            apply(made, *waiting[:size])
            waiting = waiting[size:]
    assert partition(records(other)) == expected
    assert findings(other, len(shuffled)) == []


def test_reading_a_letter_again_replaces_what_it_gave(tmp_path: Path) -> None:
    """Idempotent on the letter: apply twice, then under other rules, and nothing is doubled."""
    with closing(writer(tmp_path)) as made:
        apply(made, *many())
        before = partition(records(tmp_path))
        apply(made, *many())
        for one in many():
            apply(made, one)
    assert partition(records(tmp_path)) == before
    assert findings(tmp_path, 9) == []


def test_a_letter_that_is_read_otherwise_takes_the_place_of_what_it_was(tmp_path: Path) -> None:
    """Another list by another rule: the old rows are gone, and so are their words and their place in threads."""
    rules = Rules(version="2", lists=(ListRule("plants.example.org", aliases=("gardeners.example.org",)),))
    with closing(writer(tmp_path)) as made:
        apply(made, *many())
    with closing(writer(tmp_path, rules)) as made:
        apply(made, *many(), rules=rules)
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    with closing(writer(fresh, rules)) as made:
        apply(made, *many(), rules=rules)
    assert partition(records(tmp_path)) == partition(records(fresh))
    assert findings(tmp_path, 9) == []
    with Reader(tmp_path / "archive-1.db") as reader:
        assert reader.search("list:gardeners.example.org").total == 0
        assert reader.search("frost").total > 0


def test_an_export_begins_with_the_oldest_record(tmp_path: Path) -> None:
    """Whatever the order of arrival."""
    with closing(writer(tmp_path)) as made:
        apply(made, letter(1, day=3), letter(2, OTHER, author="Ben <ben@example.org>", subject="Cellar", day=2))
    assert [r.message_id for r in records(tmp_path)] == ["<2@example.org>", "<1@example.org>"]


def test_a_private_list_folds_only_with_itself(tmp_path: Path) -> None:
    """The same text on a private and a public list is two unlinked records, and the public reader sees one."""
    rules = Rules(lists=(ListRule("board.example.org", visibility="private"),))
    with closing(writer(tmp_path, rules)) as made:
        apply(made, letter(1), letter(2, name="1", on="board.example.org"), rules=rules)
    assert len(records(tmp_path)) == 2
    with Reader(tmp_path / "archive-1.db", public=True) as reader:
        assert [row.id for row in reader.lists()] == ["gardeners.example.org"]
        assert reader.search("frost").total == 1
        assert [r.lists for r in reader.export()] == [("gardeners.example.org",)]
        assert reader.months(None) == {"2015-11": 1}


def test_a_late_parent_joins_the_thread(tmp_path: Path) -> None:
    """Replies are one thread through what they refer to, before and after the parent is there."""
    with closing(writer(tmp_path)) as made:
        apply(
            made, letter(2, "Cover them with fleece, two layers of it.", extra="In-Reply-To: <1@example.org>\n", day=2)
        )
        apply(
            made, letter(3, "Straw does it as well, and costs nothing.", extra="References: <1@example.org>\n", day=3)
        )
        early = {r.thread for r in records(tmp_path)}
        apply(made, letter(1))
    late = records(tmp_path)
    assert len(early) == 1
    assert {r.thread for r in late} == {next(r.id for r in late if r.message_id == "<1@example.org>")}
    with Reader(tmp_path / "archive-1.db") as reader:
        (row,), total = reader.threads("gardeners.example.org")
        assert (row.records, total, len(reader.thread(late[0].id))) == (3, 1, 3)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("pelargoniums cellar", {"5"}),
        ('"cold cellar"', {"5"}),
        ('"cellar cold"', set()),
        ("frost -dahlias", set()),
        ("from:anna", {"1"}),
        ("subject:cellar", set()),
        ("list:cooks.example.org", {"8"}),
        ("after:2015-11-03", {"8"}),
        ("before:2015-11-02 frost", {"1"}),
        ("has:attachment", set()),
        ("AND OR NOT ( ^ * \" ' :", set()),
        ("霜降", {"9"}),
        ("nosuchkey:frost", set()),
        ("", set()),
    ],
)
def test_search_means_what_people_write(tmp_path: Path, query: str, found: set[str]) -> None:
    """Words, phrases, exclusions and operators; odd queries find nothing and never fail."""
    with closing(writer(tmp_path)) as made:
        apply(
            made,
            letter(1),
            letter(5, OTHER, subject="Pelargoniums", author="Emil <emil@example.org>", day=2),
            letter(
                8,
                "A recipe with quinces and a little saffron.",
                subject="Quinces",
                on="cooks.example.org",
                day=4,
                author="C <c@d.org>",
            ),
            letter(9, "今年の霜降は早い。", author="K <k@example.org>", subject="x", day=2),
        )
    with Reader(tmp_path / "archive-1.db") as reader:
        hits = reader.search(query)
    assert {r.message_id.strip("<>").partition("@")[0] for r in hits.records} == found
    assert hits.total == len(found)


def test_arrivals_stand_in_full_once_on_each_list(tmp_path: Path) -> None:
    """The first sighting on a list is first there; on all lists together a record comes once."""
    with closing(writer(tmp_path)) as made:
        apply(
            made, letter(1), letter(2, name="1", on="cooks.example.org", day=2), letter(3, author="B <b@c.org>", day=3)
        )
    with Reader(tmp_path / "archive-1.db") as reader:
        here = reader.arrivals("gardeners.example.org", 0, 2**40)
        there = reader.arrivals("cooks.example.org", 0, 2**40)
        everywhere = reader.arrivals(None, 0, 2**40)
    assert [(a.sighting.letter, a.first) for a in here] == [(1, True), (3, False)]
    assert [(a.sighting.letter, a.first) for a in there] == [(2, True)]
    assert [a.sighting.letter for a in everywhere] == [1]


def test_pending_is_what_has_no_progress_under_the_present_rules(tmp_path: Path) -> None:
    """Tried ones carry their attempts; other rules make everything pending again."""
    with closing(writer(tmp_path)) as made:
        apply(made, letter(1), letter(3, OTHER))
        made.attempt([2])
        assert made.pending(4, 10) == [(2, 1), (4, 0)]
        made.attempt([2])
        made.fail(4, "no")
        assert made.pending(4, 10) == [(2, 2)]
        assert made.retry() == 1
        assert made.pending(4, 10) == [(2, 2), (4, 0)]
    with closing(writer(tmp_path, Rules(version="other"))) as made:
        assert [n for n, _ in made.pending(4, 10)] == [1, 2, 3, 4]


def test_a_batch_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One transaction: an error in the last letter undoes the first."""
    with closing(writer(tmp_path)) as made:

        def broken(*_: object) -> None:
            raise RuntimeError("on purpose")

        monkeypatch.setattr(made, "_place", broken)
        with pytest.raises(RuntimeError):
            apply(made, letter(1))
        monkeypatch.undo()
        assert made.pending(1, 10) == [(1, 0)]
        apply(made, letter(1))
    assert len(records(tmp_path)) == 1


def test_the_switch_to_a_new_archive_is_a_rename(tmp_path: Path) -> None:
    """archive.db names archive-1.db, then archive-2.db; an archive of another schema is left for a new one."""
    keep(tmp_path, [])
    first = store.current(tmp_path)
    Writer(first, Rules(), lambda *_: pytest.fail("nothing to decide")).close()
    assert first.name == "archive-1.db"
    assert store.current(tmp_path) == first
    second = store.following(tmp_path)
    store.switch(tmp_path, second)
    assert (tmp_path / "archive.db").readlink() == Path("archive-2.db")
    with closing(sqlite3.connect(second)) as db:
        db.execute("PRAGMA user_version = 77")
    assert store.current(tmp_path).name == "archive-3.db"


ENCLOSING = """\
From: Cleo <cleo@example.org>
To: list@example.org
Subject: Fwd: First frost
Message-ID: <carrier@example.org>
Date: 3 Nov 2015 10:00:00 +0000
List-Id: <{on}>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

See below.
--b
Content-Type: message/rfc822

{inner}
--b--
"""


def enclosing(number: int, inner: Letter, on: str = "cooks.example.org") -> Letter:
    raw = ENCLOSING.format(on=on, inner=inner.raw.decode()).encode()
    return Letter(raw, "smtp", 1_446_595_200, "", ("list@example.org",), id=number)


@pytest.mark.parametrize("late", [False, True])
def test_an_enclosed_message_gives_way_to_its_original(tmp_path: Path, late: bool) -> None:
    """The carrier and the claimed copy are sightings of the original, whichever came first."""
    batches = [[enclosing(1, letter(9))], [letter(2, name="9")]]
    with closing(writer(tmp_path)) as made:
        for batch in batches if late else reversed(batches):
            apply(made, *batch)
    (record,) = records(tmp_path)
    assert (record.author.name, record.list.id) == ("Anna", "gardeners.example.org")
    shown = [(s.letter, s.path, s.relation, s.claimed, s.comment) for s in record.sightings]
    assert shown[0] == (2, "", "original", False, None)
    assert sorted(shown[1:]) == [(1, "", "forward", False, "See below."), (1, "1", "forward", True, "See below.")]


def test_an_enclosed_message_puts_nothing_on_the_list_that_it_claims(tmp_path: Path) -> None:
    """What a stranger encloses is seen on the list that the letter came over, at the letter's time."""
    with closing(writer(tmp_path)) as made:
        apply(made, enclosing(1, letter(9)))
    with Reader(tmp_path / "archive-1.db") as reader:
        assert [row.id for row in reader.lists()] == ["cooks.example.org"]
        assert [a.sighting.arrived for a in reader.arrivals("cooks.example.org", 0, 2**40)] == [1_446_595_200]


def test_what_a_private_letter_encloses_is_private(tmp_path: Path) -> None:
    """The wall goes by the letter, not by what an enclosed message says of its list."""
    rules = Rules(lists=(ListRule("board.example.org", visibility="private"),))
    with closing(writer(tmp_path, rules)) as made:
        apply(made, enclosing(1, letter(9), on="board.example.org"), rules=rules)
    with Reader(tmp_path / "archive-1.db", public=True) as reader:
        assert list(reader.export()) == []
        assert reader.search("frost").total == 0
        assert list(reader.lists()) == []


def test_the_planner_knows_what_every_index_is_worth(tmp_path: Path) -> None:
    """An empty archive tells it: a letter's messages are found by the letter, never by walking over all public ones."""
    made = writer(tmp_path)
    made.close()
    db = sqlite3.connect(made.path)
    named = set(db.execute("SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'message'"))
    assert set(db.execute("SELECT idx FROM sqlite_stat1 WHERE tbl = 'message'")) == named
    for wanted, index in (("letter = 1", "message_place"), ("record = 1", "message_record"), ("id = ''", "message_id")):
        for common in ("domain = 'public'", "list = 'gardeners.example.org'"):
            query = f"EXPLAIN QUERY PLAN SELECT subject FROM message WHERE {common} AND {wanted}"
            assert index in db.execute(query).fetchone()[3]
    db.close()


def test_a_mailman_hash_resolves(tmp_path: Path) -> None:
    """Links into a Mailman 3 archive end in a hash of the Message-ID; it is another name of the record here."""
    made = writer(tmp_path)
    apply(made, letter(1, name="first"))
    made.close()
    with Reader(made.path, public=True) as reader:
        name = base64.b32encode(hashlib.sha1(b"first@example.org", usedforsecurity=False).digest()).decode()
        assert list(reader.resolve(name)) == list(reader.resolve("<first@example.org>")) != []
        assert not reader.resolve(name[:-1] + ("B" if name[-1] == "A" else "A"))
        assert not reader.resolve("A" * 32)
        assert not reader.resolve("é" * 32)


def namesakes() -> list[Letter]:
    """Four texts under one id: Message-ID, Date and opening words are the same, and nothing else."""
    more = [OTHER, ARTICLE, OTHER.upper().replace("E", "U"), " ".join(ARTICLE.split()[::-1])]
    made = [letter(n, f"Dear gardeners of the valley\n\n{text}", name="same") for n, text in enumerate(more, 1)]
    return [replace(one, received=one.received + one.id) for one in made]


def test_records_of_one_id_are_called_the_same_whatever_the_order(tmp_path: Path) -> None:
    """Also when the one that had the id is taken out: then the next in order has it."""
    called = []
    for n, order in enumerate(((0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1))):
        (folder := tmp_path / str(n)).mkdir()
        letters = namesakes()
        with closing(writer(folder)) as made:
            for place in order:
                apply(made, letters[place])
            called.append({(r.id, r.sightings[0].letter) for r in records(folder)})
            made.purge([1], [], b"")
            called[-1] |= {(r.id, r.sightings[0].letter) for r in records(folder)}
        assert findings(folder, 4) == []
    assert called[0] == called[1] == called[2]
    assert len(called[0]) == 5  # the second in order had another name, and then the first one's


def test_a_letter_of_many_namesakes_costs_what_its_messages_cost(tmp_path: Path) -> None:
    """A thousand empty forwards have one id: each is named without a look at all the others."""

    def apply_one(text: str) -> None:
        with closing(writer(Path(tempfile.mkdtemp(dir=tmp_path)))) as made:
            apply(made, letter(1, text))

    assert is_linear(apply_one, lambda n: "Begin forwarded message:\n\n> From: a\n" * n, 60)


def test_the_lists_with_the_newest_letters_come_first(tmp_path: Path) -> None:
    """As many as are asked for; a public reader leaves private ones out."""
    rules = Rules("1", (ListRule("board.example.org", visibility="private"),))
    made = writer(tmp_path, rules)
    days = {"a.example.org": 3, "b.example.org": 5, "board.example.org": 7, "c.example.org": 4}
    found = [letter(n, f"Number {n} of them.\n", on=on, day=day) for n, (on, day) in enumerate(days.items(), 1)]
    apply(made, *found, rules=rules)
    with Reader(made.path) as reader, Reader(made.path, public=True) as public:
        assert [name for name, _ in reader.latest(2)] == ["board.example.org", "b.example.org"]
        assert [name for name, _ in public.latest(2)] == ["b.example.org", "c.example.org"]
        assert public.latest(1) == [("b.example.org", found[1].received)]
    made.close()


def test_a_text_is_told_from_its_own_letter_wherever_it_is_asked_for(tmp_path: Path) -> None:
    """Of a copy on another list the record is shown: its text, made from the first letter's bytes, not the copy's."""
    first = letter(1, ARTICLE + OTHER, name="a")
    copy = letter(2, ARTICLE + OTHER + "\n" * 40, name="a", on="herbs.example.org", day=2)
    with closing(writer(tmp_path)) as made:
        apply(made, first, copy)
        with Reader(made.path) as reader:
            (record,) = reader.export()
            assert record.text.rstrip() == (ARTICLE + OTHER).rstrip()
            for on in ("gardeners.example.org", "herbs.example.org"):
                (arrival,) = reader.sightings(on, 0, 2**40)
                assert arrival.record == record
            assert [r.id for r in reader.search("pelargoniums cellar").records] == [record.id]


def test_a_text_without_its_letter_is_an_error(tmp_path: Path) -> None:
    """Never another text: neither when the letter is gone nor when it is another one, however the text is kept."""
    encoded = "Content-Transfer-Encoding: quoted-printable\n"
    with closing(writer(tmp_path)) as made:
        apply(made, letter(1), letter(2, "One fifth: 20=\n=20%", extra=encoded, name="b"))
        assert len([r.text for r in records(tmp_path)]) == 2
        keep(tmp_path, [letter(1, OTHER)])
        with pytest.raises(ListfoldError, match="letter 1 is not the one"), Reader(made.path) as reader:
            list(reader.export())
        keep(tmp_path, [letter(1), letter(2, OTHER)])
        with pytest.raises(ZstdError), Reader(made.path) as reader:
            list(reader.export())
        with closing(sqlite3.connect(tmp_path / "letters.db")) as db, db:
            db.execute("UPDATE letter SET raw = NULL")
        with pytest.raises(ListfoldError, match="is gone"), Reader(made.path) as reader:
            list(reader.export())


def test_a_writer_at_rest_gives_its_memory_back(tmp_path: Path) -> None:
    """Its cache is as large as a busy import wants it, and letters may not come for hours."""
    made = writer(tmp_path)
    made._db.execute("CREATE TABLE many (page BLOB)")
    made._db.execute(
        "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n LIMIT 10000) "
        "INSERT INTO many SELECT randomblob(3000) FROM n"
    )
    assert made._db.execute("SELECT sum(length(page)) FROM many").fetchone() == (30_000_000,)
    before = resident()
    made.rest()
    assert before - resident() > 20_000_000
    made.close()


def resident() -> int:
    """Bytes of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def test_what_an_archive_counts_goes_to_no_other(tmp_path: Path) -> None:
    """A rebuild gives the new archive what pages go by. The old one may lag, and numbers of threads given twice would
    join what nothing connects."""
    (tmp_path / "old").mkdir()
    old, new = writer(tmp_path / "old"), writer(tmp_path)
    apply(old, letter(1, "Beans.\n"))
    old.published([], {"closed": 7})
    apply(new, *[letter(n, f"Pumpkins {n * 7919}.\n", subject=f"Bed {n}") for n in range(1, 9)])
    new.published([], old.published_as())
    apply(new, *[letter(n, f"Frost {n * 7919}.\n", subject=f"Row {n}") for n in range(9, 17)])
    assert new.published_as() == {"closed": 7}
    old.close()
    new.close()
    assert all(record.thread == record.id for record in records(tmp_path))


@pytest.mark.parametrize("name", ["", "Beds"])
@pytest.mark.parametrize("post", ["", "beds@example.org"])
def test_a_list_is_called_the_same_whenever_it_got_its_rule(tmp_path: Path, name: str, post: str) -> None:
    """What the rule does not say comes from the earliest letter, in an archive that was there and in one made anew."""
    rules = Rules(lists=(ListRule("gardeners.example.org", name=name, post=post),))
    extra = "List-Post: <mailto:gardeners@lists.example.org>\n"
    letters = [letter(n, f"Frost {n * 7919}.\n", extra=extra) for n in (1, 2)]
    found = []
    for folder, first in (("before", Rules()), ("after", rules)):
        (tmp_path / folder).mkdir()
        made = writer(tmp_path / folder, first)
        apply(made, letters[0], rules=first)
        made.heed(rules, 1, [], [rules.lists[0].id])
        apply(made, *letters, rules=rules)
        made.close()
        with Reader(made.path) as reader:
            found += [(row.name, row.address) for row in reader.lists()]
    called = name or ("beds" if post else "gardeners")
    assert found == [(called, post or "gardeners@lists.example.org")] * 2
