"""Plain text of a stranger becomes HTML with nothing in it but links."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listfold.web.safetext import line, shown

PIECES = [
    "<",
    ">",
    '"',
    "'",
    "&",
    "javascript:",
    "http://",
    "https://",
    "data:",
    "//",
    "\n",
    "(",
    ")",
    "onclick=",
    "a@b.org",
    "\u202e",
]


class Elements(HTMLParser):
    """What a browser would see: elements, and the attributes of each."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError("a comment")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError("a declaration")


def parsed(html: str) -> Elements:
    parser = Elements()
    parser.feed(html)
    parser.close()
    return parser


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=12))).map("".join))
def test_whatever_the_text_the_html_holds_links_only(text: str) -> None:
    """Property: only `a`, only with an http(s) address and our `rel`; what was markup is text."""
    for tag, attributes in parsed(str(shown(text))).found:
        assert tag == "a"
        assert set(attributes) == {"href", "rel"}
        assert (attributes["href"] or "").lower().startswith(("http://", "https://"))


@pytest.mark.parametrize(
    ("text", "href"),
    [
        ("see http://example.org/a.", "http://example.org/a"),
        ("(http://example.org/a)", "http://example.org/a"),
        ("http://example.org/a_(b)", "http://example.org/a_(b)"),
        ("<https://example.org/?a=1&b=2>", "https://example.org/?a=1&b=2"),
        ("HTTP://EXAMPLE.ORG/x!", "HTTP://EXAMPLE.ORG/x"),
    ],
)
def test_a_web_address_is_linked_without_the_punctuation_around_it(text: str, href: str) -> None:
    found = parsed(str(shown(text))).found
    assert [attributes["href"] for _, attributes in found] == [href]


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "http://",
        "http://user:pass@example.org/",
        "https://example.org/unsubscribe?who=ann.person%40example.org",
        "https://[::1/",
    ],
)
def test_what_is_no_plain_web_address_is_not_linked(text: str) -> None:
    assert parsed(str(shown(text))).found == []


def test_addresses_of_people_are_mangled_around_links() -> None:
    html = str(shown("ann.person@example.org wrote http://example.org/ for bob.grower@example.com"))
    assert "ann.person@" not in html
    assert "bob.grower@" not in html
    assert 'href="http://example.org/"' in html


def test_the_time_grows_with_the_text_and_no_faster() -> None:
    """100 kB made to make matchers backtrack; the suite's time limit is the judge."""
    for text in ("http://" * 15_000, "(" * 50_000 + "http://a/" + ")" * 50_000, "http://a/" + ")." * 50_000):
        assert shown(text)


def test_an_address_at_the_cut_of_a_line_is_mangled() -> None:
    """Half of it would be taken for none."""
    for room in range(20, 45):
        assert "victim@" not in line(f"Words about victim@example.org and others {'x' * 60}", room)
