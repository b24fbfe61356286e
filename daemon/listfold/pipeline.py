"""READ THIS FIRST: one letter's way from the durable store into the archive, start to end.

    letters (durable)  --pending-->  a batch  --workers-->  core.read: Readings  --archive.apply-->  records, sightings

A letter is pending while the archive has no progress for it under the present rules, so there is nothing to recover
after a crash: what is pending is read (again). Attempts are committed before a batch goes out. A batch whose worker
dies is read again letter by letter, and only a letter's own deaths count: at three it is marked failed and kept.
When nothing is pending the lists' lessons are drawn, and letters of a list whose footers became known are read again.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import replace

import structlog

from listfold import metrics
from listfold.archive.lessons import Footers
from listfold.archive.store import Archive
from listfold.archive.writer import TRIES, Writer
from listfold.core.control import ALARMS
from listfold.errors import DiskFault
from listfold.letters.reader import LettersReader
from listfold.letters.writer import Letters
from listfold.model import Letter, Reading
from listfold.workers import Workers

log = structlog.get_logger()

BATCH_LETTERS = 192  # in one transaction: what many of them write in the indexes is written once
BATCH_BYTES = 4 * 2**20
LOOKAHEAD = 4096  # pending letters fetched at a time
LEARN_SECONDS = 10.0  # between two looks at what the lists teach
STEP_BACK = 1.0  # seconds between two batches while letters rush in
EXPECTED = 65_536  # letters whose time is taken at once; in a longer queue the first ones tell enough
SETTLE_PAUSE = 0.2  # seconds between batches that are read again


class Pipeline:
    """Reads what is pending, for as long as it runs. `changed` is called after each batch that was applied."""

    def __init__(
        self,
        letters: Letters,
        stored: LettersReader,
        archive: Archive,
        workers: Workers,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._letters = letters
        self._stored = stored
        self._archive = archive
        self._workers = workers
        self._changed = changed
        self._queue: deque[tuple[int, int]] = deque()
        self._flying: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._calm = asyncio.Event()  # nothing was pending or to be settled at the last look
        self._expected: dict[int, float] = {}  # letter -> when it was accepted, while it is on its way
        self._hurry = 0  # who waits for that
        self._learned = 0.0  # when lessons were drawn last
        self._broken: BaseException | None = None
        self._seen = 0  # letters up to here have been looked at
        self._stopping = False
        self._between = asyncio.Lock()  # held while a batch is made ready, and while nothing may be read
        self.read = 0  # letters since the start

    @property
    def pending(self) -> int:
        """Letters known to be waiting or under way."""
        return len(self._queue) + len(self._flying) + self._letters.last - self._seen

    async def run(self) -> None:
        """Read until stopped."""
        self._teach(await self._archive.do(Writer.learned))
        while not self._stopping:
            if self._broken is not None:
                raise self._broken
            if len(self._tasks) >= self._workers.count + 1:  # one batch is made ready while the others are read
                await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
                continue
            await self._step_back()
            async with self._between:
                batch = await self._next()
                if batch:
                    task = asyncio.create_task(self._batch(batch))
                    self._tasks.add(task)
                    task.add_done_callback(self._done)
            if batch:
                continue
            if self._tasks:
                await self._letters.arrived()  # or a batch is done
            elif not await self._settle():
                self._calm.set()
                try:
                    async with asyncio.timeout(LEARN_SECONDS):
                        await self._letters.arrived()
                except TimeoutError:
                    await self._archive.do(Writer.rest)

    def expect(self, letter: int) -> None:
        """Take the time of this letter, accepted now, until it is in the archive. Reading it again does not count."""
        if len(self._expected) < EXPECTED:
            self._expected[letter] = time.monotonic()

    async def _step_back(self) -> None:
        """Leave the processors to the sessions while letters rush in, but for a batch now and then."""
        until = time.monotonic() + STEP_BACK
        while self._letters.rush and time.monotonic() < until and not (self._hurry or self._stopping):
            await asyncio.sleep(SETTLE_PAUSE / 2)

    async def settled(self) -> None:
        """Wait until every letter accepted so far is read, held or failed, and nothing is left to be read again."""
        self._hurry += 1
        try:
            while True:
                self._calm.clear()
                self._letters.wake()
                await self._calm.wait()
                if not self.pending and not self._tasks:
                    return
        finally:
            self._hurry -= 1

    async def _settle(self) -> bool:
        """With nothing pending: draw the lists' lessons, and queue letters that are to be read again; false if none is.

        It takes its time, unless somebody waits for it: new letters go first."""
        now = time.monotonic()
        if self._hurry or now - self._learned >= LEARN_SECONDS:
            self._learned = now
            footers = await self._archive.do(Writer.learn)
            if footers is not None:
                self._teach(footers)
                log.info("footers.learned", lists=len(footers))
        letters = await self._archive.do(Writer.settling, BATCH_LETTERS)
        self._queue.extend((letter, 0) for letter in letters)
        if letters and not self._hurry:
            await asyncio.sleep(SETTLE_PAUSE)
        return bool(letters)

    def _teach(self, footers: Footers) -> None:
        self._workers.rules = replace(self._workers.rules, learned=footers)

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        self._letters.wake()
        if not task.cancelled() and task.exception() is not None:
            self._broken = task.exception()

    async def stop(self) -> None:
        """Finish the batches under way and let the workers go."""
        self._stopping = True
        self._letters.wake()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._workers.close()

    async def between(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do something while no letter is being read, then look at all letters again: rules change like this."""
        async with self._between:
            if self._tasks:
                await asyncio.wait(self._tasks)
            await work()
            self._queue.clear()
            self._seen = 0
        self._letters.wake()

    async def retry(self) -> int:
        """Read the failed letters again; gives how many there were."""
        count = await self._archive.do(Writer.retry)
        self._seen = 0
        self._letters.wake()
        return count

    async def _next(self) -> list[Letter]:
        """The next batch of letters; [] when nothing is pending."""
        if not self._queue:
            last = self._letters.last
            found = await self._archive.do(Writer.pending, last, LOOKAHEAD + len(self._flying))
            self._queue.extend(item for item in found if item[0] not in self._flying)
            if len(found) < LOOKAHEAD + len(self._flying):
                self._seen = last
        ids: list[int] = []
        while self._queue and len(ids) < BATCH_LETTERS:
            letter, attempts = self._queue[0]
            if attempts and ids:
                break
            self._queue.popleft()
            if attempts > TRIES:
                await self._archive.do(Writer.fail, letter, f"the reader process died {TRIES} times at this letter")
                log.error("letter.failed", letter=letter, reason="reader process died", do="listfold retry")
                continue
            ids.append(letter)
            if attempts:  # it was under way when a reader process or the daemon died: alone
                break
        if not ids:
            return []
        self._flying.update(ids)
        batch, left = await asyncio.to_thread(self._stored.batch, ids, BATCH_BYTES)
        self._flying.difference_update(left)
        self._queue.extendleft((letter, 0) for letter in reversed(left))
        gone = sorted({*ids} - {*left} - {letter.id for letter in batch})
        if gone:  # purged since they were found to be pending
            self._flying.difference_update(gone)
            await self._archive.do(Writer.purge, gone, [], self._letters.tombstones.secret)
        return batch or await self._next()

    async def _batch(self, letters: list[Letter]) -> None:
        """Read a batch and apply it; a letter at which the worker died goes back into the queue, to be read alone."""
        ids = [letter.id for letter in letters]
        answers: list[Reading | str] = []
        try:
            answers = await self._workers.read(letters, lambda: self._archive.do(Writer.attempt, ids))
            done: list[tuple[Letter, Reading]] = []
            for letter, answer in zip(letters, answers, strict=False):
                if not isinstance(answer, Reading):
                    await self._fail(letter, answer)
                elif (reading := await self._allowed(letter, answer)) is not None:
                    done.append((letter, reading))
            await self._apply(done)
            left = ids[len(answers) :]
            attempts = await self._archive.do(Writer.attempts, left)
            self._queue.extendleft(zip(reversed(left), reversed(attempts), strict=True))
        finally:
            self._flying.difference_update(ids)
        self.read += len(answers)
        metrics.PENDING.set(self.pending)
        self._changed()

    async def _allowed(self, letter: Letter, reading: Reading) -> Reading | None:
        """The reading, unless it brings back what was purged: then the letter is purged, too (None), or, where that
        would take others' words along, held for a person."""
        if not self._letters.tombstones:
            return reading
        verdicts = [self._letters.tombstones.message(m.message_id, m.body) for m in reading.messages]
        if not any(verdicts):
            return reading
        if verdicts[0] != "same":
            return replace(reading, messages=(), held="purged")
        await self._letters.purge(f"letter {letter.id}", {"reason": "again", "letters": [letter.id]})
        await self._archive.do(Writer.purge, [letter.id], [], self._letters.tombstones.secret)
        await self._letters.erase([letter.id])
        log.info("letter.purged", letter=letter.id, reason="again")
        return None

    async def _apply(self, done: list[tuple[Letter, Reading]]) -> None:
        """Apply readings in one transaction; should one of them break it, find it by applying them one by one."""
        if not done:
            return
        try:
            await self._archive.do(Writer.apply, done)
            self._arrived(done)
            _tell(done)
        except DiskFault:
            raise  # no letter's fault: all of them are read again when there is room
        except Exception as error:
            if len(done) == 1:
                log.exception("letter.unplaced", letter=done[0][0].id)
                await self._fail(done[0][0], f"{type(error).__name__}: {error}")
                return
            for item in done:
                await self._apply([item])

    def _arrived(self, done: list[tuple[Letter, Reading]]) -> None:
        for letter, _ in done:
            if (since := self._expected.pop(letter.id, None)) is not None:
                metrics.ARCHIVED.observe(time.monotonic() - since)

    async def _fail(self, letter: Letter, detail: str) -> None:
        await self._archive.do(Writer.fail, letter.id, detail)
        log.error("letter.failed", letter=letter.id, reason=detail.strip().rpartition("\n")[2], do="listfold retry")


def _tell(done: list[tuple[Letter, Reading]]) -> None:
    """Count what is held; a notice that our membership ends is an alarm at once, or the archive just stops."""
    for letter, reading in done:
        if not reading.held:
            continue
        metrics.HELD.labels(reading.held).inc()
        if reading.held in ALARMS:
            metrics.ALARMS.inc()
            do = "look at `listfold held`, then see to the subscription at the list"
            log.error("membership.alarm", letter=letter.id, reason=reading.held, to=list(letter.recipients), do=do)
