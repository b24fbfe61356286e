"""intake/mbox.py: every dialect is cut into exactly the bytes that were put in."""

import re
from collections.abc import Iterator
from itertools import pairwise

import pytest

from listfold.intake import mbox
from listfold.intake.mbox import pieces, unescaped
from listfold.intake.piece import Damaged, Piece, body_at

FROM = b"From anna@example.org Tue Dec  1 05:01:53 2015\n"


def letter(n: int, body: bytes = b"Hello\n") -> bytes:
    return b"From: Anna <anna@example.org>\nMessage-ID: <%d@example.org>\nSubject: %d\n\n" % (n, n) + body


def box(*raws: bytes, line: bytes = FROM) -> bytes:
    return b"".join(line + raw + b"\n" for raw in raws)


def cut(text: bytes, size: int = 1 << 20) -> list[Piece]:
    return list(pieces(text[at : at + size] for at in range(0, len(text), size)))


def raws(text: bytes, size: int = 1 << 20) -> list[bytes]:
    found = cut(text, size)
    assert [piece.fault for piece in found] == [""] * len(found)
    return [piece.raw for piece in found]


def test_letters_come_out_as_they_were() -> None:
    """Without the From_ line, and without the newline that an mbox puts behind each, the last one's too."""
    put = [letter(1), letter(2, b""), letter(3, b"no line end\n"), letter(4, b"blank lines\n\n\n")]
    assert raws(box(*put)) == put


def test_offsets_are_of_the_from_lines() -> None:
    """A reader of the error finds the place."""
    text = b"\n" + box(letter(1), letter(2))
    assert [text[piece.offset :].startswith(FROM) for piece in cut(text)] == [True, True]


@pytest.mark.parametrize("size", [1, 2, 7, 100, 4096])
def test_chunks_do_not_matter(size: int) -> None:
    """However the stream is cut, the letters are the same."""
    put = [letter(1), letter(2, b"From here on\n\nFrom there\n"), letter(3)]
    assert raws(box(*put), size) == put


def test_a_last_letter_without_its_blank_line() -> None:
    """A file that ends at once after the text loses nothing."""
    assert raws(FROM + letter(1, b"the end")) == [letter(1, b"the end")]
    assert raws(FROM + letter(1, b"the end\n")) == [letter(1, b"the end\n")]


def test_crlf() -> None:
    """An mbox with CRLF line ends keeps them in its letters."""
    put = [letter(1).replace(b"\n", b"\r\n"), letter(2).replace(b"\n", b"\r\n")]
    assert raws(box(*put).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")) == put


@pytest.mark.parametrize(
    "line",
    [
        b"From anna@example.org Tue Dec  1 05:01:53 2015",  # RFC 4155
        b"From anna at example.org  Tue Dec  1 05:01:53 2015",  # Pipermail
        b"From mboxrd@z Thu Jan  1 00:00:00 1970",  # public-inbox
        b"From - Tue Dec 01 05:01:53 2015",  # Mozilla
        b"From anna@example.org Tue Dec  1 05:01:53 UTC 2015",
        b"From anna@example.org Tue Dec  1 05:01 2015 +0100",
        b"From anna Tue Dec  1 05:01:53 2015 remote from host",  # UUCP
        b"From anna@example.org Tue, 1 Dec 2015 05:01:53 +0000 (UTC)",
        b'From "anna maria"@example.org\tTue Dec  1 05:01:53 2015',
    ],
)
def test_from_lines(line: bytes) -> None:
    """All of these begin a letter."""
    assert raws(box(letter(1), letter(2), line=line + b"\n")) == [letter(1), letter(2)]


def test_undated_from_lines() -> None:
    """A file whose first From_ line has no date is cut at such lines, if a field follows."""
    put = [letter(1), letter(2, b"Note\n\nFrom Anna\nwith love\n")]
    assert raws(box(*put, line=b"From anna@example.org\n")) == put


@pytest.mark.parametrize(
    "body",
    [
        b"Hi\n\nFrom the beginning of time, 1 Dec 2015, all was well.\n",  # a sentence
        b"Hi\n\nFrom Tuesday: nothing\nSubject: none\n",  # no date
        b"the log says\nFrom anna@example.org Tue Dec  1 05:01:53 2015\nSubject: a log\n",  # no empty line before
        b"it said\n\nFrom anna@example.org Tue Dec  1 05:01:53 2015\nand that was all\n",  # no field behind
        b"From me to you\n",  # opens the body
        b"\n\nFrom : anna@example.org\n",
    ],
)
def test_sentences_do_not_split(body: bytes) -> None:
    """An unescaped "From " in a body is text unless everything says otherwise."""
    put = [letter(1, body), letter(2)]
    assert raws(box(*put)) == put


def test_empty_messages_are_told() -> None:
    """A From_ line with nothing behind it is no letter; its neighbours are."""
    found = cut(FROM + FROM + letter(1) + b"\n" + FROM + b"\n" + FROM + letter(2))
    assert [(piece.raw.strip(), piece.fault) for piece in found] == [
        (b"", "an empty message"),
        (letter(1).strip(), ""),
        (b"", "an empty message"),
        (letter(2).strip(), ""),
    ]


def escape(raw: bytes, depth: bool) -> bytes:
    """As writers do: mboxrd (depth) marks every `>*From `, mboxo only `From `."""
    at = body_at(raw)
    lines = raw[at:].split(b"\n")
    marked = [b">" + line if (line.lstrip(b">") if depth else line).startswith(b"From ") else line for line in lines]
    return raw[:at] + b"\n".join(marked)


TALK = b"From here on\n>From there\n>>From everywhere\ntext\n\n>From\nFrom: a field\n\nFrom the end\n"


def test_mboxrd_round_trip() -> None:
    """One mark off each escaped line gives the writer's bytes."""
    put = [letter(1, TALK), letter(2, b"text\n>>>>From deep\n")]
    assert raws(box(*(escape(raw, depth=True) for raw in put))) == put


def test_mboxrd_of_public_inbox_needs_no_looking() -> None:
    """Its From_ line says that it is mboxrd: marks go even where they look like a quote."""
    put = [letter(1, b">one\n>From two\n>three\n\n> a\nFrom b\n> c\n"), b"From anna by hand\n>From x\n" + letter(2)]
    line = b"From mboxrd@z Thu Jan  1 00:00:00 1970\n"
    assert raws(box(*(re.sub(rb"^(>*From )", rb">\1", raw, flags=re.MULTILINE) for raw in put), line=line)) == put


def test_mboxo_round_trip() -> None:
    """`>From ` gets its mark off; a quote that has ">From" of its own keeps it."""
    put = [letter(1, b"Hi\n\nFrom here\n\n>Anna wrote this.\n>From now on we do that.\n>>From of old\n>>it was so\n")]
    assert raws(box(*(escape(raw, depth=False) for raw in put))) == put


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b">From the paper:\n> a quote\n", b"From the paper:\n> a quote\n"),  # no `> ` quote's line
        (b"> a\n>From b\n> c\n", b"> a\n>From b\n> c\n"),  # between lines of one quote
        (b">a\n>From b\n", b">a\n>From b\n"),
        (b">> a\n>>From b\n>> c\n", b">> a\n>>From b\n>> c\n"),
        (b"> a\n>>From b\n> c\n", b"> a\n>From b\n> c\n"),  # mboxrd's mark on a quote of depth 1
        (b"\n>From a\n>From b\n\n", b"\nFrom a\nFrom b\n\n"),
        (b"> From a\n", b"> From a\n"),
        (b">Frommage\n", b">Frommage\n"),
    ],
)
def test_marks_are_judged_by_looking(body: bytes, expected: bytes) -> None:
    """The rule table of the module, line by line."""
    assert unescaped(letter(1, body)) == letter(1, expected)


def test_a_header_is_left_alone() -> None:
    """sendmail's old `>From ` line in a header is no escaped body line."""
    raw = b">From anna Tue Dec  1 05:01:53 2015\nSubject: x\n\n>From here\n"
    assert unescaped(raw) == b">From anna Tue Dec  1 05:01:53 2015\nSubject: x\n\nFrom here\n"


def with_length(raw: bytes) -> bytes:
    at = body_at(raw)
    return b"Content-Length: %d\n" % (len(raw) - at) + raw


def test_mboxcl2_needs_no_escapes() -> None:
    """A length that leads to the next From_ line takes a whole mbox into a letter, and marks stay."""
    inner = box(letter(7), letter(8, b"From a\n>From b\n"))
    put = [with_length(letter(1, inner)), with_length(letter(2)), with_length(letter(3, b"no end"))]
    assert raws(box(*put)) == put


def test_mboxcl_is_escaped() -> None:
    """With a length, and every "From " marked, the marks go."""
    put = [with_length(escape(letter(1, b"From here\n"), depth=False)), with_length(letter(2))]
    assert [raw[body_at(raw) :] for raw in raws(box(*put))] == [b"From here\n", b"Hello\n"]


@pytest.mark.parametrize("length", [b"0", b"3", b"99999", b"99999999999", b"-1", b"six"])
def test_a_wrong_length_is_nothing(length: bytes) -> None:
    """Where no From_ line is behind, the From_ lines count."""
    put = [b"Content-Length: %s\n" % length + letter(1, b"Hello, world\n"), letter(2)]
    assert raws(box(*put)) == put


def test_a_forged_length_swallows_nobody() -> None:
    """In a file that does not write lengths, one that jumps over others' letters is a poster's own field."""
    others = box(letter(3), letter(4))
    forged = b"Content-Length: %d\n" % (len(b"Hello\n") + 1 + len(others) - 1) + letter(2)
    put = [letter(1), forged, letter(3), letter(4), letter(5)]
    assert raws(box(*put)) == put


def test_a_letter_that_is_too_big_is_told_and_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its beginning names it; the next letter is whole; memory stays near the limit."""
    monkeypatch.setattr(mbox, "MAX_LETTER", 1 << 20)
    line = b"0123456789" * 7 + b"\n"
    seen = 0

    def stream() -> Iterator[bytes]:
        nonlocal seen
        yield FROM + letter(1) + b"\n" + FROM + letter(2, b"")
        for _ in range(160):
            seen += 1
            yield line * 1000
        yield b"\n" + FROM + letter(3) + b"\n"

    found = list(pieces(stream()))
    assert [piece.raw for piece in (found[0], found[2])] == [letter(1), letter(3)]
    assert found[1].fault.startswith("larger than")
    assert found[1].raw.startswith(letter(2, b""))
    assert len(found[1].raw) < 1 << 18
    assert found[2].offset == len(box(letter(1)) + FROM + letter(2, b"")) + 160 * 1000 * len(line) + 1


def test_damage_ends_the_file_not_the_letters_before() -> None:
    """What was read before is good; the letter in which it happened is told, with what is known of it."""

    def stream() -> Iterator[bytes]:
        yield box(letter(1), letter(2))
        yield FROM + letter(3)[:60]
        raise Damaged("the gzip file is truncated")

    found = list(pieces(stream()))
    assert [piece.fault for piece in found] == ["", "", "the gzip file is truncated"]
    assert found[2].offset == len(box(letter(1), letter(2)))
    assert found[2].raw == letter(3)[:60]


def test_odd_input_costs_linear_time() -> None:
    """Twice the bytes, not four times the work: lines that nearly begin a letter, and marks without end."""
    for odd in (b"\n\nFrom ", b"\n>From ", b"\n" + b">" * 50, b"\nFrom x Tue Dec", b"Content-Length: 1\n"):
        found = cut(FROM + letter(1, odd * 100_000), 1 << 16)
        assert len(found) == 1


def test_separators_are_all_found() -> None:
    """A thousand letters are a thousand letters, in order, and their bytes add up."""
    put = [letter(n, b"x" * n + b"\n") for n in range(1000)]
    found = cut(box(*put), 999)
    assert [piece.raw for piece in found] == put
    assert all(b.offset - a.offset == len(FROM) + len(a.raw) + 1 for a, b in pairwise(found))
