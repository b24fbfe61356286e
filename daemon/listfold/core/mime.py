"""Turns the bytes of one message into headers, one text and what hangs on it, within named limits.

Strategy: parts.py takes the structure apart; here the parts are walked once, in reading order, and each is shown as
text, listed as an attachment, or handed back as an enclosed message. Of alternatives one is walked and the others
are only searched for attachments.
"""

import re
from itertools import accumulate

from listfold.core import html
from listfold.core.charset import codec, decode, scrub
from listfold.core.encoded_words import plain
from listfold.core.flowed import unflow
from listfold.core.headers import Headers, split
from listfold.core.parts import Part, take_apart
from listfold.core.transfer import size, undo
from listfold.frozen import dataclass
from listfold.model import Attachment, Span

MAX_NAME = 255  # characters of an attachment's name: as long as a file's may be
OPENING_WORDS = 8  # enough to tell a reused Message-ID
MAX_OPENING = 4096  # characters of a line that are searched for them

# Types whose text is meant for a program: listed, not shown.
FOR_PROGRAMS = frozenset(
    f"text/{kind}"
    for kind in (
        "calendar",
        "vcard",
        "x-vcard",
        "directory",
        "css",
        "csv",
        "rfc822-headers",
        "javascript",
        "rtf",
        "xml",
    )
)
SHOWN = frozenset({"application/pgp"})  # types beside text/* whose source is for reading
MESSAGES = frozenset({"message/rfc822", "message/global", "message/news"})
SAYS_LESS = 0.5  # share of the HTML's words below which the plain alternative is a stub

STOCK = ("this is a multi-part message in mime format", "this message is in mime format")  # of preambles, to nobody
PGP_SIGNED = "-----BEGIN PGP SIGNED MESSAGE-----"

_META_CHARSET = re.compile(rb"<meta[^<>]{1,200}charset\s?=\s?[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_HTML = re.compile(rb"\s{0,64}(?:<!doctype html|<html|<head|<body)\b", re.IGNORECASE)
_TAGS = re.compile(r"<[^<>]*>")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A message/rfc822 part or an .eml file: its MIME part number ("2"), its bytes, and whether a digest holds it."""

    number: str
    raw: bytes
    digest: bool = False


@dataclass(frozen=True, slots=True)
class Parsed:
    """One message taken apart. `text` is the decoded text, whole: of alternatives the plain one unless it is empty
    or says less; format=flowed unwrapped; HTML as text. `seams` are the line numbers of `text` where another MIME
    part (or the text after the last boundary) begins; `spans` is what MIME or HTML structure alone has told
    (quotes of blockquote, a footer part). `opening` is what a message's id is made of: see opening_of."""

    headers: Headers
    text: str
    spans: tuple[Span, ...] = ()
    seams: tuple[int, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    enclosed: tuple[Enclosed, ...] = ()
    signed: bool = False  # multipart/signed or an OpenPGP cleartext signature: the body stays byte-exact
    html: bool = False  # the text was made from HTML
    notes: tuple[str, ...] = ()
    opening: str = ""


def parse(raw: bytes) -> Parsed:
    """Take one RFC 5322 message apart. Never raises on bad mail: what is odd is a note."""
    root, notes = take_apart(raw)
    walk = _Walk(notes)
    walk.through(root)
    texts = walk.texts if len(walk.texts) == 1 else [text.removesuffix("\n") for text in walk.texts]
    return Parsed(
        headers=root.headers,
        text="\n".join(texts),
        seams=tuple(accumulate([text.count("\n") + 1 for text in texts[:-1]])),
        attachments=tuple(walk.attachments),
        enclosed=tuple(walk.enclosed),
        signed=walk.signed,
        html=walk.html,
        notes=tuple(dict.fromkeys(notes)),
        opening=walk.opening,
    )


def opening_of(text: str) -> str:
    """The first words of the first line that has any, casefolded, of a text part as decoded, markup included: no rule
    of ours changes them, and relays add below them, seldom rewrap, and never write above (DESIGN.md, Ids)."""
    first = _WORD.search(text)
    if first is None:
        return ""
    end = text.find("\n", first.start())
    line = text[first.start() : min(end if end >= 0 else len(text), first.start() + MAX_OPENING)]
    return " ".join(_WORD.findall(line)[:OPENING_WORDS]).casefold()


class _Walk:
    """What one pass over the parts collects."""

    def __init__(self, notes: list[str]) -> None:
        self.notes = notes
        self.texts: list[str] = []
        self.attachments: list[Attachment] = []
        self.enclosed: list[Enclosed] = []
        self.signed = self.html = self.told = False  # told: there was a text part, if an empty one
        self.opening = ""
        self._decoded: dict[str, tuple[str, bytes]] = {}

    def through(self, root: Part) -> None:
        # On the stack: a part and whether its text is shown, or what follows a multipart's last boundary.
        stack: list[tuple[Part | bytes, bool]] = [(root, True)]
        while stack:
            part, shown = stack.pop()
            if isinstance(part, bytes):
                self._epilogue(part)
            elif part.children or part.epilogue.strip():
                if shown and part.epilogue.strip():
                    stack.append((part.epilogue, True))
                alternatives = part.children and part.type == "multipart/alternative"
                chosen = self._alternative(part) if alternatives else None
                stack.extend(
                    (child, shown and (chosen is None or child in chosen)) for child in reversed(part.children)
                )
                self.signed = self.signed or (shown and part.type == "multipart/signed")
                if part.type == "multipart/encrypted":
                    self.notes.append("encrypted")
            elif (raw := _letter(part)) is not None:
                digest = part.parent is not None and part.parent.type == "multipart/digest"
                self.enclosed.append(Enclosed(part.number, raw, digest))
            elif _is_text(part):
                if shown:
                    self.told = True
                    self._show(part)
            else:
                self._attach(part)
        if not self.told and root.preamble.strip() and not self.enclosed:
            preamble = scrub(decode(root.preamble)[0])  # all that there is stands before the first boundary
            if not preamble.lstrip().lower().startswith(STOCK):
                self._add(preamble)

    def _show(self, part: Part) -> None:
        text, appended = self._decode(part)
        is_html = _is_html(part)
        if is_html:
            text = html.to_text(text)
        else:
            self.signed = self.signed or text.startswith(PGP_SIGNED) or "\n" + PGP_SIGNED in text
            if part.parameters.get("format", "").lower() == "flowed" and not self.signed:
                text = unflow(text, part.parameters.get("delsp", "").lower() == "yes")
        if not self.texts and text.strip():
            self.html = is_html
        self._add(text)
        if appended:
            self._epilogue(appended)

    def _epilogue(self, data: bytes) -> None:
        text, note = decode(data)
        self.notes.extend(["epilogue", note] if note else ["epilogue"])
        self._add(scrub(text).strip("\n"))

    def _add(self, text: str) -> None:
        if text.strip():
            self.texts.append(text)

    def _attach(self, part: Part) -> None:
        if part.type.startswith("multipart/") or (part.type.startswith("text/") and not part.data.strip()):
            return
        name = plain(part.name)[:MAX_NAME]
        self.attachments.append(Attachment(name, part.type[:MAX_NAME], size(part.data, part.encoding), part.number))

    def _decode(self, part: Part) -> tuple[str, bytes]:
        """A text part decoded, and what was appended to it unencoded; once for each part."""
        known = self._decoded.get(part.number)
        if known is not None:
            return known
        data, appended = undo(part.data, part.encoding)
        label = part.parameters.get("charset", "")
        if not codec(label) and _is_html(part) and (meta := _META_CHARSET.search(data[:2048])):
            label = meta[1].decode("ascii", "replace")
        text, note = decode(data, label)
        if note:
            self.notes.append(note)
        text = scrub(text)
        if not self.opening:
            self.opening = opening_of(text)
        self._decoded[part.number] = text, appended
        return text, appended

    def _alternative(self, part: Part) -> list[Part]:
        """The children to show. The plain one, unless it lacks most of what the HTML says: then it is a stub, or
        nothing but the footer that a list server appended to it. A further plain one that says something else is no
        alternative, but what a list server added in the wrong place: it is shown as well."""
        rich: Part | None = None
        plains: list[Part] = []
        for child in part.children:
            kinds = {_is_html(leaf) for leaf in _leaves(child) if _is_text(leaf)}
            if True in kinds:
                rich = child
            elif kinds and self._words(child).strip():
                plains.append(child)
        if not plains:
            return [rich or part.children[0]]
        have = set(_WORD.findall(self._words(plains[0]).lower()))
        chosen = plains[0] if rich is None or self._says_all(rich, have) else rich
        if chosen is rich:
            have = set(_WORD.findall(html.to_text(self._words(rich)).lower()))
        return [chosen, *(p for p in plains[1:] if _covered(self._words(p), have) < SAYS_LESS)]

    def _says_all(self, rich: Part, have: set[str]) -> bool:
        """Whether the words in `have` are most of what the HTML says."""
        markup = self._words(rich)
        if _covered(_TAGS.sub(" ", markup), have) >= SAYS_LESS:  # cheap, and right for most
            return True
        return _covered(html.to_text(markup), have) >= SAYS_LESS

    def _words(self, child: Part) -> str:
        return "\n".join(self._decode(leaf)[0] for leaf in _leaves(child) if _is_text(leaf))


def _covered(text: str, have: set[str]) -> float:
    """The share of a text's words that are among `have`."""
    words = _WORD.findall(text.lower())
    return sum(word in have for word in words) / len(words) if words else 1.0


def _leaves(part: Part) -> list[Part]:
    found, stack = [], [part]
    while stack:
        top = stack.pop()
        if top.children:
            stack.extend(reversed(top.children))
        else:
            found.append(top)
    return found


def _is_html(part: Part) -> bool:
    if part.type == "text/html":
        return True
    # Mail without MIME that is markup from its first byte on.
    return part.parent is None and not part.headers.get("content-type") and _HTML.match(part.data) is not None


def _letter(part: Part) -> bytes | None:
    """The letter that a part is: by its type, or, where its sender's program has attached it as any file, by its name
    and its header."""
    named = part.parent is not None and part.name.lower().endswith(".eml")
    if part.type not in MESSAGES and not named:
        return None
    raw = undo(part.data, part.encoding)[0]
    if part.type in MESSAGES:
        return raw
    names = {name.lower() for name, _ in split(raw)[0]}
    return raw if b"from" in names and len(names & {b"date", b"subject", b"message-id"}) >= 2 else None


def _is_text(part: Part) -> bool:
    """Whether a leaf is for reading where it stands (RFC 2183: an unknown disposition is an attachment)."""
    if not part.type.startswith("text/") and part.type not in SHOWN:
        return False
    if part.parent is None:
        return True
    if part.type in FOR_PROGRAMS:
        return False
    if part.disposition in ("", "inline"):
        return not part.name or part.type == "text/plain" or part.disposition == "inline"
    # Some phones call the only text of a message an attachment, and give it no name.
    return not part.name and part is part.parent.children[0]
