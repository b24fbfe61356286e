"""What templates print, and how."""

import re

import pytest

from listfold.model import Person
from listfold.web.pages import HOUSE, Pages, count, day, moment, size, who

CSS = (HOUSE / "style.css").read_text("utf-8")


def test_a_date_is_shown_at_the_writers_own_clock() -> None:
    assert ">Mon 30 Nov 2015, 22:01 −0700<" in moment(1448946061 + 0, "-0700")
    assert 'datetime="2015-12-01T05:01:01Z"' in moment(1448946061, "-0700")


@pytest.mark.parametrize("offset", [None, "", "-07", "+9999", "-٠٧٠٠", "GMT"])
def test_an_offset_that_no_clock_has_is_read_as_utc(offset: str | None) -> None:
    assert ">Tue 1 Dec 2015, 05:01 UTC<" in moment(1448946061, offset)


@pytest.mark.parametrize("seconds", [None, 2**62, -(2**62), -62135596800])
def test_a_date_outside_the_calendar_is_undated(seconds: int | None) -> None:
    assert day(seconds) == "undated"
    assert moment(seconds, "-1200") == "undated"


def test_people_are_named_by_name_else_by_address() -> None:
    assert [who(Person("Ann", "a@b.org")), who(Person("", "a@b.org")), who(Person())] == ["Ann", "…@b.org", "somebody"]


def test_numbers_are_told_in_words() -> None:
    assert [count(1, "letter"), count(1234, "letter"), count(2, "person", "people")] == [
        "1 letter",
        "1,234 letters",
        "2 people",
    ]
    assert [size(1), size(812), size(14_300), size(2_345_678)] == ["1 byte", "812 bytes", "14 kB", "2.3 MB"]


def test_a_template_that_forgets_everything_still_leaks_no_address() -> None:
    """The wall: what is printed is escaped, mangled and freed of direction overrides by the environment itself."""
    pages = Pages("http://archive.example.org/")
    html = pages._env.from_string("{{ value }}").render(value="\u202e<b> ann.person@example.org")
    assert html == "&lt;b&gt; ann…@example.org"


def ratio(one: str, other: str) -> float:
    """WCAG 2.1 contrast of two #rrggbb."""

    def luminance(colour: str) -> float:
        parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ink", ["ink", "soft", "link", "seen", "accent", "plus", "minus"])
@pytest.mark.parametrize("paper", ["paper", "tint", "card"])
def test_text_has_the_contrast_of_wcag_aa(scheme: int, ink: str, paper: str) -> None:
    blocks = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", blocks[scheme]))
    assert ratio(colours[ink], colours[paper]) >= 4.5
