"""HTML mail reads like text, and none of it is lost or slow."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.growth import is_linear
from listfold.core.html import MAX_DEPTH, to_text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("<div>One</div><div><br></div><div>Two</div>", "One\n\nTwo"),
        ("One<br>Two &amp; three", "One\nTwo & three"),
        ("<p class=MsoNormal>One</p><p class=MsoNormal>Two</p><p class=MsoNormal>&nbsp;</p>", "One\nTwo"),
        ("<ul><li>a<li>b<ul><li>c</ul></ul>", "* a\n* b\n  * c"),
        ("<ol><li>a</li><li>b</li></ol>", "1. a\n2. b"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a  b\nc"),
        ("<pre>x\n  y</pre>", "x\n  y"),
        ("A<hr>B", "A\n________________________________\nB"),
        ("<p>a <b>b</b>\n <i>c</i></p>", "a b c"),
        ('<img alt="A frog">', "[A frog]"),
    ],
)
def test_layout(markup: str, text: str) -> None:
    """Blocks, breaks, lists, tables, preformatted text and rules become lines."""
    assert to_text(markup) == text


@pytest.mark.parametrize(
    ("link", "text"),
    [
        ('<a href="https://example.org/x">here</a>', "here <https://example.org/x>"),
        ('<a href="https://example.org/">example.org</a>', "example.org"),
        ('<a href="https://www.example.org/x">http://example.org/x</a>', "http://example.org/x"),
        ('<a href="mailto:jo@example.org?subject=x">jo@example.org</a>', "jo@example.org"),
        ('<a href="mailto:jo@example.org">Jo</a>', "Jo <jo@example.org>"),
        ('<a href="javascript:alert(1)">here</a>', "here"),
        ('<a href="#top">top</a>', "top"),
    ],
)
def test_links_show_their_target_when_it_differs(link: str, text: str) -> None:
    """A URL is written behind a link's text unless the text says it."""
    assert to_text(link) == text


def test_quotes_are_prefixed() -> None:
    """Each level of blockquote is one "> " in front of its lines."""
    markup = "<div>Jo wrote:<br></div><blockquote>one<br>two<blockquote>deep</blockquote></blockquote>mine"
    assert to_text(markup) == "Jo wrote:\n> one\n> two\n> > deep\nmine"


def test_indented_block_is_no_quote() -> None:
    """Gmail's "indent more" is a blockquote without a border."""
    assert to_text('<blockquote style="margin:0 0 0 40px;border:none">in</blockquote>') == "in"


def test_signature_separator_keeps_its_space() -> None:
    """ "-- " is found by its space (RFC 3676 4.3)."""
    assert to_text("Hi<br><span>--&nbsp;</span><br>Jo") == to_text("Hi<br><span>-- </span><br>Jo") == "Hi\n-- \nJo"


def test_code_and_hidden_text_are_dropped() -> None:
    """Scripts, styles, titles and what is styled not to be seen are no text."""
    markup = "<title>t</title><style>s</style><script>x</script><div style='display: none'>h</div><p hidden>g</p>seen"
    assert to_text(markup) == "seen"


def test_only_hidden_text_is_shown() -> None:
    """If all is hidden, it is better shown than lost."""
    assert to_text("<div style='display:none'>words</div>") == "words"


@pytest.mark.parametrize("tag", ["div", "blockquote", "span", "table><tr><td"])
@pytest.mark.parametrize("depth", [MAX_DEPTH - 1, 5000])
def test_no_text_is_lost_in_any_depth(tag: str, depth: int) -> None:
    """Text at each level of a nest, and after it, comes out."""
    end = tag.partition(">")[0]
    text = to_text("".join(f"<{tag}>w{n}w " for n in range(depth)) + f"</{end}>" * depth + "after")
    assert [n for n in range(depth) if f"w{n}w" not in text] == []
    assert "after" in text


@pytest.mark.parametrize("markup", ["<!-- never ends, words", "<a href='never ends, words", "1 < 2, words", "<words"])
def test_broken_markup_loses_no_words(markup: str) -> None:
    """What looks like markup and is none stays text."""
    assert "words" in to_text("<b>" + markup)


def test_scan_reads_as_the_tree_does() -> None:
    """Over a cap the same text comes out by another way."""
    markup = (
        "<div>One &amp; <a href='https://example.org/x'>two</a></div><blockquote>q<br>r</blockquote><script>x</script>"
    )
    assert to_text(markup + "<!-- open") == to_text(markup) + "\n<!-- open"


@given(st.text(alphabet="<>/!-ab \"'=&;\n\0", max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_markup_gives_text(markup: str) -> None:
    """No markup is too broken."""
    to_text(markup).encode("utf-8")


HOSTILE: dict[str, Callable[[int], str]] = {
    "nested": lambda n: "<div>" * n,
    "quotes": lambda n: "<blockquote>x " * (n // 10),
    "attributes": lambda n: "<div " + "".join(f"a{i}=1 " for i in range(n)) + ">x",
    "comments": lambda n: "<!--" * n,
    "open tags": lambda n: "<a " * n,
    "scripts": lambda n: "<script>" * n,
    "formatting": lambda n: "<b><p>" * n,
    "fonts": lambda n: "".join(f"<font a{i}>" for i in range(200)) + "x<p>" * n,
    "entities": lambda n: "&amp;" * n,
    "misnested": lambda n: "<span><div></span></div>" * n,
    "less-than": lambda n: "<" * n,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_time_grows_with_the_size(name: str) -> None:
    """Markup made to be slow is read in linear time."""
    assert is_linear(to_text, HOSTILE[name], 5000)
