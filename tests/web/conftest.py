"""What the tests of the reader share: the garden's archive, and the reader on a real socket over it."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from listfold.web.app import make_app
from web.garden import BASE, fill, garden, served


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with the garden's letters and a little that is published."""
    where = tmp_path_factory.mktemp("var")
    fill(where, garden())
    digests = where / "public" / "garden.example.org" / "digests"
    digests.mkdir(parents=True)
    for name in ("2015-11-30.html", "2015-W49.html"):
        (digests / name).write_text("<!doctype html><title>Digest</title><h1>Digest</h1>")
    (digests / "2015-11-30.eml").write_text("Subject: digest\n\nx\n")
    (digests / "2015-11-30.json").write_text("{}")
    (digests / "2015-11-30.txt").write_text("Digest\n")
    (where / "public" / "garden.example.org" / "digest.atom").write_text("<feed/>")
    (where / "public" / "garden.example.org" / "messages.json").write_text("{}")
    (where / "public" / "index.html").write_text("<!doctype html><title>Lists</title><h1>All the lists</h1>")
    (where / "public" / "way-out").symlink_to(where)
    return where


@pytest.fixture(scope="session")
def app(data_dir: Path) -> Starlette:
    return make_app(data_dir, BASE)


@pytest.fixture(scope="session")
def url(app: Starlette) -> Iterator[str]:
    with served(app) as address:
        yield address


@pytest.fixture(scope="session")
def client(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url) as one:
        yield one


@pytest.fixture(scope="session")
def ids(data_dir: Path) -> dict[str, str]:
    """Record ids by the letters' names."""
    return {one.message_id.strip("<>").partition("@")[0]: one.id for one in garden()}
