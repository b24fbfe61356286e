"""The archive that pages read, when it is switched, and before there is one."""

import threading
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from kept import keep
from listfold.archive.store import current, following, switch
from listfold.archive.writer import Writer
from listfold.errors import NotFound
from listfold.model import Letter, New, Reading, Rules
from listfold.web.app import make_app
from listfold.web.readers import Readers
from web.garden import BASE, at, decide, fill, garden, message, served


def test_a_thread_keeps_its_reader_and_shares_it_with_none(data_dir: Path) -> None:
    readers = Readers(data_dir / "archive.db")
    other: list[object] = []
    thread = threading.Thread(target=lambda: (other.append(readers.get()), readers.close()))
    thread.start()
    thread.join()
    assert readers.get() is readers.get()
    assert readers.get() is not other[0]
    readers.close()


def test_before_there_is_an_archive_it_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        Readers(tmp_path / "archive.db").get()


def test_pages_follow_the_archive_when_it_is_switched(tmp_path: Path) -> None:
    """A rebuild writes archive-2.db and moves the link: the next request reads it, with no restart."""
    fill(tmp_path, garden())
    with served(make_app(tmp_path, BASE)) as url, httpx.Client(base_url=url) as client:
        assert "Frost dates" in client.get("/-/list/garden.example.org").text
        fresh = following(tmp_path)
        Writer(fresh, Rules("2"), lambda message, around: New()).close()
        switch(tmp_path, fresh)
        assert client.get("/-/list/garden.example.org").status_code == 404
        assert current(tmp_path) == fresh


def test_a_daemon_that_starts_later_is_read(tmp_path: Path) -> None:
    """A reader that was there first has opened a file that nobody wrote; now somebody does."""
    fill(tmp_path, garden())
    with served(make_app(tmp_path, BASE)) as url, httpx.Client(base_url=url) as client:
        assert client.get("/-/list/garden.example.org").status_code == 200
        with closing(Writer(current(tmp_path), Rules("2"), decide)) as writer:
            number = 77
            late = Letter(b"late", "smtp", at("2015-12-01 09:00"), "", ("in@example.org",), "", number)
            keep(tmp_path, [late])
            writer.apply([(late, Reading(number, "2", (message("late", "Snow on the ridge.", subject="Snow"),)))])
            assert "Snow" in client.get("/-/list/garden.example.org").text


def test_without_an_archive_the_root_tells_how_to_send_a_first_letter(tmp_path: Path) -> None:
    with served(make_app(tmp_path, BASE)) as url, httpx.Client(base_url=url) as client:
        answer = client.get("/")
        assert (answer.status_code, "No mail yet" in answer.text) == (200, True)
        assert [client.get(path).status_code for path in ("/-/lists", "/-/search?q=x")] == [503, 503]
        fill(tmp_path, [message("first", "The first letter.")])
        assert "Gardeners" in client.get("/").text
