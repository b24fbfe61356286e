"""intake/files.py: whatever holds letters is opened by looking, and nothing it holds ends the rest."""

import bz2
import gzip
import io
import lzma
import os
import socket
import sys
from pathlib import Path

import pytest
import zstandard

from listfold.intake import files, mbox
from listfold.intake.files import Unreadable, letters
from listfold.model import Letter

FROM = b"From anna at example.org  Tue Dec  1 05:01:53 2015\n"


def letter(n: int, body: bytes = b"Hello\n") -> bytes:
    return b"From: anna at example.org (Anna)\nSubject: %d\nMessage-ID: <%d@example.org>\n\n" % (n, n) + body


def box(*raws: bytes) -> bytes:
    return b"".join(FROM + raw + b"\n" for raw in raws)


def written(path: Path, content: bytes) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return str(path)


def raws(*paths: str) -> list[bytes]:
    found = list(letters(paths))
    assert all(isinstance(one, Letter) for one in found), found
    return [one.raw for one in found if isinstance(one, Letter)]


def unreadable(*paths: str) -> list[Unreadable]:
    return [one for one in letters(paths) if isinstance(one, Unreadable)]


ARTICLE = b"""<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2//EN">
<HTML>
 <HEAD>
   <TITLE> [Gardeners] Early beans
   </TITLE>
 </HEAD>
 <BODY BGCOLOR="#ffffff">
   <H1>[Gardeners] Early beans</H1>
    <B>Anna Example</B>
    <A HREF="mailto:gardeners%40example.org?Subject=Re%3A%20Early%20beans&In-Reply-To=%3C1%40example.org%3E"
       TITLE="[Gardeners] Early beans">anna at example.org
       </A><BR>
    <I>Tue Dec  1 05:01:53 UTC 2015</I>
    <P><UL>
        <LI>Next message: <A HREF="000002.html">[Gardeners] Late beans</A></li>
         <LI> <B>Messages sorted by:</B> <a href="date.html#1">[ date ]</a></LI>
       </UL>
    <HR>
<!--beginarticle-->
<PRE>They are up.
</PRE>
<!--endarticle-->
</BODY></HTML>
"""

AS_TEXT = b"""[Gardeners] Early beans

Anna Example anna at example.org
Tue Dec 1 05:01:53 UTC 2015

  * Previous message: [Gardeners] Late beans
  * Messages sorted by: [ date ] [ thread ] [ subject ] [ author ]
     _________________________________________________________________

They are up.
"""

INDEX = b"""<HTML>
  <HEAD><title>The Gardeners December 2015 Archive by date</title></HEAD>
  <BODY><h1>December 2015 Archives by date</h1>
  <b>Messages sorted by:</b> <a href="thread.html">[ thread ]</a>
  <p><b>Starting:</b> <i>Tue Dec  1 05:01:53 UTC 2015</i><br>
  <A HREF="000001.html">Previous message</A></BODY></HTML>
"""


def test_an_import_says_what_it_is(tmp_path: Path) -> None:
    """A letter of a file has its source, the time of the import and the list it is meant for, and no envelope."""
    path = written(tmp_path / "one", letter(1))
    assert list(letters([path], list_hint="gardeners", now=1448946113)) == [
        Letter(raw=letter(1), source="eml", received=1448946113, list_hint="gardeners")
    ]


@pytest.mark.parametrize(
    ("content", "source"),
    [
        (letter(1), "eml"),
        (b"\xef\xbb\xbf" + letter(1), "eml"),
        (b"\r\n" + letter(1), "eml"),
        (letter(1, b"<html><!--beginarticle--> Messages sorted by: Next message"), "eml"),
        (b"X-Odd: yes\nno field\n\ntext", "eml"),
        (box(letter(1))[:-1], "mbox"),
        (ARTICLE, "pipermail"),
        (AS_TEXT, "pipermail"),
        (b"Re: beans\nAnna\nanna at example.org\nTue Dec  1 05:01:53 2015\n\nUp.\n", "pipermail"),
        (AS_TEXT.replace(b"\n", b"\r\n"), "pipermail"),
    ],
)
def test_content_decides(tmp_path: Path, content: bytes, source: str) -> None:
    """The bytes say what a file is; the name is nothing."""
    (found,) = letters([written(tmp_path / "file.dat", content)])
    assert isinstance(found, Letter)
    assert found.source == source
    assert found.raw == content.removeprefix(FROM)


@pytest.mark.parametrize(
    "content",
    [
        b"\x7fELF\0\0\0",
        b"# Read me\n\nThis is a project.\n",
        b"<html><body>Hello</body></html>",
        b'{"id": 1}\n',
        b"Dear all,\n\nanna at example.org\n\nwrote on\nTue Dec  1 05:01:53 2015 at noon\n",
        INDEX,
    ],
)
def test_what_is_no_mail_is_told(tmp_path: Path, content: bytes) -> None:
    """Something that was named and holds no letter is not passed over in silence."""
    path = written(tmp_path / "file.eml", content)
    assert list(letters([path])) == [Unreadable(path, 0, None, files.NOT_MAIL)]


def test_a_missing_path_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    """A slip in one word costs that word alone."""
    there = written(tmp_path / "there", letter(1))
    missing, after = letters([str(tmp_path / "none"), there])
    assert missing == Unreadable(str(tmp_path / "none"), 0, None, "there is no such file")
    assert isinstance(after, Letter)


@pytest.mark.parametrize("content", [b"", b"\n\n"])
def test_an_empty_file_is_told(tmp_path: Path, content: bytes) -> None:
    """No letter was there."""
    path = written(tmp_path / "empty", content)
    assert list(letters([path])) == [Unreadable(path, 0, None, "an empty message")]


def test_a_folder_is_read_in_order(tmp_path: Path) -> None:
    """Numbers count (2 before 10), hidden files are passed over, folders are walked, kinds may be mixed."""
    for n in (10, 2, 1):
        written(tmp_path / str(n), letter(n))
    written(tmp_path / "more" / "2015-December.txt.gz", gzip.compress(box(letter(11), letter(12))))
    written(tmp_path / "more" / "000001.html", ARTICLE)
    written(tmp_path / ".hidden", letter(99))
    written(tmp_path / ".git-like" / "x.eml", letter(98))
    assert raws(str(tmp_path)) == [letter(1), letter(2), letter(10), ARTICLE, letter(11), letter(12)]


def test_the_indexes_of_a_pipermail_copy_hold_no_letters(tmp_path: Path) -> None:
    """In a folder they are passed over: each of their letters has a page of its own."""
    written(tmp_path / "000001.html", ARTICLE)
    written(tmp_path / "date.html", INDEX)
    assert raws(str(tmp_path)) == [ARTICLE]


def test_an_export_can_be_read_back(tmp_path: Path) -> None:
    """The envelopes.jsonl that stands beside exported letters is no letter that is missing."""
    written(tmp_path / "envelopes.jsonl", b'{"sha256": "00ff", "file": null}\n')
    written(tmp_path / "letters.mbox", box(letter(1)))
    assert raws(str(tmp_path)) == [letter(1)]


def test_a_maildir_is_cur_and_new(tmp_path: Path) -> None:
    """tmp is unfinished; what the mail server keeps beside is its own; whatever lies in cur is a letter."""
    written(tmp_path / "cur" / "1448946113.M1P1.host:2,S", letter(1))
    written(tmp_path / "cur" / "1448946114.M1P1.host:2,", b"no header at all\n")
    written(tmp_path / "new" / "1448946115.M1P1.host", letter(2))
    written(tmp_path / "tmp" / "1448946116.M1P1.host", letter(3)[:9])
    written(tmp_path / "dovecot-uidlist", b"3 V1 N2\n")
    written(tmp_path / "sub" / "cur" / "1448946117.M1P1.host", letter(4))
    found = list(letters([str(tmp_path)]))
    assert [one.raw for one in found if isinstance(one, Letter)] == [
        letter(1),
        b"no header at all\n",
        letter(2),
        letter(4),
    ]
    assert {one.source for one in found if isinstance(one, Letter)} == {"maildir"}
    assert len(found) == 4


def test_links_and_odd_files_do_no_harm(tmp_path: Path) -> None:
    """A link back up is not followed; a link to a letter is; a FIFO would block for ever, so it is told."""
    written(tmp_path / "in" / "1", letter(1))
    (tmp_path / "in" / "2").symlink_to("1")
    (tmp_path / "in" / "up").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "in" / "gone").symlink_to("nowhere")
    os.mkfifo(tmp_path / "in" / "fifo")
    found = list(letters([str(tmp_path)]))
    assert [one.raw for one in found if isinstance(one, Letter)] == [letter(1), letter(1)]
    assert [Path(one.file).name for one in found if isinstance(one, Unreadable)] == ["fifo", "gone"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    """The system's own words tell why."""
    path = written(tmp_path / "secret", letter(1))
    Path(path).chmod(0)
    assert unreadable(path) == [Unreadable(path, 0, None, "Permission denied")]


def test_a_named_socket_is_told(tmp_path: Path) -> None:
    """What cannot be opened is unreadable with the system's words."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(tmp_path / "s"))
        (found,) = letters([str(tmp_path / "s")])
    assert isinstance(found, Unreadable)


@pytest.mark.parametrize("content", [box(letter(1), letter(2)), gzip.compress(box(letter(1), letter(2)))])
def test_stdin(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    """'-' is stdin, whatever comes there."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert raws("-") == [letter(1), letter(2)]


def test_a_pipe_can_be_named(tmp_path: Path) -> None:
    """As a shell's <(…) does."""
    out, into = os.pipe()
    os.write(into, box(letter(1)))
    os.close(into)
    assert raws(f"/proc/self/fd/{out}") == [letter(1)]
    os.close(out)


COMPRESSORS = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lambda data: lzma.compress(data, preset=0),
    "zstd": zstandard.ZstdCompressor(write_checksum=True).compress,  # as zstd(1) does
}
BOX = box(*(letter(n, os.urandom(3000).hex().encode() + b"\n") for n in range(400)))  # beyond one block of bzip2


@pytest.mark.parametrize("name", COMPRESSORS)
def test_compressed(tmp_path: Path, name: str) -> None:
    """Each format is known by its first bytes; several members behind one another are one file."""
    half = BOX.index(b"\nFrom ", len(BOX) // 2) + 1
    parts = [COMPRESSORS[name](part) for part in (BOX[:half], BOX[half:])]
    assert raws(written(tmp_path / "a", b"".join(parts))) == raws(written(tmp_path / "b", BOX))
    assert raws(written(tmp_path / "c", COMPRESSORS[name](letter(1)))) == [letter(1)]


@pytest.mark.parametrize("name", COMPRESSORS)
def test_truncated(tmp_path: Path, name: str) -> None:
    """What was whole before the cut is read; the rest is one unreadable letter with file and place."""
    packed = COMPRESSORS[name](BOX)
    path = written(tmp_path / "cut", packed[: len(packed) // 2])
    found = list(letters([path]))
    assert len(found) > 50
    assert all(isinstance(one, Letter) for one in found[:-1])
    last = found[-1]
    assert isinstance(last, Unreadable)
    assert (last.file, last.reason) == (path, f"the {name} file is truncated")
    assert last.message_id == f"<{len(found) - 1}@example.org>"
    assert BOX[last.offset :].startswith(FROM)


@pytest.mark.parametrize("name", COMPRESSORS)
def test_damaged(tmp_path: Path, name: str) -> None:
    """A flipped bit is told, never an exception."""
    packed = bytearray(COMPRESSORS[name](BOX))
    packed[len(packed) // 2 : len(packed) // 2 + 40] = b"\xff" * 40
    found = list(letters([written(tmp_path / "bad", bytes(packed)), written(tmp_path / "good", letter(1))]))
    faults = [one for one in found if isinstance(one, Unreadable)]
    assert len(faults) >= 1
    assert faults[-1].reason.startswith(f"the {name} file is ")
    assert isinstance(found[-1], Letter)


@pytest.mark.parametrize("name", COMPRESSORS)
@pytest.mark.parametrize("size", [5, 12, 30])
def test_truncated_at_once(tmp_path: Path, name: str, size: int) -> None:
    """A file that ends in its own header."""
    found = unreadable(written(tmp_path / "cut", COMPRESSORS[name](letter(1) * 9)[:size]))
    assert len(found) == 1


def test_padding_behind_gzip_is_nothing(tmp_path: Path) -> None:
    """Tapes pad with zeros; gzip(1) passes over what is behind, too."""
    assert raws(written(tmp_path / "padded", gzip.compress(letter(1)) + b"\0" * 512)) == [letter(1)]


def test_a_letter_above_the_limit_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bomb costs no more than the limit; its header still tells who it was."""
    monkeypatch.setattr(files, "MAX_LETTER", 1 << 20)
    path = written(tmp_path / "bomb.eml.gz", gzip.compress(letter(1, b"\0" * (1 << 24))))
    assert unreadable(path) == [Unreadable(path, 0, "<1@example.org>", mbox.TOO_BIG)]


def test_nothing_is_read_ahead(tmp_path: Path) -> None:
    """Letters come as they are asked for: an import of any size is a stream."""
    found = letters([written(tmp_path / "a", box(letter(1))), str(tmp_path / "later")])
    assert isinstance(next(found), Letter)
    written(tmp_path / "later", letter(2))
    assert isinstance(next(found), Letter)
