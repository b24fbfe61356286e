"""What every answer carries, and what machines ask."""

from pathlib import Path

import httpx
import pytest

from listfold.archive.reader import Reader
from listfold.web.app import make_app
from web.garden import BASE, served


@pytest.mark.parametrize(
    "path",
    ["/", "/-/lists", "/-/nothing", "/-/healthz", "/garden.example.org/digest.atom", "/robots.txt", "/-/record/x/text"],
)
def test_every_answer_has_the_safety_headers(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    for rule in ("form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert rule in policy
    assert "script-src" not in policy
    assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer")


def test_the_readers_own_pages_allow_their_own_style_only(client: httpx.Client) -> None:
    policy = client.get("/-/lists").headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "style-src 'sha256-" in policy


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_is_taken_in(client: httpx.Client, method: str) -> None:
    assert [client.request(method, path).status_code for path in ("/", "/-/lists", "/-/search")] == [405] * 3


def test_machines_are_told_whether_it_is_up(data_dir: Path) -> None:
    up = [False]
    with served(make_app(data_dir, BASE, ready=lambda: up[0])) as url, httpx.Client(base_url=url) as client:
        assert (client.get("/-/healthz").text, client.get("/-/readyz").status_code) == ("ok\n", 503)
        up[0] = True
        assert client.get("/-/readyz").text == "ready\n"


def test_counters_are_for_this_machine_only(client: httpx.Client) -> None:
    assert "listfold_letters_accepted_total" in client.get("/-/metrics").text
    for name in ("X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"):
        assert client.get("/-/metrics", headers={name: "127.0.0.1"}).status_code == 404


def test_robots_are_kept_from_search(client: httpx.Client) -> None:
    assert "Disallow: /-/search\n" in client.get("/robots.txt").text


def test_a_fault_is_told_without_detail_and_with_the_headers(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, client: httpx.Client
) -> None:
    def broken(self: Reader) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(Reader, "lists", broken)
    answer = client.get("/-/lists")
    assert (answer.status_code, "secret detail" in answer.text, "Our fault" in answer.text) == (500, False, True)
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_base_url_with_a_path_is_the_root_of_every_link(data_dir: Path) -> None:
    with served(make_app(data_dir, "https://example.org/mail/")) as url, httpx.Client(base_url=url) as client:
        page = client.get("/-/lists").text
        assert 'href="/mail/-/list/garden.example.org"' in page
        assert client.get("/mid/answer@mail.example.org").headers["location"].startswith("/mail/-/mid/")


def test_what_was_purged_is_gone_and_says_so(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Reader, "purged", lambda self, any_id: any_id == "taken@mail.example.org")
    for door in ("/-/mid/", "/-/record/", "/-/thread/"):
        answer = client.get(f"{door}taken@mail.example.org")
        assert (answer.status_code, "Taken down" in answer.text) == (410, True)
    assert client.get("/-/mid/never@mail.example.org").status_code == 404
