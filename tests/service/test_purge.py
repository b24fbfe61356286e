"""purge: what is taken out is nowhere any more, does not come back, and takes nobody else along unsaid."""

import json
import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import zstandard

from listfold.archive.texts import unpack
from listfold.archive.writer import Writer
from listfold.model import Letter
from listfold.service.config import Settings
from listfold.service.house import open_house
from running import Running, until

TEXT = """\
My doctor says that the hydrangea poisoning explains the quicksilver shivers of last Thursday entirely.
Please nobody tell the zucchinimonger of Bad Beispiel about my unpaid greenhouse bill, either way.
"""
SECRETS = ("quicksilver", "zucchinimonger", "hydrangea", "eve@example.net", "Evelyn")
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


def mail(
    name: str, text: str, *, author: str = "Anna <anna@example.org>", subject: str = "Frost", extra: str = ""
) -> bytes:
    return (
        (
            f"From: {author}\nTo: gardeners@example.org\nSubject: {subject}\nMessage-ID: <{name}@example.org>\n"
            f"Date: Mon, 16 Nov 2026 10:00:00 +0000\nList-Id: <gardeners.example.org>\n{extra}\n{text}"
        )
        .replace("\n", "\r\n")
        .encode()
    )


SECRET_MAIL = mail("secret", TEXT, author="Evelyn <eve@example.net>", subject="My quicksilver shivers")
PLAIN = "The beans are up, the dahlias are not, and the hedgehog has come back to his old place under the logs.\n"
WORDS = ["bean", "row", "leaf", "frost", "soil", "rain", "hedge", "spade", "root", "seed", "bulb", "moss"]
FOOTER = (
    "_______________________________________________\nCooks mailing list\nCooks@example.org\nhttps://example.org/x\n"
)


def said(n: int) -> str:
    """A text of its own for each number."""
    chance = random.Random(n)
    return " ".join(chance.choice(WORDS) + str(chance.randrange(90)) for _ in range(40)) + "\n"


def everything(data: Path) -> bytes:
    """The bytes of every file, of every compressed blob in the stores, and every word of the search index."""
    out = [path.read_bytes() for path in data.rglob("*") if path.is_file()]
    for store in ("letters.db", "archive.db"):
        with closing(sqlite3.connect(data / store)) as db:
            db.execute("ATTACH ? AS letters", (str(data / "letters.db"),))
            for (table,) in db.execute("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE TABLE%'").fetchall():
                for row in db.execute(f"SELECT * FROM {table}"):
                    for value in row:
                        if table == "message" and isinstance(value, bytes) and value.startswith(ZSTD_MAGIC):
                            out.append(unpack(db, row[1], value).encode())
                        elif isinstance(value, bytes) and value.startswith(ZSTD_MAGIC):
                            out.append(zstandard.ZstdDecompressor().decompress(value))
                        else:
                            out.append(str(value).encode("utf-8", "replace"))
            if store == "archive.db":
                db.execute("CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, terms, row)")
                out += [str(row[0]).encode() for row in db.execute("SELECT term FROM temp.words")]
    return b"\n".join(out)


def found(data: Path) -> list[str]:
    held = everything(data).lower()
    return [word for word in SECRETS if word.lower().encode() in held]


def ids(daemon: Running) -> dict[str, str]:
    rows = [json.loads(line) for line in daemon.command("export").splitlines()]
    return {row["message_id"]: row["id"] for row in rows}


def test_a_purged_letter_is_nowhere_any_more(tmp_path: Path) -> None:
    """Sought in every file of the data directory, byte for byte, in every decompressed blob, in the search index's
    words, in pages and feeds, beside the running daemon and after it; its address answers 410."""
    with Running(tmp_path) as daemon:
        for n in range(40):
            daemon.send(mail(f"n{n}", said(n)))
            if n == 20:
                daemon.send(SECRET_MAIL)
        daemon.settled()
        until(lambda: (daemon.data / "public/gardeners.example.org/messages.atom").exists())
        until(lambda: found(daemon.data) == list(SECRETS))
        record = ids(daemon)["<secret@example.org>"]
        (daemon.data / "letters.db.schema-1").write_bytes(SECRET_MAIL)  # as an upgrade leaves it
        report = json.loads(daemon.command("purge", record, "--reason", "she asked", "--json"))
        assert found(daemon.data) == []
        assert report["records"] == [record]
        assert len(report["letters"]) == 1
        with pytest.raises(Exception, match="410"):
            daemon.get(f"/-/record/{record}")
        with pytest.raises(Exception, match="410"):
            daemon.get("/-/mid/secret@example.org")
        atom = daemon.get("/gardeners.example.org/messages.atom")
        assert f"record/{record}" in atom[atom.index("at:deleted-entry") :]
        assert daemon.command("verify") == ""
        status = daemon.status()
        assert (status["letters"]["purged"], status["letters"]["read"], status["records"]) == (1, 40, 40)
        assert '"event": "purge.done"' in daemon.log.read_text() or "purge.done" in daemon.log.read_text()
    assert found(daemon.data) == []


def test_what_was_purged_does_not_come_back(tmp_path: Path) -> None:
    """The same Message-ID in other bytes is not stored; the same text under another Message-ID is taken out again;
    what holds it among other things is held; all are counted. It stays out when the archive is made anew."""
    with Running(tmp_path) as daemon:
        daemon.send(SECRET_MAIL)
        daemon.send(mail("other", PLAIN))
        daemon.settled()
        daemon.command("purge", "<secret@example.org>", "--reason", "she asked")
        box = tmp_path / "again"
        box.mkdir()
        (box / "1.eml").write_bytes(b"Received: from a by b; Mon, 16 Nov 2026 11:00:00 +0000\r\n" + SECRET_MAIL)
        (box / "2.eml").write_bytes(mail("secret-2", TEXT + "\n" + FOOTER, author="Evelyn <eve@example.net>"))
        (box / "3.eml").write_bytes(
            mail("holds", PLAIN * 3 + "\n" + TEXT + "\n" + PLAIN * 3, author="Bob <b@example.org>")
        )
        (box / "4.eml").write_bytes(mail("new", said(1)))
        report = json.loads(daemon.command("import", str(box), "--json"))
        assert (report["found"], report["new"], report["again"], report["purged"], report["held"]) == (4, 3, 1, 2, 1)
        assert "purged" in daemon.command("held")
        assert set(ids(daemon)) == {"<other@example.org>", "<new@example.org>"}
        status = daemon.status()["letters"]
        assert (status["accepted"], status["read"], status["held"], status["purged"]) == (5, 2, 1, 2)
    for file in daemon.data.glob("archive*"):
        file.unlink()
    daemon.command("rebuild")
    with Running(tmp_path) as daemon:
        assert set(ids(daemon)) == {"<other@example.org>", "<new@example.org>"}
        assert daemon.status()["letters"] == status
        assert "she asked" in _error(daemon, "show", "<secret@example.org>")
        with pytest.raises(Exception, match="410"):
            daemon.get("/-/mid/secret@example.org")


def _error(daemon: Running, *words: str) -> str:
    import subprocess
    import sys

    done = subprocess.run(
        [sys.executable, "-m", "listfold", *words, "--config", str(daemon.config)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    return done.stderr


def test_copies_go_along_and_quotes_are_told(tmp_path: Path) -> None:
    """Every letter that shows the record goes, also a forward; what else stood in these alone is named; a reply that
    quotes it stays and is named for the operator. A dry run says all of it and touches nothing."""
    quote = "> " + TEXT.split("\n")[0] + "\n\nOh dear, get well soon. I had the same from the compost heap in March.\n"
    forward = (
        "Look what she writes, this is beyond everything that I have read here in the last twenty years or so.\n\n"
        "---------- Forwarded message ---------\nFrom: Evelyn <eve@example.net>\nDate: Mon, 16 Nov 2026 at 10:00\n"
        "Subject: My quicksilver shivers\nTo: <gardeners@example.org>\n\n" + TEXT
    )
    with Running(tmp_path) as daemon:
        daemon.send(SECRET_MAIL)
        daemon.send(mail("reply", quote, subject="Re: My shivers", extra="In-Reply-To: <secret@example.org>\n"))
        daemon.send(mail("fwd", forward, author="Bob <bob@example.org>", subject="Fwd: My shivers"))
        daemon.send(mail("other", PLAIN))
        daemon.settled()
        known = ids(daemon)
        dry = json.loads(daemon.command("purge", "--author", "EVE@example.net", "--dry-run", "--json"))
        assert ids(daemon) == known
        report = json.loads(daemon.command("purge", "--author", "EVE@example.net", "--reason", "x", "--json"))
        left = ids(daemon)
        assert daemon.command("verify") == ""
    assert dry == report
    assert report["records"] == [known["<secret@example.org>"]]
    assert report["quoted"] == [known["<reply@example.org>"]]
    assert report["also"] == [known[m] for m in known if m == "<fwd@example.org>"]
    assert set(left) == {"<reply@example.org>", "<other@example.org>"}


def test_one_letter_goes_and_its_record_stays(tmp_path: Path) -> None:
    """By its number: the record is still shown by the other letter, and so is its Message-ID."""
    with Running(tmp_path) as daemon:
        daemon.send(mail("one", PLAIN))
        daemon.send(mail("one", PLAIN, extra="X-Loop: gardeners\n"), "other@example.org")
        daemon.settled()
        before = ids(daemon)
        daemon.command("purge", "--letter", "1", "--reason", "twice")
        assert ids(daemon) == before
        assert daemon.status()["letters"]["purged"] == 1
        assert daemon.command("verify") == ""


@pytest.mark.asyncio
@pytest.mark.parametrize("done", ["decided", "taken out of the archive"])
async def test_a_purge_that_was_cut_short_is_carried_out_at_the_next_start(tmp_path: Path, done: str) -> None:
    """Decision, archive, letters: whatever was left to do is done before anything else."""
    settings = Settings(data_dir=tmp_path)
    async with open_house(settings) as house:
        await house.letters.accept(Letter(SECRET_MAIL, "smtp", 1_447_668_000))
        await house.settled()
        assert found(tmp_path) == list(SECRETS)
        await house.letters.purge("letter 1", {"reason": "she asked", "letters": [1]})
        if done != "decided":
            await house.archive.do(Writer.purge, [1], [], house.letters.tombstones.secret)
    async with open_house(settings) as house:
        await house.settled()
        assert found(tmp_path) == []


@pytest.mark.parametrize("words", [(), ("nothing-here",), ("--letter", "77"), ("--author", "x@y.example")])
def test_a_purge_of_nothing_is_an_error(tmp_path: Path, words: tuple[str, ...]) -> None:
    """Nothing named is exit 2, nothing found exit 1; nothing is written."""
    (tmp_path / "one.eml").write_bytes(mail("one", PLAIN))
    config = tmp_path / "listfold.toml"
    config.write_text(f'data_dir = "{tmp_path}/data"\n[smtp]\nmin_free_disk = 0\n')
    from running import command

    command("import", str(tmp_path / "one.eml"), "--config", str(config))
    command("purge", *words, "--reason", "x", "--config", str(config), code=1 if words else 2)
    with closing(sqlite3.connect(tmp_path / "data/letters.db")) as db:
        assert db.execute("SELECT count(*) FROM decision").fetchone() == (0,)
