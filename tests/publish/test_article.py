"""How a body is laid out and shortened."""

from dataclasses import replace

import pytest

from listfold.core.read import read
from listfold.model import Letter, Record, Rules, Span, record_of
from listfold.publish.article import MAX_OWN, Block, article, body, width


def record(text: str, *spans: Span) -> Record:
    """A record with this text and these spans."""
    letter = Letter(b"From: a@example.org\nList-Id: <x.example.org>\n\nx\n", "mbox", 0, id=1)
    made = record_of(letter, read(letter, Rules()).messages[0])
    return replace(made, text=text, spans=spans)


def blocks(text: str, *spans: Span) -> list[Block]:
    return list(article(body(record(text, *spans))).blocks)


def test_hard_wrapped_prose_is_joined() -> None:
    """A line that was wrapped reads on; one that was broken on purpose stays broken."""
    text = (
        "The valley had its first hard frost on the ninth of October, eleven days\n"
        "before the mean of the last thirty years.\n"
        "\n"
        "Anna\n"
        "Upper Mill"
    )
    assert [b.lines for b in blocks(text)] == [
        ("The valley had its first hard frost on the ninth of October, eleven days before the mean of the last thirty "
         "years.",),
        ("Anna", "Upper Mill"),
    ]  # fmt: skip


def test_an_item_of_a_list_begins_a_line() -> None:
    """Items are not joined into one another; their own continuation is joined to them."""
    text = "- do you cover before or after the first warning, and with\n  what of all\n- has anybody tried leaves"
    first, second = blocks(text)[0].lines
    assert first == "- do you cover before or after the first warning, and with what of all"
    assert second == "- has anybody tried leaves"


def test_a_table_keeps_its_columns() -> None:
    """Runs of spaces inside lines mean columns."""
    text = "station   first    last\nmill      09 Oct   12 May\nridge     24 Oct   02 May"
    assert blocks(text) == [Block("kept", tuple(text.split("\n")), 3)]


def test_a_quote_is_one_block_with_its_attribution() -> None:
    """The attribution names it, one level of > goes."""
    text = "On Friday, Anna wrote:\n\n> one\n> > two\n\nYes."
    found = blocks(text, Span("attribution", 0, 1, "r"), Span("quote", 2, 4, "r"))
    assert found == [
        Block("quote", ("one", "> two"), 2, "On Friday, Anna wrote:"),
        Block("prose", ("Yes.",), 1),
    ]


def test_cut_lines_never_come() -> None:
    """Footer, signature and disclaimer are not in any block; what is only suspected stays."""
    text = "Words.\n-- \nAnna\nhttps://lists.example.org/token/c0ffee\nmaybe"
    spans = (Span("signature", 1, 3, "r"), Span("footer", 3, 4, "r"), Span("footer", 4, 5, "r", 0.2))
    assert [b.lines for b in blocks(text, *spans)] == [("Words.", "maybe")]


def test_a_patch_is_folded_with_its_statistics() -> None:
    """From the diffstat to git's version trailer; the words above stay."""
    text = (
        "It warned too late.\n---\n sensor.py | 2 +-\n 1 file changed\n\ndiff --git a/sensor.py b/sensor.py\n"
        "--- a/sensor.py\n+++ b/sensor.py\n@@ -1 +1 @@\n-    if c < 0:\n+    if c < 2:\n-- \n2.30.2"
    )
    assert [(b.kind, b.label) for b in blocks(text)] == [("prose", ""), ("patch", "sensor.py, +1 −1")]


def test_a_log_is_folded() -> None:
    """Many lines that begin with a time."""
    text = "See:\n\n" + "\n".join(f"2026-01-02 03:0{n}:01 warn t=1" for n in range(8))
    assert [(b.kind, b.total) for b in blocks(text)] == [("prose", 1), ("log", 8)]


def test_an_example_of_two_log_lines_stays() -> None:
    """Short runs read well in place."""
    assert [b.kind for b in blocks("See:\n2026-01-02 03:00:01 a\n2026-01-02 03:00:02 b")] == ["prose"]


def test_a_long_text_is_shortened_and_says_so() -> None:
    """Whole paragraphs go from the end, and `rest` counts lines."""
    found = article(body(record("\n\n".join("word " * 60 for _ in range(100)))))
    assert sum(len(line) for b in found.blocks for line in b.lines) <= MAX_OWN
    assert found.rest > 50


def test_one_endless_line_is_bounded() -> None:
    """A megabyte without a break."""
    found = article(body(record("x" * 1_000_000)))
    assert sum(len(line) for b in found.blocks for line in b.lines) < 10_000
    assert found.rest


def test_an_empty_body_has_no_blocks() -> None:
    """A letter that only carries an attachment."""
    assert article(body(record(""))).blocks == ()


def test_wide_characters_take_two_columns() -> None:
    """As terminals show them; combining marks none."""
    assert (width("frost"), width("初霜"), width("e\u0301")) == (5, 4, 1)


def test_a_field_begins_a_line() -> None:
    """Trailers of a patch stand each on its own line, whatever room the one before has left."""
    text = (
        "Fixes a stall that was seen when the second sensor woke up.\n\n"
        "Signed-off-by: Anna Miller of the Upper Mill\n"
        "Reviewed-by: Bo Lind who keeps the gauges of the Lower Mill\n"
        "Cc: Cy"
    )
    assert [line[:4] for line in blocks(text)[1].lines] == ["Sign", "Revi", "Cc: "]


def test_a_line_that_is_parted_keeps_its_kind() -> None:
    """A form feed is a line break where it is shown, and moves no span."""
    shown = body(record("one\x0ctwo\nthree\nfoot", Span("footer", 2, 3, "r")), lambda text: text.replace("\x0c", "\n"))
    assert (shown.lines, shown.kinds) == (["one", "two", "three"], ["body"] * 3)


@pytest.mark.parametrize(
    "halves", [("田中太郎", "@example.org"), ("jdoe2＠", "例え.example.org"), ("jdoe2@例", "え.example.org")]
)
def test_lines_are_not_joined_into_an_address(halves: tuple[str, str]) -> None:
    """Its halves pass the mangling, line by line; wide characters are joined without a space."""
    text = "これは長い文章です。庭の霜について書きます。谷の庭では十月九日に最初の霜が降りました。" + halves[0]
    (line,) = blocks(f"{text}\n{halves[1]} までご連絡ください。")[0].lines
    assert f"{halves[0]} {halves[1]}" in line
