"""Quotes, attributions and forwards are marked in any client's style, and nothing of them is removed."""

from dataclasses import replace
from typing import Any

import pytest

from listfold.core.attribution_rules import ATTRIBUTION_WORDS
from listfold.core.clean import Context, clean
from listfold.core.forward_rules import forward_at
from listfold.core.forward_words import FORWARD_PHRASES, LABELS, ORIGINAL_PHRASES, Labels
from listfold.model import ListName, Person, Span, body_of

OWN = "Yes, they are."


def spans(text: str, **more: Any) -> tuple[Span, ...]:
    context = replace(Context(ListName("gardeners.example.org"), Person("Anna Lind", "anna@example.net")), **more)
    return clean(text, context)


def kinds(text: str, **more: Any) -> list[str]:
    """What every line is: the first letters of its span's kind, "-" where there is none; blank lines left out."""
    names = {"quote": "q", "attribution": "a", "forward_header": "h", "forwarded": "f", "signature": "s", "footer": "t"}
    found = {n: names[s.kind] for s in spans(text, **more) for n in range(s.start, s.end)}
    return [found.get(n, "-") for n, line in enumerate(text.split("\n")) if line.strip()]


@pytest.mark.parametrize(
    ("language", "words", "line"), ATTRIBUTION_WORDS, ids=lambda v: v if isinstance(v, str) else ""
)
def test_an_attribution_is_known_in_every_language(language: str, words: tuple[str, ...], line: str) -> None:
    """Over a marked quote by its structure; by its words where the quote has no marks."""
    assert any(word in line for word in words), language
    assert kinds(f"{OWN}\n\n{line}\n\n> Are the beans up?") == ["-", "a", "q"]


def test_groupwise_quotes_below_arrows() -> None:
    """Its separator looks like a quote three deep; what has no mark below it is one."""
    arrows = ">>> Bo Ek <bo@example.com> 01/02/12 3:04 PM >>>"
    assert kinds(f"{OWN}\n\n{arrows}\nAre the beans up?\nMine are.", reply=True) == ["-", "h", "q", "q"]
    assert kinds(f"{OWN}\n\n{arrows}\n> Are the beans up?", reply=True) == ["-", "h", "q"]
    assert kinds(">>> print(1) >>> 2\n1", reply=True) == ["-", "-"]


INTRODUCED = {
    "wrapped by Gmail": "On Mon, Jan 2, 2012 at 3:04 PM, Bo Ek the Elder <bo.ek.the.elder@example.com>\nwrote:",
    "no verb": "2012/1/2 Bo Ek <bo@example.com>",
    "two header lines": "From: Bo Ek <bo@example.com>\nDate: Mon, 2 Jan 2012 15:04:05 +0100",
    "an address at its end": "u.ek@example.com wrote on Mon,  2 Jan 2012 15:04:05 +0100:",
    "a question of words": "Bo Ek said:",
    "a language without a table": "2012-01-02 15:04 - Bo Ek <bo@example.com> xyzzy:",
}


@pytest.mark.parametrize("name", INTRODUCED)
def test_an_attribution_is_known_by_its_structure(name: str) -> None:
    """A colon, an address or a date, and a quote below."""
    lines = INTRODUCED[name].count("\n") + 1
    assert kinds(f"{OWN}\n\n{INTRODUCED[name]}\n\n> Are the beans up?\n>\n> Bo") == ["-", *"a" * lines, *"qqq"]


def test_an_attribution_without_a_colon_stands_on_its_quote() -> None:
    """As forums write it; the same words in a sentence, or apart from the quote, are the author's."""
    assert kinds(f"{OWN}\n\nBo Ek wrote\n> Are the beans up?") == ["-", "a", "q"]
    assert kinds(f"{OWN}\n\nBo Ek wrote\n\n> Are the beans up?") == ["-", "-", "q"]
    assert kinds("I do not know what to say of all that Bo wrote\n> Are the beans up?") == ["-", "q"]


@pytest.mark.parametrize("mark", ["-" * 7, "‐" * 7])
def test_an_attribution_under_a_separator_introduces_a_quote(mark: str) -> None:
    """As Proton has them: the quote may have marks, and answers below it, or none and run to the end."""
    head = f"{mark} Original Message {mark}\nOn Monday, January 2nd, 2012 at 3:04 PM, Bo Ek <bo@example.com> wrote:\n\n"
    below = f"{head}\n> Are the beans up?\n\nThey are.\n\n-- \nAnna Lind"
    assert kinds(f"{OWN}\n\n{below}", reply=True) == ["-", "h", "a", "q", "-", "s", "s"]
    top = f"{OWN}\n\n-- \nAnna Lind\n\n{head}"
    assert kinds(f"{top}> Are the beans up?", reply=True) == ["-", "s", "s", "h", "a", "q"]
    assert kinds(f"{top}Are the beans up?", reply=True) == ["-", "s", "s", "h", "a", "q"]


def test_an_attribution_over_header_labels_belongs_to_them() -> None:
    """As Yahoo has both: the author's own words end above it."""
    block = "From: Bo Ek <bo@example.com>\nSubject: Beans\nTo: gardeners@example.org\nDate: Monday, January 2, 2012"
    text = f"{OWN}\n\n-- \nAnna Lind\n\n--- On Mon, 1/2/12, Bo Ek <bo@example.com> wrote:\n\n{block}\n\nAre they up?"
    assert kinds(text, reply=True) == ["-", "s", "s", "h", "h", "h", "h", "h", "q"]


def test_a_sentence_above_a_quote_is_not_an_attribution() -> None:
    """What says nothing of a person or a time is the author's."""
    assert kinds("I like this part.\n\n> Are the beans up?") == ["-", "q"]


MARKS = {
    "plain": "> Are they?\n> Bo",
    "nested": ">> Are they?\n> Yes.",
    "indented": " > Are they?\n > Bo",
    "initials": "BE> Are they?\nBE> Bo",
}


@pytest.mark.parametrize("name", MARKS)
def test_quote_marks_of_every_style_are_known(name: str) -> None:
    """Signs at the beginning of lines, with the quoted author's initials or without."""
    assert kinds(f"On 2012-01-02 Bo Ek <bo@example.com> wrote:\n{MARKS[name]}\n\n{OWN}") == ["a", "q", "q", "-"]


def test_an_uncommon_mark_is_known_under_an_attribution() -> None:
    """Bars and colons are much else; under an attribution a run of them is a quote."""
    text = f"On 2012-01-02 15:04, Bo Ek <bo@example.com> wrote:\n| Are they?\n| Bo\n\n{OWN}"
    assert kinds(text) == ["a", "q", "q", "-"]


def test_a_prompt_is_not_a_quote() -> None:
    """Three signs with nothing less deep around them are Python's."""
    assert kinds(f"{OWN}\n\n>>> print(1)\n1") == ["-", "-", "-"]


def test_an_escaped_from_line_is_not_a_quote() -> None:
    """mbox files escape "From " at the beginning of a line."""
    assert kinds(f"{OWN}\n>From the shed.") == ["-", "-"]


def test_an_unmarked_quote_runs_to_the_end() -> None:
    """Gmail on phones gives the attribution and no marks."""
    text = f'{OWN}\n\nOn Dec 30, 2009 3:45 PM, "Bo Ek" <bo@example.com> wrote:\n\nAre the beans up?\n\nBo'
    assert kinds(text) == ["-", "a", "q", "q"]


def test_what_html_structure_has_told_is_kept() -> None:
    """A blockquote's lines are quoted though they have no marks."""
    given = Span("quote", 2, 4, "blockquote")
    assert given in spans(f"{OWN}\n\nAre the beans up?\nBo", spans=(given,))


@pytest.mark.parametrize("row", LABELS, ids=lambda r: r.language)
def test_a_header_block_is_read_in_every_language(row: Labels) -> None:
    """Four labels open a message, with a separator or without, and marked where the separator is not."""
    block = row.example.split("\n")
    fields = forward_at([*block, "", "Text"], 0)
    assert fields is not None
    assert (fields[0], fields[1]["from"][0], fields[1]["style"]) == (4, "A", "outlook")
    assert {"from", "date", "to", "subject", "style"} == set(fields[1])
    marked = forward_at(["Begin forwarded message:", "", *(f"> {line}" for line in block), "> ", "> Text"], 0)
    assert marked is not None
    assert (marked[0], marked[1]["style"]) == (6, "apple")


@pytest.mark.parametrize("phrase", [p for _, phrases in FORWARD_PHRASES for p in phrases])
def test_a_separator_that_says_forward_opens_one(phrase: str) -> None:
    """Between dashes of any number."""
    block = ["From: Bo Ek <bo@example.com>", "Subject: Beans", "", "Are they up?"]
    found = forward_at([f"---------- {phrase.capitalize()} ---------", *block], 0)
    assert found == (3, {"style": "gmail", "from": "Bo Ek <bo@example.com>", "subject": "Beans"})


@pytest.mark.parametrize("phrase", [p for _, phrases in ORIGINAL_PHRASES for p in phrases])
def test_a_separator_that_says_original_may_be_a_reply(phrase: str) -> None:
    """Programs write it for both."""
    found = forward_at([f"-----{phrase.title()}-----", "From: Bo Ek <bo@example.com>"], 0)
    assert found == (2, {"style": "reply", "from": "Bo Ek <bo@example.com>"})


STYLES = {
    "mutt": (
        "----- Forwarded message from Bo Ek <bo@example.com> -----\n\nDate: Mon\n"
        "From: Bo Ek <bo@example.com>\nTo: a,\n\tb",
        6,
    ),
    "thunderbird": (
        "-------- Forwarded Message --------\nSubject: \tBeans\nDate: \tMon\nFrom: \tBo Ek <bo@example.com>",
        4,
    ),
    "lotus": ("----- Forwarded by Anna Lind/Seeds on 02.01.2012 15:04 -----", 1),
    "outlook": (
        "________________________________\nFrom: Bo Ek <bo@example.com>\nSent: Monday\nTo: a; b;\n"
        "c@example.org\nSubject: Beans",
        6,
    ),
}


@pytest.mark.parametrize("style", STYLES)
def test_every_programs_block_is_read(style: str) -> None:
    """With its wrapped values, its blank lines and its line drawn above."""
    block, lines = STYLES[style]
    found = forward_at([*block.split("\n"), "", "Are they up?"], 0)
    assert found is not None
    assert (found[0], found[1]["style"]) == (lines, style)


def test_no_block_is_seen_where_there_is_none() -> None:
    """One label, a rule alone, prose with a colon."""
    for text in (
        "From: the shed\nTo: the beds",
        "--------\n\nText",
        "Note: this\nis it",
        "",
        "---\n a | 2 ++",
        "To be: or not",
    ):
        assert forward_at(text.split("\n"), 0) is None


def test_a_forward_is_marked_to_its_end() -> None:
    """The header block, the message, and the line that closes it; words below are the author's."""
    text = (
        f"{OWN}\n\n----- Forwarded message from Bo Ek <bo@example.com> -----\n\nDate: Mon\n"
        f"From: Bo Ek <bo@example.com>\n\n"
        f"Are they up?\n\n----- End forwarded message -----\n\n{OWN}"
    )
    assert kinds(text) == ["-", *"hhh", "f", "h", "-"]


def test_the_header_of_a_patchs_author_is_not_a_forward() -> None:
    """git writes From:, Date: and Subject: over a message that another person sends."""
    text = "From: Bo Ek <bo@example.com>\nDate: Mon\nSubject: beans\n\nCover them.\n"
    assert kinds(text) == ["-"] * 4


def test_an_original_message_is_a_quote_in_a_reply_and_a_forward_elsewhere() -> None:
    """The separator does not tell; whether the message answers one does."""
    text = f"{OWN}\n\n-----Original Message-----\nFrom: Bo Ek\nSent: Monday\nTo: x\nSubject: Beans\n\nAre they up?"
    assert kinds(text, reply=True) == ["-", *"hhhhh", "q"]
    assert kinds(text) == ["-", *"hhhhh", "f"]


def test_nothing_quoted_is_removed() -> None:
    """The body has every quote, attribution and forward."""
    text = f"{OWN}\n\nOn 2012-01-02 Bo Ek <bo@example.com> wrote:\n> Are the beans up?"
    assert body_of(text, spans(text)) == text
