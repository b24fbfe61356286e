"""What the changing commands do, in the daemon when it runs and in the command's own process when it does not."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from listfold.archive.counts import Counts
from listfold.errors import NotFound
from listfold.letters.decisions import Kind
from listfold.service import listbook
from listfold.service.house import House

Progress = Callable[[Any], None]


async def publish(house: House, args: dict[str, Any], cwd: str, progress: Progress) -> dict[str, Any]:
    """Write all pages anew."""
    await house.settled()
    return {"pages": await house.publisher.everything()}


async def retry(house: House, args: dict[str, Any], cwd: str, progress: Progress) -> dict[str, Any]:
    """Read the failed letters again."""
    count = await house.pipeline.retry()
    await house.settled()
    return {"retried": count}


async def lists(house: House, args: dict[str, Any], cwd: str, progress: Progress) -> dict[str, Any]:
    """Add a list, give it one more name, or take it off. args: action, name, and private, address, alias.

    Mail for a new address is taken when this returns; letters that it concerns are read again soon after."""
    name = args["name"]
    match args["action"]:
        case "add":
            address = args.get("address") or ""
            rule = listbook.added(house.rules, house.settings, name, private=args["private"], address=address)
        case "alias":
            rule = listbook.aliased(house.rules, name, args["alias"])
        case _:
            rule = listbook.removed(house.rules, name)
    await house.letters.decide("list", rule.id, listbook.detail(rule))
    await house.heed()
    if args.get("settle"):
        await house.settled()
    return {"id": rule.id, "visibility": rule.visibility, "addresses": rule.addresses, "aliases": rule.aliases}


async def held(house: House, args: dict[str, Any], cwd: str, progress: Progress) -> dict[str, Any]:
    """Release held letters into the archive, or discard them: they are kept, and shown no more. args: action, letters.

    Raises NotFound for a letter that is not held; then nothing is decided."""
    kind: Kind = "release" if args["action"] == "release" else "discard"
    waiting = await asyncio.to_thread(_waiting, house.archive.path)
    absent = [letter for letter in args["letters"] if letter not in waiting]
    if absent:
        raise NotFound(f"letter {absent[0]} is not held")
    for letter in args["letters"]:
        await house.letters.decide(kind, str(letter), {})
    await house.heed()
    await house.settled()
    return {kind: args["letters"]}


def _waiting(path: Path) -> set[int]:
    counts = Counts(path)
    try:
        return {letter for letter, _ in counts.waiting("held")}
    finally:
        counts.close()
