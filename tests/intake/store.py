"""A store that keeps a letter when the test lets it."""

import asyncio

from intake.door import PATIENCE
from listfold.model import Letter

LETTER = (b"Subject: x", b"", b"body", b".")
RAW = b"Subject: x\r\n\r\nbody\r\n"


class Store:
    """Keeps letters when it is let."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.let = asyncio.Event()
        self.kept: list[Letter] = []

    async def accept(self, letter: Letter) -> bool:
        self.reached.set()
        await asyncio.wait_for(self.let.wait(), PATIENCE)
        self.kept.append(letter)
        return True
