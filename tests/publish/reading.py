"""A feed reader for tests: validates every page that it meets, and follows a feed back to its first entry."""

import json
from pathlib import Path
from typing import Any

import feedparser
from jsonschema import Draft202012Validator
from lxml import etree

HERE = Path(__file__).parent
GRAMMAR = etree.RelaxNG(etree.parse(HERE / "atom.rng"))
SCHEMA = Draft202012Validator(json.loads((HERE / "jsonfeed.schema.json").read_text("utf-8")))
MAX = 512 * 1024


def atom(content: bytes) -> Any:
    """One page of Atom, valid by the grammar and well-formed for feedparser."""
    assert len(content) <= MAX
    tree = etree.fromstring(content, etree.XMLParser(resolve_entities=False, huge_tree=False))
    assert GRAMMAR.validate(tree), GRAMMAR.error_log
    read = feedparser.parse(content)
    assert not read.bozo, read.get("bozo_exception")
    assert len(read.entries) == len(tree.findall("{*}entry"))
    assert len({entry.id for entry in read.entries}) == len(read.entries)
    return read


def feed(content: bytes) -> Any:
    """One page of JSON Feed."""
    assert len(content) <= MAX
    read = json.loads(content)
    SCHEMA.validate(read)
    return read


def walk(folder: Path, name: str, base: str) -> list[list[str]]:
    """Entry ids of all pages from the head back, in Atom; the JSON pages beside them hold the same."""
    pages: list[list[str]] = []
    seen: set[str] = set()
    while name:
        assert name not in seen, "the chain of archive pages is a ring"
        seen.add(name)
        read = atom((folder / f"{name}.atom").read_bytes())
        other = feed((folder / f"{name}.json").read_bytes())
        pages.append([entry.id for entry in read.entries])
        assert [item["id"] for item in other["items"]] == pages[-1]
        older = [link.href for link in read.feed.links if link.rel == "prev-archive"]
        assert other.get("next_url", "") == (older[0].removesuffix("atom") + "json" if older else "")
        name = older[0].removeprefix(base).removesuffix(".atom") if older else ""
    return pages
