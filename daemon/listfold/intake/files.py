"""Hands out the letters of files, whatever holds them, and tells of each that cannot be read."""

import re
import sys
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, Literal, cast

from listfold.errors import ListfoldError
from listfold.frozen import dataclass
from listfold.intake import mbox
from listfold.intake.compressed import chunks
from listfold.intake.envelopes import Envelopes, beside
from listfold.intake.folder import places
from listfold.intake.packed import Reader, tar_members, zip_members
from listfold.intake.piece import MAX_LETTER, Damaged, Piece, message_id_of
from listfold.intake.public_inbox import blobs
from listfold.intake.sniff import OPENING, kind_of
from listfold.model import Letter, Source

NOT_MAIL = "this is neither a letter, an mbox nor a Pipermail page"

Found = Literal["named", "file", "maildir", "beside"]


MAX_RATIO = 500  # bytes that may come out of one of a packed file: mail shrinks to a fifth, digits of one kind to 1/200
MAX_UNPACKED = 2**30  # bytes that may come out of any file
MAX_NESTED = 2  # archives in an archive

# Members that are nobody's letters: deliveries that are not finished (maildir(5)), what a Finder adds.
HIDDEN = re.compile(r"(?:^|/)(?:\.(?!\.?/)|tmp/[^/]*$|__MACOSX/)")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something that was named and gave no letter. `offset` counts bytes of the uncompressed file."""

    file: str
    offset: int
    message_id: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Located:
    """A letter, or what was none, with the file and the byte where it stood."""

    file: str
    offset: int
    found: Letter | Unreadable


@dataclass(slots=True)
class Course:
    """How far the reading of files has come, in bytes on disk."""

    total: int = 0
    done: int = 0
    here: int = 0  # of the file that is being read

    @property
    def part(self) -> float:
        return min((self.done + self.here) / self.total, 1.0) if self.total else 0.0


def letters(paths: Sequence[str], list_hint: str = "", now: int | None = None) -> Iterator[Letter | Unreadable]:
    """Every letter of `paths`, one at a time; '-' is stdin. Nothing that a file holds ends the rest.

    mbox (plain or gzip, bzip2, xz, zstd; mboxo, mboxrd, mboxcl, mboxcl2), a letter as a file, Maildir, MH, folders
    of any of these, Pipermail months and article pages, public-inbox v1 and v2, tar and zip of all but the last.
    What a file is, its bytes say. `now` is the received time of the letters, but for those of an export, which have
    their envelopes beside them.
    """
    return (item.found for item in located(paths, list_hint, now))


def located(
    paths: Sequence[str],
    list_hint: str = "",
    now: int | None = None,
    course: Course | None = None,
    private: Collection[str] | None = None,
) -> Iterator[Located]:
    """As `letters`, each with its place; `course` is told how far it has come. An export that holds lists which were
    private where it was made, and of which one is not among those named `private`, raises ListfoldError."""
    received = int(time.time()) if now is None else now
    course = course or Course()
    for path in paths:
        course.total += sum(_size(place.path) for place in places(Path(path)) if path != "-")
    for path in paths:
        found = _stream(sys.stdin.buffer, "-") if path == "-" else _path(Path(path), course)
        known: tuple[Path | None, Envelopes | None] = (None, None)
        before, place = "", None
        for file, piece in found:
            letter = Letter(piece.raw, piece.source, received, list_hint=list_hint)
            if file != before:
                before, place = file, None if path == "-" else beside(Path(file))
                if place is not None and known[0] != place:
                    known = (place, made := Envelopes(place))
                    loose = [id for id in made.private if private is not None and id not in private]
                    if loose:
                        raise ListfoldError(
                            f"{place}: {loose[0]} is private there: `listfold lists add {loose[0]} --private` first"
                        )
            if place is not None and known[1] is not None and piece.fault in ("", mbox.EMPTY):
                restored = known[1].restored(letter)
                if restored is not None:
                    yield Located(file, piece.offset, restored)
                    continue
            if piece.fault:
                fault = Unreadable(file, piece.offset, message_id_of(piece.raw), piece.fault)
                yield Located(file, piece.offset, fault)
            else:
                yield Located(file, piece.offset, letter)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:
        return 0


def _path(path: Path, course: Course) -> Iterator[tuple[str, Piece]]:
    for place in places(path):
        if place.kind == "git":
            yield from _repository(place.path)
        elif place.kind == "fault":
            yield str(place.path), Piece(0, b"", "eml", place.fault)
        else:
            yield from _file(place.path, "named" if place.path == path else place.kind, course)
            course.done += _size(place.path)
            course.here = 0


def _file(path: Path, found: Found, course: Course) -> Iterator[tuple[str, Piece]]:
    try:
        with path.open("rb") as stream:
            limit = max(MAX_UNPACKED, MAX_RATIO * _size(path))
            for item in _stream(stream, str(path), found, limit):
                course.here = stream.tell() if stream.seekable() else 0
                yield item
    except OSError as e:
        yield str(path), Piece(0, b"", "eml", e.strerror or str(e))


def _stream(
    stream: BinaryIO, name: str, found: Found = "named", limit: int | None = None, depth: int = 0
) -> Iterator[tuple[str, Piece]]:
    """What one file holds. `found` says how we came by it: where no letter need be, none is missed."""
    opening = bytearray()
    rest = bounded(chunks(stream), limit)
    damage: Damaged | None = None
    try:
        for data in rest:
            opening += data
            if len(opening) >= OPENING:
                break
    except Damaged as e:
        damage = e
    whole = _again(bytes(opening), rest, damage)
    kind = kind_of(bytes(opening))
    if kind in ("tar", "zip") and depth < MAX_NESTED and found != "beside":
        yield from _packed(kind, stream if not depth else None, whole, name, limit, depth)
        return
    for piece in _pieces(kind, whole, found, damage):
        yield name, piece


def _pieces(kind: str, whole: Iterator[bytes], found: Found, damage: Damaged | None) -> Iterator[Piece]:
    match kind:
        case "mbox":
            yield from mbox.pieces(whole)
        case "pipermail":
            yield _one(whole, "pipermail")
        case "mail":
            yield _one(whole, "maildir" if found == "maildir" else "eml")
        case "empty" if found != "beside":
            yield Piece(0, b"", "eml", str(damage) if damage else mbox.EMPTY)
        case "index" if found != "named":  # of a copy of a Pipermail site: its letters are on other pages
            return
        case _ if found == "maildir":
            yield _one(whole, "maildir")
        case _ if found != "beside":
            yield Piece(0, b"", "eml", str(damage) if damage else NOT_MAIL)


def _packed(
    kind: str, file: BinaryIO | None, whole: Iterator[bytes], name: str, limit: int | None, depth: int
) -> Iterator[tuple[str, Piece]]:
    """The letters of an archive's members. What cannot be read of one of them, or of the rest, is told."""
    inside = ""
    with TemporaryFile() as spool:
        try:
            if kind == "tar":
                members = tar_members(whole)
            elif file is not None and file.seekable() and file.seek(0) == 0 and file.read(2) == b"PK":
                members = zip_members(file)
            else:  # a zip's table of contents is at its end
                for data in whole:
                    spool.write(data)
                members = zip_members(spool)
            for inside, content in members:
                if HIDDEN.search(inside):
                    continue
                found: Found = "maildir" if inside.split("/")[-2:-1] in (["cur"], ["new"]) else "file"
                member = cast(BinaryIO, Reader(bounded(content, limit)))
                yield from _stream(member, f"{name}:{inside}", found, limit, depth + 1)
        except Damaged as e:
            yield f"{name}:{inside}" if inside else name, Piece(0, b"", "eml", str(e))


def bounded(data: Iterable[bytes], limit: int | None) -> Iterator[bytes]:
    """The same bytes. Raises Damaged when they are more than any mail would be: a bomb."""
    total = 0
    for chunk in data:
        total += len(chunk)
        if limit is not None and total > limit:
            raise Damaged(f"it unpacks to more than {limit} bytes")
        yield chunk


def _one(data: Iterable[bytes], source: Source) -> Piece:
    raw = bytearray()
    try:
        for chunk in data:
            raw += chunk
            if len(raw) > MAX_LETTER:
                return Piece(0, bytes(raw[: mbox.KEPT_OF_TOO_BIG]), source, mbox.TOO_BIG)
    except Damaged as e:
        return Piece(0, bytes(raw), source, str(e))
    return Piece(0, bytes(raw), source)


def _again(opening: bytes, rest: Iterator[bytes], damage: Damaged | None) -> Iterator[bytes]:
    """The stream from its beginning, after its opening was looked at."""
    yield opening
    if damage is not None:
        raise damage
    yield from rest


def _repository(path: Path) -> Iterator[tuple[str, Piece]]:
    try:
        for blob in blobs(path):
            fault = blob.fault or ("" if blob.raw.strip() else mbox.EMPTY)
            yield f"{blob.repository}:{blob.name}", Piece(0, blob.raw, "eml", fault)
    except Damaged as e:
        yield str(path), Piece(0, b"", "eml", str(e))
