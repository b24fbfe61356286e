"""The wall: no page, count, search or error shows a private list, an address of a person, or a cut part."""

import httpx
import pytest

from web.test_routes import PAGES

PEOPLE = ("ann.person@", "bob.grower@", "carol.keeper@", "ann.secret@", "ann.person%40", "bob.grower%40")


def every_page(client: httpx.Client, ids: dict[str, str]) -> list[str]:
    paths = [path.format(**ids) for path in PAGES] + [f"/-/record/{one}" for one in ids.values()]
    paths += [f"/-/record/{one}/text" for one in ids.values()] + [f"/-/thread/{one}" for one in ids.values()]
    return [client.get(path, follow_redirects=True).text for path in paths]


def test_no_page_tells_an_address_of_a_person(client: httpx.Client, ids: dict[str, str]) -> None:
    for page in every_page(client, ids):
        assert [one for one in PEOPLE if one in page] == []


def test_no_page_shows_a_footer_or_a_signature(client: httpx.Client, ids: dict[str, str]) -> None:
    for page in every_page(client, ids):
        assert "SECRETTOKEN" not in page
        assert "who signs with" not in page


def test_no_page_knows_a_private_list(client: httpx.Client, ids: dict[str, str]) -> None:
    for page in every_page(client, ids):
        assert "Zanzibar" not in page
        assert "board.example.org" not in page
        assert "Secret Board" not in page


@pytest.mark.parametrize(
    ("private", "absent"),
    [
        ("/-/list/board.example.org", "/-/list/never.example.org"),
        ("/-/list/board.example.org/missing", "/-/list/never.example.org/missing"),
        ("/-/record/{board}", "/-/record/aaaaaaaaaaaaaaaa"),
        ("/-/thread/{board}", "/-/thread/aaaaaaaaaaaaaaaa"),
        ("/-/mid/board@mail.example.org", "/-/mid/never@mail.example.org"),
        ("/-/thread/{question}?list=board.example.org", "/-/thread/{question}?list=never"),
        ("/-/search?q=zanzibar&list=board.example.org", "/-/search?q=zanzibar&list=never"),
    ],
)
def test_a_private_thing_answers_like_one_that_never_was(
    client: httpx.Client, ids: dict[str, str], private: str, absent: str
) -> None:
    one, other = client.get(private.format(**ids)), client.get(absent.format(**ids))
    assert (one.status_code, one.text) == (other.status_code, other.text) == (404, one.text)


def test_search_counts_no_private_letter(client: httpx.Client) -> None:
    assert "No letter matches" in client.get("/-/search?q=zanzibar").text
    assert "No letter matches" in client.get("/-/search?q=takeover+list:board.example.org").text


def test_markup_and_direction_overrides_of_strangers_are_text(client: httpx.Client, ids: dict[str, str]) -> None:
    page = client.get(f"/-/record/{ids['hostile']}").text
    assert "<script" not in page
    assert "<img" not in page
    assert "\u202e" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; gnp.exe" in page
