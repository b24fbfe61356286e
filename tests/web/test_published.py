"""Published files over HTTP, and nothing else on the disk."""

import os
from pathlib import Path

import httpx
import pytest

DIGESTS = "/garden.example.org/digests/2015-11-30"


def test_the_index_is_served_at_the_root(client: httpx.Client) -> None:
    answer = client.get("/")
    assert (answer.status_code, "All the lists" in answer.text) == (200, True)


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        (f"{DIGESTS}.html", "text/html; charset=utf-8"),
        (f"{DIGESTS}.txt", "text/plain; charset=utf-8"),
        (f"{DIGESTS}.json", "application/json"),
        (f"{DIGESTS}.eml", "message/rfc822"),
        ("/garden.example.org/digest.atom", "application/atom+xml"),
        ("/garden.example.org/messages.json", "application/feed+json"),
    ],
)
def test_each_kind_of_file_has_its_media_type(client: httpx.Client, path: str, media_type: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)


def test_a_letter_is_a_download(client: httpx.Client) -> None:
    assert client.get(f"{DIGESTS}.eml").headers["content-disposition"] == 'attachment; filename="2015-11-30.eml"'


def test_what_did_not_change_is_not_sent_again(client: httpx.Client) -> None:
    first = client.get(f"{DIGESTS}.html")
    by_tag = client.get(f"{DIGESTS}.html", headers={"If-None-Match": f'"x", W/{first.headers["etag"]}'})
    by_time = client.get(f"{DIGESTS}.html", headers={"If-Modified-Since": first.headers["last-modified"]})
    assert [(answer.status_code, answer.content) for answer in (by_tag, by_time)] == [(304, b"")] * 2


def test_what_changed_is_sent_again(client: httpx.Client, data_dir: Path) -> None:
    file = data_dir / "public" / "garden.example.org" / "digests" / "2015-11-30.txt"
    tag = client.get(f"{DIGESTS}.txt").headers["etag"]
    os.utime(file, (2_000_000_000, 2_000_000_000))
    assert client.get(f"{DIGESTS}.txt", headers={"If-None-Match": tag}).status_code == 200


def test_a_date_that_is_none_is_no_condition(client: httpx.Client) -> None:
    assert client.get("/", headers={"If-Modified-Since": "soon"}).status_code == 200


def test_head_tells_the_length_without_the_bytes(client: httpx.Client) -> None:
    answer = client.head(f"{DIGESTS}.html")
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["content-length"]) > 0


@pytest.mark.parametrize(
    "path",
    [
        "/../letters.db",
        "/%2e%2e/letters.db",
        "/..%2fletters.db",
        "/garden.example.org/..%2f..%2farchive.db",
        "/way-out/archive.db",
        "/way-out/public/index.html",
        "//etc/passwd",
        "/%00",
        "/.hidden",
        "/garden.example.org/%5c..%5c",
        "/a/b/c/d/e/f/g/h/i/j",
        "/" + "x" * 3000,
        "/%ff%fe",
    ],
)
def test_no_path_leads_out_of_what_is_published(url: str, client: httpx.Client, path: str) -> None:
    """Dots, encoded dots, links on the disk, NUL: all of them are 404 (CVE-2005-0202 is what else happens)."""
    answer = client.get(httpx.URL(url).copy_with(raw_path=path.encode()))
    assert answer.status_code == 404


def test_a_folder_is_its_index(client: httpx.Client, data_dir: Path) -> None:
    (data_dir / "public" / "folder").mkdir(exist_ok=True)
    (data_dir / "public" / "folder" / "index.html").write_text("the folder")
    assert client.get("/folder").headers["location"] == "folder/"
    assert client.get("/folder/").text == "the folder"


def test_a_kind_of_file_that_is_never_published_is_not_served(client: httpx.Client, data_dir: Path) -> None:
    (data_dir / "public" / "x.php").write_text("<?php")
    os.mkfifo(data_dir / "public" / "pipe.html")
    assert [client.get(path).status_code for path in ("/x.php", "/pipe.html")] == [404, 404]
