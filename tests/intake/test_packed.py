"""tar and zip: their members are read as files are, nothing is written under their names, bombs are bounded."""

import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import pytest
import zstandard

from listfold.intake import files
from listfold.intake.files import Located, Unreadable, located
from listfold.intake.packed import is_tar
from listfold.model import Letter

FROM = b"From anna at example.org  Tue Dec  1 05:01:53 2015\n"


def letter(n: int) -> bytes:
    return b"From: anna@example.org\nSubject: %d\nMessage-ID: <%d@example.org>\n\nHello %d\n" % (n, n, n)


MEMBERS = {
    "old/2015.mbox": FROM + letter(1) + b"\n" + FROM + letter(2) + b"\n",
    "old/2016.mbox.gz": gzip.compress(FROM + letter(3) + b"\n"),
    "list/cur/1.a:2,S": letter(4),
    "list/tmp/2.b": letter(90),
    "list/.hidden": letter(91),
    "../../etc/escape.eml": letter(5),
    "/absolute.eml": letter(6),
    "n" * 180 + "/deep.eml": letter(7),
    "picture.png": b"\x89PNG\r\n\x1a\n" + b"\0" * 300,
}
EXPECTED = [letter(n) for n in range(1, 8)]


def tar(form: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as box:
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        box.addfile(link)
        for name, content in MEMBERS.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            box.addfile(info, io.BytesIO(content))
    return out.getvalue()


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as box:
        for name, content in MEMBERS.items():
            box.writestr(name, content)
    return out.getvalue()


def read(path: Path, content: bytes) -> list[Located]:
    path.write_bytes(content)
    return list(located([str(path)]))


def raws(found: list[Located]) -> list[bytes]:
    return [item.found.raw for item in found if isinstance(item.found, Letter)]


def reasons(found: list[Located]) -> list[str]:
    return [item.found.reason for item in found if isinstance(item.found, Unreadable)]


@pytest.mark.parametrize(
    "content",
    [
        tar(),
        tar(tarfile.GNU_FORMAT),
        gzip.compress(tar()),
        zstandard.compress(tar()),
        zipped(),
        gzip.compress(zipped()),
    ],
    ids=["pax", "gnu", "tar.gz", "tar.zst", "zip", "zip.gz"],
)
def test_members_are_read_as_files_are(tmp_path: Path, content: bytes) -> None:
    """An mbox, a compressed one, a Maildir's letter, whatever the name; links, hidden names and tmp are passed over,
    what is no mail is told with its name, and nothing is written anywhere."""
    found = read(tmp_path / "old", content)
    assert raws(found) == EXPECTED
    assert [item.file.rpartition(":")[2] for item in found if isinstance(item.found, Unreadable)] == ["picture.png"]
    assert [path.name for path in tmp_path.iterdir()] == ["old"]
    assert not Path("/absolute.eml").exists()


def test_an_archive_in_an_archive(tmp_path: Path) -> None:
    """Opened, to a depth of two."""
    content = zipped()
    for n in range(3):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as box:
            box.writestr(f"{n}.zip", content)
        content = out.getvalue()
        found = read(tmp_path / "old.zip", content)
        assert bool(raws(found)) == (n < 1), n


@pytest.mark.parametrize("cut", [700, 2000, 5300])
def test_a_truncated_tar_keeps_what_came_before(tmp_path: Path, cut: int) -> None:
    """The letters before the damage are read, and the damage is told."""
    found = read(tmp_path / "old.tar", tar()[:cut])
    assert raws(found) == EXPECTED[: len(raws(found))]
    assert reasons(found) != []


def test_damage_in_a_zip_is_told(tmp_path: Path) -> None:
    """A broken member is named; a broken table of contents is the whole file's."""
    whole = zipped()
    at = whole.index(b"old/2016.mbox.gz") + 30
    found = read(tmp_path / "a.zip", whole[:at] + b"\xff\xff" + whole[at + 2 :])
    assert len(raws(found)) >= 2
    assert any("damaged" in reason for reason in reasons(found))
    assert any("damaged" in reason for reason in reasons(read(tmp_path / "b.zip", whole[:400])))


@pytest.mark.parametrize("wrap", ["tar.zst", "zip", "mbox.zst"])
def test_a_bomb_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrap: str) -> None:
    """What unpacks to far more than mail would is given up, and told."""
    monkeypatch.setattr(files, "MAX_UNPACKED", 4 * 2**20)
    monkeypatch.setattr(files, "MAX_RATIO", 10)
    content = FROM + letter(1) + b"A" * 60_000_000
    out = io.BytesIO()
    if wrap == "zip":
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as box:
            box.writestr("a.mbox", content)
        packed = out.getvalue()
    elif wrap == "tar.zst":
        with tarfile.open(fileobj=out, mode="w") as tarred:
            info = tarfile.TarInfo("a.mbox")
            info.size = len(content)
            tarred.addfile(info, io.BytesIO(content))
        packed = zstandard.compress(out.getvalue())
    else:
        packed = zstandard.compress(content)
    found = read(tmp_path / wrap, packed)
    assert raws(found) == []
    assert any("unpacks to more than" in reason for reason in reasons(found))


def test_a_header_that_asks_for_much_gets_nothing(tmp_path: Path) -> None:
    """A long name of gigabytes is not read into memory."""
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 2**33
    found = read(tmp_path / "a.tar", info.tobuf(tarfile.GNU_FORMAT) + b"x" * 1024)
    assert reasons(found) == ["the tar file has a name that is too long"]


def test_only_a_right_checksum_makes_a_tar() -> None:
    """A letter that happens to say "ustar" is a letter."""
    block = bytearray(tar()[:512])
    assert is_tar(bytes(block))
    block[0] ^= 1
    assert not is_tar(bytes(block))
