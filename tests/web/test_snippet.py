"""The passage that a search found."""

from listfold.model import Letter, Record, Span, record_of
from listfold.web.snippet import marked, matcher, snippet
from web.garden import message


def record(text: str, *spans: Span) -> Record:
    return record_of(Letter(b"", "smtp", 0), message("x", text, spans=spans))


def test_the_words_found_are_marked() -> None:
    assert (
        str(snippet(record("The first frost came early."), matcher("FROST")))
        == "The first <mark>frost</mark> came early."
    )


def test_a_long_body_is_shown_around_the_first_match() -> None:
    found = str(snippet(record("word " * 500 + "the frost came " + "word " * 500), matcher("frost")))
    assert "<mark>frost</mark>" in found
    assert found.startswith("… ")
    assert found.endswith(" …")
    assert len(found) < 320


def test_operators_and_excluded_words_are_not_marked() -> None:
    assert str(marked("from ann about frost and rain", matcher("from:ann frost -rain"))) == (
        "from ann about <mark>frost</mark> and rain"
    )


def test_markup_in_a_body_is_text_and_addresses_are_mangled() -> None:
    found = str(snippet(record("<b>frost</b> ann.person@example.org"), matcher("frost")))
    assert "&lt;b&gt;<mark>frost</mark>&lt;/b&gt;" in found
    assert "ann.person@" not in found


def test_words_of_a_script_without_spaces_are_found_inside_a_sentence() -> None:
    assert str(marked("今年霜冻很早", matcher("霜冻"))) == "今年<mark>霜冻</mark>很早"


def test_a_query_of_signs_marks_nothing() -> None:
    assert str(marked("a (b) c", matcher('"(" ) *'))) == "a (b) c"


def test_own_words_are_shown_before_quoted_ones() -> None:
    both = record("> frost here\nand frost there", Span("quote", 0, 1, "prefix"))
    assert str(snippet(both, matcher("frost"))) == "and <mark>frost</mark> there"


def test_a_word_that_only_a_quote_has_is_shown_from_there() -> None:
    quoted = record("> frost here\nWhere?", Span("quote", 0, 1, "prefix"))
    assert str(snippet(quoted, matcher("frost"))) == "<mark>frost</mark> here Where?"
