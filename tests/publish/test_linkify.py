"""Links in strangers' texts."""

import time

import pytest

from listfold.publish.linkify import linkify
from listfold.publish.mangle import public_text


@pytest.mark.parametrize(
    ("text", "href"),
    [
        ("see https://example.org/a?b=1&c=2.", "https://example.org/a?b=1&amp;c=2"),
        ("(https://example.org/wiki/Frost_(cold))", "https://example.org/wiki/Frost_(cold)"),
        ("<https://example.org/>", "https://example.org/"),
        ("HTTPS://EXAMPLE.ORG/X", "HTTPS://EXAMPLE.ORG/X"),
    ],
)
def test_a_web_address_is_a_link(text: str, href: str) -> None:
    """Without the sentence's own punctuation."""
    assert f'<a href="{href}" rel=' in linkify(text)


@pytest.mark.parametrize(
    "text",
    ["javascript:alert(1)", "data:text/html,x", "https://", "http://[::1", "https://user@example.org/", "file:///etc"],
)
def test_nothing_else_is_a_link(text: str) -> None:
    """Other schemes, half addresses, and those with a name before the host."""
    assert "<a" not in linkify(text)


def test_markup_stays_text() -> None:
    """Everything around links is escaped."""
    assert linkify('<b title="x">&') == "&lt;b title=&#34;x&#34;&gt;&amp;"


def test_a_url_with_an_address_is_no_link() -> None:
    """Or the address would stand in it unmangled."""
    shown = linkify(public_text("https://example.org/u?e=anna%40example.com and https://example.org/<x@example.net>"))
    assert "anna" not in shown
    assert "e=an…%40" in shown


def test_links_take_linear_time() -> None:
    """Also for endless brackets."""
    start = time.perf_counter()
    linkify("http://x.org/" + ")" * 200_000 + " http://x.org/a" * 10_000)
    assert time.perf_counter() - start < 2
