"""The reader in a real browser: open, search, unfold, follow, on a phone, in the dark, with the keyboard."""

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from web.browser import Page, chromium, installed
from web.test_routes import PAGES

PROGRAM = installed()
pytestmark = pytest.mark.skipif(not PROGRAM and not os.environ.get("CI"), reason="there is no Chromium here")

# Every text's colour against the nearest background that is painted, as WCAG 2.1 computes it.
CONTRAST = """(() => {
  const parse = c => c.match(/[\\d.]+/g).map(Number);
  const part = v => v / 255 <= .03928 ? v / 255 / 12.92 : ((v / 255 + .055) / 1.055) ** 2.4;
  const lum = ([r, g, b]) => .2126 * part(r) + .7152 * part(g) + .0722 * part(b);
  const back = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] === 1) return c.slice(0, 3); } return [255, 255, 255]; };
  const bad = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) { const e = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !e.getClientRects().length) continue;
    const [a, b] = [lum(parse(getComputedStyle(e).color).slice(0, 3)), lum(back(e))].sort((x, y) => y - x);
    if ((a + .05) / (b + .05) < 4.5) bad.push(walk.currentNode.data.trim()); }
  return bad; })()"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    assert PROGRAM, "CI has to have a Chromium"
    with chromium(PROGRAM, tmp_path_factory.mktemp("profile")) as page:
        yield page


@pytest.fixture
def page(browser: Page) -> Page:
    browser.screen(1200, 900)
    browser.logged.clear()
    browser.asked.clear()
    return browser


def test_pages_load_nothing_from_elsewhere_and_break_no_policy(page: Page, url: str, ids: dict[str, str]) -> None:
    for path in PAGES[:-2]:
        page.open(url + path.format(**ids))
    assert {urlsplit(asked).netloc for asked in page.asked} == {urlsplit(url).netloc}
    assert [text for text in page.logged if "Content Security Policy" in text] == []


def test_search_from_the_box_on_every_page(page: Page, url: str) -> None:
    page.open(f"{url}/-/list/garden.example.org")
    page.click("input[name=q]")
    page.call("Input.insertText", text="frost")
    with page.loading():
        page.key("Enter", 13, "\r")
    assert page.run("location.pathname + location.search") == "/-/search?q=frost"
    assert page.run("document.querySelector('mark').textContent.toLowerCase()") == "frost"


def test_a_quote_folds_and_unfolds_by_a_click(page: Page, url: str, ids: dict[str, str]) -> None:
    page.open(f"{url}/-/record/{ids['answer']}")
    opened = "document.querySelector('details.quote').open"
    shown = "document.querySelector('details.quote blockquote').getClientRects().length > 0"
    assert (page.run(opened), page.run(shown)) == (True, True)
    page.click("details.quote summary")
    assert page.run(opened) is False
    page.click("details.quote summary")
    assert page.run(opened) is True


def test_a_permalink_is_followed_from_a_list_through_its_thread(page: Page, url: str, ids: dict[str, str]) -> None:
    page.open(f"{url}/-/list/bees.example.net")
    with page.loading():
        page.click("ul.rows > li > a")
    with page.loading():
        page.click(f"#r-{ids['answer']} .acts a:last-child")
    assert page.run("location.pathname") == f"/-/record/{ids['answer']}"
    assert page.run("document.querySelector('h1').textContent") == "Frost dates for the upper valley"


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_wider_than_a_phone(page: Page, url: str, ids: dict[str, str], path: str) -> None:
    page.screen(360, 740)
    page.open(url + path.format(**ids))
    assert page.run("document.documentElement.scrollWidth") <= 360


def test_the_measure_of_contrast_finds_what_is_too_pale(page: Page, url: str) -> None:
    page.open(f"{url}/-/lists")
    page.run("document.querySelector('h1').style.color = '#aaaaaa'")
    assert page.run(CONTRAST) == ["Lists"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_the_contrast_of_wcag_aa(page: Page, url: str, ids: dict[str, str], scheme: str) -> None:
    page.screen(1000, 800, scheme)
    for path in PAGES:
        page.open(url + path.format(**ids))
        assert page.run(CONTRAST) == []
    paper = page.run("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, paper[4:-1].split(","))) < 382) == (scheme == "dark")


def test_the_keyboard_comes_first_to_the_skip_link(page: Page, url: str) -> None:
    page.open(f"{url}/-/lists")
    page.key("Tab", 9)
    assert page.run("document.activeElement.className") == "skip"
    page.key("Enter", 13, "\r")
    assert page.run("location.hash") == "#main"
