"""Tells what a person has to send to confirm a subscription; listfold itself sends nothing and opens no link."""

import re

from listfold.core.headers import Headers, people
from listfold.frozen import dataclass

MAX_LINKS = 5
MAX_TEXT = 20_000  # characters that are looked at: no confirmation is longer

# mailing-list software that confirms by a reply to an address with a token in it: Mailman, mlmmj, ezmlm, Google Groups
_TOKEN_ADDRESS = re.compile(
    r"[^\s<>,;:\"'()|]{1,128}[-+](?:confirm|confsub|subconf|sc\.\d)[^\s<>,;:\"'()|]{0,128}@[\w.-]{1,255}", re.IGNORECASE
)
_TOKEN_SUBJECT = re.compile(r"confirm [0-9a-f]{16,64}", re.IGNORECASE)
_AUTH = re.compile(r"^[>\s]{0,8}(auth [\w-]{4,64} (?:sub|subscribe)\b[^\n]{0,300})$", re.IGNORECASE | re.MULTILINE)
_LISTSERV = re.compile(r"\bOK(?: [0-9A-F]{6,16})?\b[^\n]{0,40}$", re.MULTILINE)
_LINK = re.compile(r"https?://[^\s<>\"]{1,1000}")
_CONFIRMING = re.compile(r"confirm|subscri|optin|opt-in|/join|activate|verify|ticket", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """A mail to send from the subscribed address. Links are for a person to open, where there is no other way."""

    to: str = ""
    subject: str = ""
    body: str = ""
    links: tuple[str, ...] = ()


def answer(headers: Headers, text: str) -> Answer:
    """What confirms, as far as the letter tells."""
    text = text[:MAX_TEXT]
    asks = [p.address for name in ("reply-to", "from") for p in people(headers.get(name)[:2000]) if p.address]
    subject = headers.get("subject")[:400]
    token = next((a for a in asks if _TOKEN_ADDRESS.fullmatch(a)), "")
    found = _TOKEN_ADDRESS.search(text) if not token else None
    to = token or (found[0] if found else "") or (asks[0] if asks else "")
    body = ""
    said = _TOKEN_SUBJECT.search(subject)
    if not token and not found:
        if command := _AUTH.search(text) or _AUTH.search(subject):
            body = command[1].strip()
        elif "listserv" in to.lower() and _LISTSERV.search(text):
            body = "ok"
    links = tuple(dict.fromkeys(url for url in _LINK.findall(text) if _CONFIRMING.search(url)))[:MAX_LINKS]
    return Answer(to, said[0] if said else f"Re: {subject}" if subject else "confirm", body, links)
