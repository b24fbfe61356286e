"""Lets a person join two records, or part a letter from one for good, and hands these decisions to the archive."""

import asyncio
from contextlib import closing
from typing import Any

import structlog

from listfold.archive.reader import Reader
from listfold.archive.store import LINK
from listfold.archive.writer import Writer
from listfold.errors import ListfoldError, NotFound, UsageError
from listfold.letters.reader import LettersReader
from listfold.service.config import Settings
from listfold.service.house import House, bonds_in
from listfold.service.purge import fate
from listfold.sqlite import LETTERS

log = structlog.get_logger()


async def fold(house: House, args: dict[str, Any], cwd: str, progress: Any) -> dict[str, Any]:
    """Join two records for good. args: a, b (ids or Message-IDs). Gives the record that both are now."""
    await _quiet(house)
    detail = await asyncio.to_thread(_joined, house.settings, str(args["a"]), str(args["b"]))
    await house.letters.decide("fold", detail["record"], detail)
    return await _follow(house, "fold.done", detail)


async def unfold(house: House, args: dict[str, Any], cwd: str, progress: Any) -> dict[str, Any]:
    """Part a letter from a record for good. args: record, letter. Gives the records that it and the letter are now."""
    await _quiet(house)
    detail = await asyncio.to_thread(_parted, house.settings, str(args["record"]), str(args["letter"]))
    await house.letters.decide("unfold", detail["record"], detail)
    return await _follow(house, "unfold.done", detail)


async def _quiet(house: House) -> None:
    if house.rebuilding:
        raise ListfoldError("a rebuild is under way: decide when it has ended, or end it first")
    await house.settled()


async def _follow(house: House, event: str, detail: dict[str, Any]) -> dict[str, Any]:
    await house.archive.do(Writer.bind, await asyncio.to_thread(bonds_in, house.stored))
    house.publisher.wake()
    await house.settled()
    records = await asyncio.to_thread(_records, house.settings, [detail["these"][0], detail["those"][0]])
    log.info(event, record=detail["record"], records=records)
    return {"records": records}


def _joined(settings: Settings, a: str, b: str) -> dict[str, Any]:
    with Reader(settings.data_dir / LINK) as reader, closing(LettersReader(settings.data_dir / LETTERS)) as stored:
        one, two = _one(reader, stored, a), _one(reader, stored, b)
        if one == two:
            raise UsageError(f"{a} and {b} are one record already")
        if reader.domain(one) != reader.domain(two):
            raise UsageError("a private list folds only with itself")
        these, those = ([name for name, _ in reader.names(record)] for record in (one, two))
    return {"record": one, "with": two, "these": these, "those": those}


def _parted(settings: Settings, any_id: str, letter: str) -> dict[str, Any]:
    with Reader(settings.data_dir / LINK) as reader, closing(LettersReader(settings.data_dir / LETTERS)) as stored:
        record = _one(reader, stored, any_id)
        numbers = {int(letter)} if letter.isdecimal() and len(letter) < 19 else set(_found(stored, letter))
        names = reader.names(record)
        these = list(dict.fromkeys(name for name, number in names if number in numbers))
        those = list(dict.fromkeys(name for name, number in names if number not in numbers))
    if not these:
        raise NotFound(f"record {record} is not in letter {letter}: `listfold show {record}` names its letters")
    if not those:
        raise UsageError(f"record {record} is in no other letter: there is nothing to part it from")
    return {"record": record, "letter": letter, "these": these, "those": those}


def _one(reader: Reader, stored: LettersReader, any_id: str) -> str:
    found = reader.resolve(any_id)
    if not found:
        raise NotFound(f"{any_id}: {fate(stored, reader, any_id)}")
    if len(found) > 1:
        raise UsageError(f"{any_id} means {len(found)} records: name one of {', '.join(found)}")
    return found[0]


def _found(stored: LettersReader, sha256: str) -> list[int]:
    try:
        return stored.find(sha256)
    except ValueError as error:
        raise UsageError(f"{sha256}: a letter is named by its number or its whole sha256") from error


def _records(settings: Settings, names: list[str]) -> list[str]:
    with Reader(settings.data_dir / LINK) as reader:
        return list(dict.fromkeys(record for name in names for record in reader.standing(name)))
