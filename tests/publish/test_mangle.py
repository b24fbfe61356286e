"""What a stranger's text loses before it is public."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listfold.publish.mangle import clean, clean_line, mangle, public_text

HARVEST = re.compile(r"[\w.+%-]+@[\w-]+\.[^\W\d_]{2}")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Anna <anna.g@example.org> wrote", "Anna <ann…@example.org> wrote"),
        ("mail bo@example.org.", "mail b…@example.org."),
        ("x@example.org", "…@example.org"),
        ("<CAB=abc+d@mail.example.com>", "<CAB…@mail.example.com>"),
        ("mailto:anna@example.org?subject=x", "mailto:an…@example.org?subject=x"),
        ("http://example.org/u?e=anna%40example.com&t=1", "http://example.org/u?e=an…%40example.com&t=1"),
        ("用户名字@例子.公司", "用户…@例子.公司"),
        ("root@[192.0.2.7]", "ro…@[192.0.2.7]"),
        ("Author <author at example.org>", "Author <aut… at example.org>"),
        ("jdoe2 at example.org", "jd… at example.org"),
        ("jdoe2 at\nexample.org", "jd… at\nexample.org"),
        ("anna [at] example.org", "an… [at] example.org"),
        ("one@example.org,two@example.org", "o…@example.org,t…@example.org"),
    ],
)
def test_an_address_cannot_be_harvested(text: str, shown: str) -> None:
    """Plain, in URLs, in Message-IDs, and in the disguises that archives put on them."""
    assert mangle(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "meet me at example.org",
        "https://example.org/@anna/notes",
        "@@ -1,2 +3,4 @@",
        "@decorator",
        "anna@host",
        "a @ b",
    ],
)
def test_what_is_no_address_stays(text: str) -> None:
    """Sentences, handles, patches, shell prompts."""
    assert mangle(text) == text


def test_the_lists_own_address_stays() -> None:
    """Members have to know where to post to."""
    assert mangle("to Gardeners@example.org", {"gardeners@example.org"}) == "to Gardeners@example.org"


def test_an_invisible_character_does_not_hide_an_address() -> None:
    """What looks like an address to a reader is one."""
    assert public_text("an\u200bna@ex\u00adample.org") == "an…@example.org"


@pytest.mark.parametrize("bad", ["\x00", "\x0b", "\x1b", "\x9b", "\u202e", "\u2066", "\ufffe", "\U0001ffff", "\ufeff"])
def test_characters_that_break_or_deceive_go(bad: str) -> None:
    """Controls, overrides of direction, what XML has no place for."""
    assert bad not in clean(f"a{bad}b")


def test_lines_stay_lines() -> None:
    """Every kind of line end becomes LF; a title is one line."""
    assert clean("a\r\nb\rc\u2028d\te") == "a\nb\nc\nd\te"
    assert clean_line(" a\r\n\tb ") == "a b"


def test_scripts_stay_readable() -> None:
    """Arabic with its joiners, Devanagari, accents in two pieces, emoji."""
    text = "می‌خواهم हिन्दी e\u0301 👩‍🌾"
    assert clean(text) == text


def test_stacked_marks_are_thinned() -> None:
    """They would paint over the lines above."""
    assert len(clean("e" + "\u0301" * 50)) < 10


@given(st.text(alphabet=st.sampled_from("ab.@%40 <>\n[]()t+-_=/:…at＠\u200b"), max_size=80))
def test_no_text_whatever_leaves_an_address(text: str) -> None:
    """Nothing in what is shown matches a harvester's pattern."""
    assert not HARVEST.search(public_text(text))


@pytest.mark.parametrize(
    "text", ["a" * 300_000, "a@" * 150_000, " at " * 90_000, "a.b@c." * 50_000, " " * 400_000, "(" * 300_000]
)
def test_time_is_linear(text: str) -> None:
    """A text of 300 kB takes well under a second, whatever is in it."""
    start = time.perf_counter()
    public_text(text)
    assert time.perf_counter() - start < 2
