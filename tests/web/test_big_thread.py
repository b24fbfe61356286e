"""A thread of five hundred letters: all of them, on pages that stay small and come fast."""

from collections.abc import Iterator

import httpx
import pytest
from lxml import html

from listfold.web.app import make_app
from web.garden import BASE, at, fill, message, served

LETTERS = 500
TEXT = "This letter says something about the frost, and it says it at some length, as letters do. " * 10


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    data_dir = tmp_path_factory.mktemp("big")
    fill(
        data_dir,
        [
            message(
                f"m{n}",
                f"{n} {TEXT}",
                subject="Frost",
                in_reply_to=f"<m{n // 3}@mail.example.org>" if n else "",
                date=at("2015-11-30 12:00") + n,
            )
            for n in range(LETTERS)
        ],
    )
    with served(make_app(data_dir, BASE)) as url, httpx.Client(base_url=url) as one:
        yield one


def test_every_letter_stands_on_one_of_the_pages(client: httpx.Client) -> None:
    seen: list[str] = []
    path = client.get("/-/mid/m0@mail.example.org").headers["location"].replace("/record/", "/thread/")
    while path:
        answer = client.get(path)
        assert len(answer.content) < 100_000
        page = html.fromstring(answer.text)
        seen += page.xpath("//article/@id")
        path = next(iter(page.xpath("//a[@rel='next']/@href")), "")
    assert (len(seen), len(set(seen))) == (LETTERS, LETTERS)


def test_a_letter_of_it_names_its_neighbours_only(client: httpx.Client) -> None:
    answer = client.get("/-/mid/m250@mail.example.org", follow_redirects=True)
    page = html.fromstring(answer.text)
    assert len(page.xpath("//ol[@class='letters brief']/li")) == 40
    assert page.xpath("//ol[@class='letters brief']//strong[@aria-current='page']")
    assert "500 letters" in page.text_content()
    assert len(answer.content) < 100_000
