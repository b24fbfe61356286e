"""Takes list tags and reply prefixes off a subject, and keeps the tags that an author put there."""

import re
from functools import lru_cache

MAX_SUBJECT = 998  # characters: RFC 5322 2.1.1 allows no longer line

# What mail programs write before a subject, by language. Words that begin subjects of their own ("R:", "I:", "To:")
# are left out: a reply that keeps its prefix costs less than a subject that loses its first word.
PREFIXES: dict[str, tuple[str, ...]] = {
    "English and most others": ("re", "fw", "fwd", "reply", "forwarded"),
    "Arabic": ("رد", "إعادة توجيه"),
    "Chinese": ("回复", "回覆", "答复", "答覆", "转发", "轉寄", "轉發", "转寄"),
    "Czech and Slovak": ("odp", "předat"),
    "Danish, Norwegian, Swedish": ("sv", "vs", "vb", "svar", "vidarebefordrat"),
    "Dutch": ("antw", "antwoord", "doorst", "betr"),
    "Estonian": ("vs",),
    "Finnish": ("vs", "vl"),
    "French": ("ré", "réf", "rép", "réponse", "tr", "transf"),
    "German": ("aw", "antwort", "wg", "weitergeleitet"),
    "Greek": ("απ", "πρθ", "σχετ"),
    "Hebrew": ("תשובה", "הועבר", "השב"),
    "Hungarian": ("vá", "továbbítás", "válasz"),
    "Icelandic": ("svara",),
    "Indonesian": ("bls", "trs"),
    "Italian": ("rif", "inoltra", "inoltro"),
    "Japanese": ("返信", "転送"),
    "Korean": ("답장", "회신", "전달"),
    "Polish": ("odp", "pd"),
    "Portuguese": ("res", "enc"),
    "Romanian": ("răsp", "înainte"),
    "Russian": ("на", "ответ", "отв", "пересл"),
    "Spanish": ("rv", "resp", "reenv"),
    "Turkish": ("ynt", "ilt"),
    "Vietnamese": ("trả lời", "chuyển tiếp"),
    "Welsh": ("atb", "yml"),
}

# First words of tags that say something about the message and not about its list.
_KEPT = """
    abi ann announce announcement blog bug bugfix bugreport call cfp cfv closed cve design discuss discussion draft
    fixed for-next forum git heads-up help howto idea issue job jobs meta new notice off-topic offtopic ot patch
    patches poll proposal pull question regression release reminder repost request resend resent result results rfc
    rfh rfp rfr rft security solved stable survey task testing tip todo topic update urgent vote warning wip
"""
KEPT = frozenset(_KEPT.split())

_SPELT = sorted({form for ps in PREFIXES.values() for p in ps for form in (p.upper(), p[:1].upper() + p[1:])}, key=len)
_PREFIX = re.compile(  # in small letters only the common ones: "tr:" and "res:" are parts of programs
    r"(?:(?i:re|fwd?|aw|wg|sv|antw)|" + "|".join(re.escape(p) for p in reversed(_SPELT)) + r")"
    r"(?:\s?\[\d{1,4}\]|\s?\(\d{1,4}\)|\^\d{1,4}|\*\d{1,4})?\s?[::]"
)
_SPAM = re.compile(r"\*{2,8} ?spam ?\*{2,8}", re.IGNORECASE)
_TAG = re.compile(r"\[([^\[\]]{1,78})\]")
_VERSION = re.compile(r"v?\d[\w.\-+/]*", re.IGNORECASE)
_SPACE = re.compile(r"\s+")


def subject(value: str) -> str:
    """The subject without list tags and Re:/Fwd: in any language; patch tags like [PATCH v2 1/3] stay."""
    return _taken_apart(value)[0]


def tags(value: str) -> tuple[str, ...]:
    """The list tags at the front of a subject, without their brackets: "Gardeners" of "Re: [Gardeners] Frost"."""
    return _taken_apart(value)[1]


def prefixed(value: str) -> bool:
    """Whether a subject says that it answers or forwards another."""
    return _taken_apart(value)[2]


@lru_cache(maxsize=16)  # a letter's subject is asked for its tags, and again without them
def _taken_apart(value: str) -> tuple[str, tuple[str, ...], bool]:
    value = _SPACE.sub(" ", value[:MAX_SUBJECT]).strip()
    position, found, prefix = 0, [], False
    while position < len(value):
        if value[position] == " ":
            position += 1
            continue
        match = _PREFIX.match(value, position) or _SPAM.match(value, position)
        if match is not None:
            prefix = True
        else:
            match = _TAG.match(value, position)
            if match is None or _kept(match[1]):
                break
            found.append(match[1].strip())
        position = match.end()
    rest = value[position:].strip()
    if not rest and found and not prefix:  # nothing but tags: then they are the subject
        return value, (), False
    return rest, tuple(found), prefix


def _kept(tag: str) -> bool:
    tag = tag.strip()
    if not tag or _VERSION.fullmatch(tag):
        return True
    words = re.split(r"[\s:/#,_]+", tag.lower())
    return words[0] in KEPT or "patch" in words or words[0].startswith(("cve-", "patchv"))
