"""The reader's own pages, over a real archive on a real socket."""

from itertools import pairwise

import httpx
import pytest
from lxml import html

from listfold.archive import search

PAGES = (
    "/-/lists",
    "/-/list/garden.example.org",
    "/-/list/garden.example.org?month=2015-11",
    "/-/list/garden.example.org/missing",
    "/-/thread/{question}",
    "/-/thread/{question}?list=bees.example.net",
    "/-/record/{answer}",
    "/-/record/{hostile}",
    "/-/search?q=frost",
    "/-/search",
    "/-/mid/reused@mail.example.org",
    "/-/nothing",
)


def test_lists_are_shown_with_their_activity(client: httpx.Client) -> None:
    page = html.fromstring(client.get("/-/lists").text)
    assert [h2.text_content() for h2 in page.iter("h2")] == ["Bee Keepers", "Gardeners"]
    assert len(page.xpath("//svg[@role='img'][@aria-label]")) == 2


def test_a_list_page_shows_its_threads_latest_first(client: httpx.Client) -> None:
    page = html.fromstring(client.get("/-/list/bees.example.net").text)
    assert page.xpath("//ul[@class='rows']/li/a//text()") == ["Frost dates for the upper valley", "Hives"]


def test_a_list_page_links_its_issues_and_feeds(client: httpx.Client) -> None:
    page = html.fromstring(client.get("/-/list/garden.example.org").text)
    linked = page.xpath("//table//a/@href")
    assert linked == [f"/garden.example.org/digests/{name}.html" for name in ("2015-W49", "2015-11-30")]
    assert page.xpath("//link[@rel='alternate']/@href")[0] == "/garden.example.org/digest.atom"


def test_a_thread_is_a_tree_with_each_letters_own_words(client: httpx.Client, ids: dict[str, str]) -> None:
    page = html.fromstring(client.get(f"/-/thread/{ids['question']}").text)
    assert page.xpath("//ol[@class='letters']/li/@class") == ["d0", "d1"]
    assert page.xpath("//article/@id") == [f"r-{ids['question']}", f"r-{ids['answer']}"]
    assert "The first frost came early" in page.text_content()


def test_a_list_shows_its_own_frame_of_a_thread(client: httpx.Client, ids: dict[str, str]) -> None:
    page = html.fromstring(client.get(f"/-/thread/{ids['answer']}?list=bees.example.net").text)
    assert page.xpath("//article/@id") == [f"r-{ids['answer']}"]


def test_letters_with_an_absent_parent_stand_under_a_placeholder(client: httpx.Client, ids: dict[str, str]) -> None:
    page = html.fromstring(client.get(f"/-/thread/{ids['orphan one']}").text)
    assert page.xpath("//ol[@class='letters']/li/@class") == ["d0", "d1", "d1"]
    assert "A letter that is not here" in page.text_content()


def test_a_record_shows_where_it_was_seen_and_what_was_said_there(client: httpx.Client, ids: dict[str, str]) -> None:
    page = html.fromstring(client.get(f"/-/record/{ids['answer']}").text)
    seen = [" ".join(li.text_content().split()) for li in page.xpath("//ol[@class='seen']/li")]
    assert seen[0] == "original Gardeners by Ann Example, Mon 30 Nov 2015, 12:00 UTC"
    assert seen[1].startswith("cross-posted Bee Keepers by Carol Keeper")
    assert "Bees care about frost too" in seen[1]


def test_a_record_folds_its_quotes_and_names_its_attachments(client: httpx.Client, ids: dict[str, str]) -> None:
    page = html.fromstring(client.get(f"/-/record/{ids['answer']}").text)
    assert page.xpath("//details/summary/text()") == ["On Sun, 29 Nov 2015, Bob wrote · 2 lines"]
    assert "dahlias <1>.jpg · image/jpeg · 812 kB" in page.text_content()


def test_a_record_is_answered_on_its_list(client: httpx.Client, ids: dict[str, str]) -> None:
    page = html.fromstring(client.get(f"/-/record/{ids['answer']}").text)
    (to,) = page.xpath("//a[starts-with(@href, 'mailto:')]/@href")
    assert to.startswith("mailto:garden@example.org?subject=Re%3A%20Frost%20dates")
    assert to.endswith("In-Reply-To=%3Canswer%40mail.example.org%3E")


def test_a_record_can_be_had_as_plain_text(client: httpx.Client, ids: dict[str, str]) -> None:
    answer = client.get(f"/-/record/{ids['answer']}/text")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert f"Archived-At: <http://archive.example.org/-/record/{ids['answer']}>" in answer.text
    assert "SECRETTOKEN" not in answer.text


def test_search_finds_marks_and_counts(client: httpx.Client) -> None:
    page = html.fromstring(client.get("/-/search?q=frost").text)
    assert page.xpath("string(//p[@role='status'])").split() == ["2", "letters", "match", "frost."]
    assert "frost" in page.xpath("//ol//mark/text()")


def test_search_stays_on_a_list(client: httpx.Client) -> None:
    page = html.fromstring(client.get("/-/search?q=frost&list=bees.example.net&sort=newest").text)
    assert page.xpath("string(//p[@role='status'])").split()[:3] == ["1", "letter", "matches"]
    assert page.xpath("//select/option[@selected]/@value") == ["bees.example.net", "newest"]


@pytest.mark.parametrize(
    "query", ["frost", "from:example frost", "subject:frost -zebra", "frost list:garden.example.org"]
)
def test_search_tells_that_it_did_not_count_to_the_end(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    monkeypatch.setattr(search, "COUNTED", 1)
    page = html.fromstring(client.get("/-/search", params={"q": query}).text)
    assert page.xpath("string(//p[@role='status'])").split()[:5] == ["1", "letters", "or", "more", "match"]
    assert len(page.xpath("//ol[@class='rows hits']/li")) >= 1


@pytest.mark.parametrize("query", ['"', "AND OR NOT", "a:b:c", "*", "(", "-x", "from:", "\x00", "a" * 900, "NEAR(a b)"])
def test_no_query_is_an_error(client: httpx.Client, query: str) -> None:
    assert client.get("/-/search", params={"q": query}).status_code == 200


@pytest.mark.parametrize("form", ["answer@mail.example.org", "<answer@mail.example.org>"])
@pytest.mark.parametrize("door", ["/mid/", "/-/mid/", "/-/record/"])
def test_a_message_id_leads_to_its_record(client: httpx.Client, ids: dict[str, str], door: str, form: str) -> None:
    answer = client.get(door + form.replace("<", "%3C").replace(">", "%3E"), follow_redirects=True)
    assert answer.url.path == f"/-/record/{ids['answer']}"
    assert answer.history[0].status_code == 301


def test_the_message_id_of_a_copy_leads_to_the_record_it_shows(client: httpx.Client, ids: dict[str, str]) -> None:
    answer = client.get("/-/mid/copy@mail.example.net")
    assert (answer.status_code, answer.headers["location"]) == (301, f"/-/record/{ids['answer']}")


def test_a_reused_message_id_gets_a_page_of_choices(client: httpx.Client) -> None:
    answer = client.get("/-/mid/reused@mail.example.org")
    assert answer.status_code == 300
    assert answer.text.count('href="/-/record/') == 2


@pytest.mark.parametrize(
    "path",
    [
        "/-/list/nothing",
        "/-/record/nothing",
        "/-/record/nothing/text",
        "/-/thread/nothing",
        "/-/mid/nothing@example.org",
        "/-/mid/" + "x" * 2000,
        "/-/list/garden.example.org?page=99",
        "/-/list/garden.example.org?page=0",
        "/-/list/garden.example.org?page=-1",
        "/-/list/garden.example.org?page=%D9%A1",
        "/-/list/garden.example.org?month=2015-13",
        "/-/list/garden.example.org?month=1999-01",
        "/-/search?q=x&list=nothing",
        "/-/other",
        "/-/",
    ],
)
def test_what_is_not_there_is_404_with_a_page(client: httpx.Client, path: str) -> None:
    if path == "/-/":
        assert client.get(path).status_code == 200
        return
    answer = client.get(path)
    assert (answer.status_code, "Nothing here" in answer.text) == (404, True)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_sound(client: httpx.Client, ids: dict[str, str], path: str) -> None:
    """One h1, no skipped heading, unique ids, labelled fields, named links, no script, no remote load, under 100 kB."""
    answer = client.get(path.format(**ids))
    page = html.fromstring(answer.text)
    assert len(answer.content) < 100_000
    assert page.get("lang") == "en"
    levels = [int(h.tag[1]) for h in page.xpath("//h1|//h2|//h3|//h4")]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    names = page.xpath("//@id")
    assert len(names) == len(set(names))
    assert {target[1:] for target in page.xpath("//a[starts-with(@href, '#')]/@href")} <= set(names)
    for field in page.xpath("//input|//select"):
        assert field.get("aria-label") or page.xpath(f"//label[@for='{field.get('id')}']")
    assert all(link.text_content().strip() for link in page.iter("a"))
    assert page.xpath("//script|//img|//iframe|//object|//@style|//@onclick|//link[@rel='stylesheet']") == []
    assert page.xpath("//main[@id='main']")
    assert page.xpath("//a[@class='skip'][@href='#main']")


def test_the_link_by_message_id_leads_to_the_record(client: httpx.Client, ids: dict[str, str]) -> None:
    """It is made of a hash: an address in a path is mangled, and leads nowhere."""
    page = html.fromstring(client.get(f"/-/record/{ids['answer']}").text)
    (link,) = page.xpath("//a[text()='By Message-ID']/@href")
    answer = client.get(link)
    assert (answer.status_code, answer.headers["location"]) == (301, f"/-/record/{ids['answer']}")
