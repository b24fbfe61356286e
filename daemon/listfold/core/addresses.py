"""Reads the people of an address field, in one pass whatever stands in it.

`email.utils.getaddresses` recurses on comments; this is a state machine over tokens instead. It is lenient: what
cannot be an address becomes a name, and nothing is ever refused.
"""

import re
from functools import lru_cache

from listfold.model import Person

_SIMPLE = re.compile(r'(?:"([^"\\]*)"\s*+|([^"<>(),;:@\\]*+))<([^<>\s,;"()\\@]+@[^<>\s,;"()\\@]+)>')
_TOKEN = re.compile(r'\\.|"|\(|\)|<|>|,|;|:|[^\\"()<>,;:]+', re.DOTALL)
_AT = re.compile(r"([^\s@<>]+)\s+(?:at|AT|\(at\)|\[at\])\s+([^\s@<>]+)")
_SPACE = re.compile(r"\s+")


@lru_cache(maxsize=64)  # a letter's author is asked for by several, and letters of one list have one recipient
def people(value: str) -> tuple[Person, ...]:
    """Everybody named in an address field; also "author at example.org (Author Name)" of Pipermail."""
    if not value:
        return ()
    simple = _SIMPLE.fullmatch(value.strip())
    if simple is not None:
        return (_person(simple[1] or simple[2] or "", simple[3], ""),)
    found: list[Person] = []
    phrase: list[str] = []  # words outside <> and ()
    angle: list[str] = []  # what stands in <>
    comment: list[str] = []  # what stands in ()
    seen_angle = in_quote = in_angle = False
    depth = 0

    def done() -> None:
        nonlocal seen_angle, in_angle
        person = _person("".join(phrase), "".join(angle) if seen_angle else "", "".join(comment))
        if person.name or person.address:
            found.append(person)
        phrase.clear()
        angle.clear()
        comment.clear()
        seen_angle = in_angle = False

    for match in _TOKEN.finditer(value):
        token = match[0]
        if in_quote:
            if token == '"':
                in_quote = False
            else:
                (angle if in_angle else phrase).append(token[1:] if token[0] == "\\" and len(token) > 1 else token)
        elif depth:
            depth += (token == "(") - (token == ")")
            if depth:
                comment.append(token)
        elif token == '"':
            in_quote = True
        elif token == "(":
            depth = 1
        elif token == "<":
            in_angle = seen_angle = True
            angle.clear()
        elif token == ">":
            in_angle = False
        elif in_angle and token not in ",;":
            if token == ":" and angle and "@" in angle[-1]:  # RFC 5322 4.4: a route before the address is ignored
                angle.clear()
            else:
                angle.append(token)
        elif token in (",", ";"):
            done()
        elif token == ":":
            phrase.clear()  # the name of a group (RFC 5322 3.4)
        elif token != ")":
            phrase.append(token)
    if in_quote and not found and not seen_angle:  # a quote that never ends: `"Jo <jo@example.org>`
        return people(value.replace('"', ""))
    done()
    return tuple(found)


def _person(phrase: str, angle: str, comment: str) -> Person:
    phrase, comment = _tidy(phrase), _tidy(comment)
    address = "".join(angle.split()) if "@" in angle else _unmangled(angle)
    if not address:
        bare = phrase if "@" in phrase and " " not in phrase else _unmangled(phrase)
        if bare:
            return Person(name=comment, address=bare)
        words = phrase.split()
        mail = next((w for w in words if "@" in w[1:-1]), "")
        if mail:
            return Person(name=_tidy(" ".join(w for w in words if w != mail)) or comment, address=mail)
    name = phrase or comment
    if address and (name.lower() == address.lower() or _unmangled(name) == address):
        name = ""
    return Person(name=name, address=address)


def _unmangled(text: str) -> str:
    """ "author at example.org" as an address; "" when it is none."""
    match = _AT.fullmatch(text.strip())
    return f"{match[1]}@{match[2]}" if match and "." in match[2] else ""


def _tidy(text: str) -> str:
    text = _SPACE.sub(" ", text).strip()
    for _ in range(2):  # "'Jo'" as Outlook writes it
        if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
            text = text[1:-1].strip()
    return text
