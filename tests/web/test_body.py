"""A record's text in the blocks that a page shows."""

from dataclasses import replace

import pytest

from listfold.model import Letter, Record, Span, record_of
from listfold.web.body import FRAME, MAX_SHOWN, lay_out
from web.garden import FROST, FROST_SPANS, message


def record(text: str, *spans: Span) -> Record:
    return record_of(Letter(b"", "smtp", 0), replace(message("x", text), spans=spans))


def test_prose_is_joined_so_that_it_wraps_on_a_phone() -> None:
    line = "A line that some mail program broke at the usual column"
    (block,) = lay_out(record(f"{line}\n{line}\nand its end.")).blocks
    assert (block.kind, str(block.html)) == ("prose", f"{line} {line} and its end.")


def test_chinese_prose_is_joined_without_blanks() -> None:
    line = "这是一个很长的句子它被邮件程序断开了所以我们把它接起来再给人看"
    (block,) = lay_out(record(f"{line}\n{line}")).blocks
    assert str(block.html) == line + line


def test_short_lines_are_kept_as_they_were_set() -> None:
    (block,) = lay_out(record("Roses are red,\nviolets are blue")).blocks
    assert (block.kind, str(block.html)) == ("prose", "Roses are red,\nviolets are blue")


def test_a_list_keeps_its_items() -> None:
    item = "- an item that some mail program left at the usual column"
    (block,) = lay_out(record(f"{item}\n{item}")).blocks
    assert str(block.html) == f"{item}\n{item}"


def test_trailers_keep_their_lines() -> None:
    text = "Signed-off-by: Ann Example of the Gardeners at the valley\nAcked-by: Bob Grower"
    assert str(lay_out(record(text)).blocks[0].html) == text


def test_lines_that_a_program_marked_are_a_quote_even_if_no_rule_says_so() -> None:
    assert [block.kind for block in lay_out(record("Yes.\n> Frost?")).blocks] == ["prose", "quote"]


def test_a_table_keeps_its_columns() -> None:
    (block,) = lay_out(record("spade    3.20\nrake     4.10")).blocks
    assert block.kind == "pre"


def test_a_quote_is_one_block_that_names_who_is_quoted() -> None:
    kinds = [(block.kind, block.summary) for block in lay_out(record(FROST, *FROST_SPANS)).blocks]
    assert kinds == [("prose", ""), ("quote", "On Sun, 29 Nov 2015, Bob wrote · 2 lines"), ("prose", "")]


def test_an_attribution_may_wrap_and_have_a_blank_line_under_it() -> None:
    text = "On Sun, 29 Nov 2015 at 09:30,\nBob wrote:\n\n> Frost?"
    body = lay_out(record(text, Span("attribution", 0, 2, "wrote"), Span("quote", 3, 4, "prefix")))
    assert [block.summary for block in body.blocks] == ["On Sun, 29 Nov 2015 at 09:30, Bob wrote · 1 line"]


def test_a_short_quote_that_is_answered_stays_open() -> None:
    text = "> Frost?\n\nNo."
    assert [b.open for b in lay_out(record(text, Span("quote", 0, 1, "prefix"))).blocks] == [True, False]


def test_a_quote_that_nothing_follows_is_folded() -> None:
    text = "No.\n\n> Frost?"
    assert [b.open for b in lay_out(record(text, Span("quote", 2, 3, "prefix"))).blocks] == [False, False]


def test_a_long_quote_is_folded() -> None:
    text = "> Frost?\n" * 20 + "No."
    assert not lay_out(record(text, Span("quote", 0, 20, "prefix"))).blocks[0].open


def test_cut_parts_are_named_and_not_shown() -> None:
    body = lay_out(record(FROST, *FROST_SPANS))
    assert body.cuts == ("signature, 2 lines", "footer of the list, 3 lines")
    assert "SECRETTOKEN" not in "".join(str(block.html) for block in body.blocks)


def test_a_cut_line_stays_cut_where_spans_overlap() -> None:
    text = "> quoted\n> footer with a token"
    body = lay_out(record(text, Span("footer", 1, 2, "mailman2"), Span("quote", 0, 2, "prefix")))
    assert "token" not in "".join(str(block.html) for block in body.blocks)


def test_an_unsure_cut_stays_in_the_body() -> None:
    """As the record's body has it: a span below the confidence to cut is marked only."""
    body = lay_out(record("Text\n\nBob", Span("signature", 2, 3, "guess", 0.3)))
    assert [str(block.html) for block in body.blocks] == ["Text", "Bob"]


def test_a_patch_is_coloured_and_a_long_one_folded() -> None:
    patch = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+new"
    (_, short) = lay_out(record("Fix it.\n" + patch)).blocks
    (_, long) = lay_out(record("Fix it.\n" + patch + "\n+more" * 60)).blocks
    assert (short.kind, short.open, long.open) == ("patch", True, False)
    assert '<span class="minus">-old</span>' in short.html


def test_a_huge_letter_is_cut_at_whole_lines_and_says_how_many_are_left() -> None:
    body = lay_out(record("word\n" * 1000), limit=50)
    assert body.left_out == 991
    assert sum(block.lines for block in body.blocks) == 10


def test_an_empty_text_has_no_blocks() -> None:
    assert lay_out(record("")).blocks == ()
    assert lay_out(record("\n \n", Span("quote", 0, 9, "prefix"))).blocks == ()


def test_no_text_makes_a_page_too_big() -> None:
    """Each kind of line that grows when it becomes HTML, 200 kB of it."""
    patch = "diff --git a/x b/x\n--- a/x\n+++ b/x\n"
    for line in ("+\n", "&&&&&&&&&&\n", "http://e.org/\n", "\u6f22\u5b57\n", "<>\"'" * 50):
        body = lay_out(record(patch + line * (200_000 // len(line))))
        assert sum(len(str(block.html).encode()) for block in body.blocks) <= 60_000
        assert body.left_out


@pytest.mark.parametrize("part", ["> a\nb\n\n", "On Mon, 1 Jan 2015, x wrote:\n> a\n", "> a\n\n"])
def test_many_small_parts_stay_within_the_page(part: str) -> None:
    """What stands around each part takes room, too; what has none is counted and not laid out."""
    body = lay_out(record(part * 15_000))
    assert sum(len(block.html) + FRAME for block in body.blocks) <= MAX_SHOWN + FRAME
    assert body.left_out > 10_000
