"""letters: what is accepted is durable, once, and byte for byte; what cannot be kept is refused and leaves nothing."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from listfold.errors import LettersFull, ListfoldError, NotDurable
from listfold.letters.reader import LettersReader, copy
from listfold.letters.schema import MIGRATIONS
from listfold.letters.writer import Letters
from listfold.model import Letter

MAIL = b"From: anna@example.org\r\nTo: gardeners@example.org\r\nSubject: Frost\r\n\r\nIt came early.\r\n"


def letter(raw: bytes = MAIL, recipient: str = "gardeners@example.org") -> Letter:
    return Letter(raw, "smtp", 1_448_946_113, "anna@example.org", (recipient,))


@asynccontextmanager
async def opened(folder: Path, reserve: int = 0) -> AsyncIterator[Letters]:
    letters = await Letters.open(folder / "letters.db", reserve=reserve)
    try:
        yield letters
    finally:
        await letters.close()


def stored(folder: Path) -> list[Letter]:
    reader = LettersReader(folder / "letters.db")
    try:
        return list(reader.all())
    finally:
        reader.close()


@pytest.mark.asyncio
async def test_a_letter_is_in_the_file_when_accept_returns(tmp_path: Path) -> None:
    """Another connection sees it at once, with every byte, while the writer is still open."""
    odd = b"Subject: \xff\x00\r\n\r\nno end of line, a bare \r and a bare \n in it"
    async with opened(tmp_path) as letters:
        answer = await letters.accept(letter(odd))
        found = stored(tmp_path)
    assert (answer.id, answer.new) == (1, True)
    assert [x.raw for x in found] == [odd]
    assert found[0].recipients == ("gardeners@example.org",)
    assert found[0].sender == "anna@example.org"


@pytest.mark.asyncio
async def test_commits_are_fsynced(tmp_path: Path) -> None:
    """WAL and synchronous=FULL, read back from the very connection that writes."""
    async with opened(tmp_path) as letters:
        mode = list(await letters._db.execute_fetchall("PRAGMA journal_mode"))
        sync = list(await letters._db.execute_fetchall("PRAGMA synchronous"))
    assert (mode[0][0], sync[0][0]) == ("wal", 2)


@pytest.mark.asyncio
async def test_the_same_again_is_kept_once_and_counted(tmp_path: Path) -> None:
    """Same bytes but for line ends, same recipients in any order: answered with the first one's number."""
    first = Letter(MAIL, "smtp", 1, "anna@example.org", ("b@example.org", "a@example.org"))
    again = Letter(MAIL.replace(b"\r\n", b"\n"), "lmtp", 2, "", ("A@example.org", "b@example.org"))
    async with opened(tmp_path) as letters:
        one, two = await letters.accept(first), await letters.accept(again)
        elsewhere = await letters.accept(letter(recipient="cooks@example.org"))
    assert (one.id, two.id, two.new, elsewhere.new) == (1, 1, False, True)
    reader = LettersReader(tmp_path / "letters.db")
    assert (reader.count(), reader.installation("again")) == (2, "1")
    reader.close()


@pytest.mark.asyncio
async def test_letters_that_come_together_share_a_commit(tmp_path: Path) -> None:
    """A hundred at once are one transaction or few, and their numbers have no gaps."""
    async with opened(tmp_path) as letters:
        commits = 0
        commit = letters._db.commit

        async def counted() -> None:
            nonlocal commits
            commits += 1
            await commit()

        letters._db.commit = counted  # type: ignore[method-assign]
        answers = await asyncio.gather(*(letters.accept(letter(MAIL + b"%d" % n)) for n in range(100)))
    assert sorted(answer.id for answer in answers) == list(range(1, 101))
    assert commits <= 3


@pytest.mark.asyncio
async def test_twins_in_one_batch_are_one_letter(tmp_path: Path) -> None:
    """Two sessions deliver the same letter at the same moment."""
    async with opened(tmp_path) as letters:
        answers = await asyncio.gather(letters.accept(letter()), letters.accept(letter()))
    assert sorted(answer.new for answer in answers) == [False, True]
    assert len(stored(tmp_path)) == 1


@pytest.mark.asyncio
async def test_a_commit_that_fails_refuses_and_keeps_nothing(tmp_path: Path) -> None:
    """451, nothing kept; the next letter is taken, and no number is lost."""
    async with opened(tmp_path) as letters:
        commit = letters._db.commit

        async def broken() -> None:
            raise sqlite3.OperationalError("disk I/O error")

        letters._db.commit = broken  # type: ignore[method-assign]
        with pytest.raises(NotDurable) as caught:
            await letters.accept(letter())
        letters._db.commit = commit  # type: ignore[method-assign]
        assert caught.value.reply.startswith("451 4.3.0")
        answer = await letters.accept(letter(b"another\r\n"))
    assert answer.id == 1
    assert [x.raw for x in stored(tmp_path)] == [b"another\r\n"]


@pytest.mark.asyncio
async def test_after_a_failed_fsync_nothing_more_is_taken(tmp_path: Path) -> None:
    """The state of the file is unknowable then: refuse, and let the operator look."""
    async with opened(tmp_path) as letters:

        async def broken() -> None:
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorname = "SQLITE_IOERR_FSYNC"
            raise error

        letters._db.commit = broken  # type: ignore[method-assign]
        with pytest.raises(NotDurable):
            await letters.accept(letter())
        assert "SQLITE_IOERR_FSYNC" in letters.broken
        with pytest.raises(NotDurable):
            await letters.accept(letter(b"another\r\n"))


@pytest.mark.asyncio
async def test_one_letter_that_cannot_be_kept_does_not_fail_its_neighbours(tmp_path: Path) -> None:
    """A lone surrogate cannot be bound: that letter is refused, the others of the batch are kept."""
    poison = Letter(MAIL, "smtp", 1, "\ud800@example.org", ("gardeners@example.org",))
    async with opened(tmp_path) as letters:
        answers = await asyncio.gather(
            letters.accept(letter(b"one\r\n")),
            letters.accept(poison),
            letters.accept(letter(b"two\r\n")),
            return_exceptions=True,
        )
    assert isinstance(answers[1], NotDurable)
    assert sorted(x.raw for x in stored(tmp_path)) == [b"one\r\n", b"two\r\n"]


@pytest.mark.asyncio
async def test_a_caller_that_goes_away_does_not_undo_the_commit(tmp_path: Path) -> None:
    """The session is cancelled while its letter waits: the letter is kept all the same."""
    async with opened(tmp_path) as letters:
        task = asyncio.create_task(letters.accept(letter()))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert len(stored(tmp_path)) == 1


@pytest.mark.asyncio
async def test_the_disk_reserve_is_never_used_up(tmp_path: Path) -> None:
    """452 before the disk is full."""
    async with opened(tmp_path, reserve=2**62) as letters:
        with pytest.raises(LettersFull) as caught:
            await letters.accept(letter())
    assert caught.value.reply.startswith("452 4.3.1")


@pytest.mark.asyncio
async def test_numbers_go_on_after_a_restart(tmp_path: Path) -> None:
    """Dense, in the order of acceptance."""
    async with opened(tmp_path) as letters:
        await letters.accept(letter(b"one\r\n"))
    async with opened(tmp_path) as letters:
        answer = await letters.accept(letter(b"two\r\n"))
    assert answer.id == 2


@pytest.mark.asyncio
async def test_a_newer_file_is_left_alone(tmp_path: Path) -> None:
    """An old listfold must not write into what it does not know."""
    async with opened(tmp_path):
        pass
    db = sqlite3.connect(tmp_path / "letters.db")
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(ListfoldError, match="schema 99"):
        await Letters.open(tmp_path / "letters.db")


@pytest.mark.asyncio
async def test_check_names_the_letter_whose_bytes_changed(tmp_path: Path) -> None:
    """verify decodes every raw letter and compares it with its hash."""
    async with opened(tmp_path) as letters:
        await letters.accept(letter(b"one\r\n"))
        await letters.accept(letter(b"two\r\n"))
    db = sqlite3.connect(tmp_path / "letters.db")
    db.execute("UPDATE letter SET raw = (SELECT raw FROM letter WHERE id = 1) WHERE id = 2")
    db.commit()
    db.close()
    reader = LettersReader(tmp_path / "letters.db")
    assert list(reader.check()) == ["letter 2: raw is not what was accepted"]
    reader.close()


@pytest.mark.asyncio
async def test_a_copy_is_whole_beside_the_writer(tmp_path: Path) -> None:
    """A backup taken while the WAL holds everything."""
    async with opened(tmp_path) as letters:
        await letters.accept(letter())
        copy(tmp_path / "letters.db", tmp_path / "copy.db")
    reader = LettersReader(tmp_path / "copy.db")
    assert [x.raw for x in reader.all()] == [MAIL]
    reader.close()


@pytest.mark.asyncio
async def test_an_older_file_is_copied_before_it_is_migrated(tmp_path: Path) -> None:
    """An upgrade that went wrong can be taken back: the file as it was stands beside the new one."""
    path = tmp_path / "letters.db"
    db = sqlite3.connect(path)
    db.executescript(f"{MIGRATIONS[0]} INSERT INTO installation VALUES ('tag', 'x'); PRAGMA user_version = 1;")
    db.close()
    async with opened(tmp_path) as letters:
        assert (await letters.accept(letter())).id == 1
    old = sqlite3.connect(tmp_path / "letters.db.schema-1")
    assert old.execute("PRAGMA user_version").fetchone() == (1,)
    assert old.execute("SELECT count(*) FROM letter").fetchone() == (0,)
    old.close()


@pytest.mark.asyncio
async def test_a_rush_is_many_live_letters_in_a_moment(tmp_path: Path) -> None:
    """Then readers and page writers step back; an import is none, however fast it is."""
    async with opened(tmp_path) as letters:
        for n in range(60):
            await letters.accept(Letter(b"n: %d\n\nx\n" % n, "mbox", 0))
        assert not letters.rush
        await asyncio.gather(*(letters.accept(letter(b"n: %d\r\n\r\nx\r\n" % n)) for n in range(60)))
        assert letters.rush
        await asyncio.sleep(0.3)
        assert not letters.rush


@pytest.mark.asyncio
async def test_a_full_disk_does_not_keep_the_store_open(tmp_path: Path) -> None:
    """Nothing can be folded into the file then; it stands in the WAL, and the connection's thread ends all the same."""
    letters = await Letters.open(tmp_path / "letters.db")
    await letters.accept(letter())
    execute = letters._db.execute

    async def full(sql: str, *rest: Any) -> Any:
        if "wal_checkpoint" in sql:
            raise sqlite3.OperationalError("database or disk is full")
        return await execute(sql, *rest)

    letters._db.execute = full  # type: ignore[assignment, method-assign]
    await letters.close()
    assert not [thread for thread in threading.enumerate() if "aiosqlite" in repr(getattr(thread, "_target", ""))]
    assert len(stored(tmp_path)) == 1
