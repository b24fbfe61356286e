"""Decodes bytes to text: charsets from an allow-list, wrong or missing ones guessed on a bounded sample.

A label is a stranger's claim. `punycode` is quadratic, `unicode_escape` yields NUL and lone surrogates, `utf-7` makes
markup out of letters: only the charsets below are ever handed to a codec. Every byte comes out as something.
"""

from charset_normalizer import from_bytes

SAMPLE = 64 * 1024  # bytes that a guess may look at; charset-normalizer's time grows with them
NEAR = 0.1  # undecodable among the characters beyond ASCII up to which a label that fails is still believed
SINGLE_BYTE_ENOUGH = 40  # bytes above 127 below which statistics say nothing: windows-1252 then

_LATIN = frozenset({"cp1252", "ascii", "iso8859-15", "iso8859-9", "cp1254", "iso8859-2", "cp1250"})

# label -> codec, each the widest codec of its family (as WHATWG's Encoding Standard does).
CODECS: dict[str, str] = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "utf-8-mac": "utf-8",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "ansi-x3.4-1968": "ascii",
    "iso-ir-6": "ascii",
    "646": "ascii",
    "8bit": "ascii",
    "7bit": "ascii",
    "unknown-8bit": "ascii",
    "x-unknown": "ascii",
    "utf-16": "utf-16",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "utf-32": "utf-32",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-6-i": "iso8859-6",
    "iso-8859-11": "cp874",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "l1": "cp1252",
    "latin2": "iso8859-2",
    "latin-2": "iso8859-2",
    "latin5": "iso8859-9",
    "latin9": "iso8859-15",
    "ansi": "cp1252",
    "koi8-r": "koi8-r",
    "koi8-ru": "koi8-u",
    "koi8-u": "koi8-u",
    "koi8-t": "koi8-t",
    "gb2312": "gb18030",
    "x-gbk": "gb18030",
    "gbk": "gb18030",
    "cp936": "gb18030",
    "936": "gb18030",
    "gb18030": "gb18030",
    "hz-gb-2312": "hz",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "cp950": "cp950",
    "shift-jis": "cp932",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "sjis": "cp932",
    "windows-31j": "cp932",
    "cp932": "cp932",
    "euc-jp": "euc_jis_2004",
    "x-euc-jp": "euc_jis_2004",
    "iso-2022-jp": "iso2022_jp_2004",
    "iso-2022-jp-2": "iso2022_jp_2",
    "iso-2022-kr": "iso2022_kr",
    "euc-kr": "cp949",
    "ks-c-5601-1987": "cp949",
    "ksc5601": "cp949",
    "cp949": "cp949",
    "windows-949": "cp949",
    "tis-620": "cp874",
    "windows-874": "cp874",
    "viscii": "cp1258",
    "macintosh": "mac-roman",
    "x-mac-roman": "mac-roman",
    "mac-roman": "mac-roman",
    "x-mac-cyrillic": "mac-cyrillic",
    "ibm437": "cp437",
    "cp437": "cp437",
    "ibm850": "cp850",
    "cp850": "cp850",
    "ibm852": "cp852",
    "cp852": "cp852",
    "ibm866": "cp866",
    "cp866": "cp866",
    **{f"iso-8859-{n}": f"iso8859-{n}" for n in (2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15, 16)},
    **{f"iso8859-{n}": f"iso8859-{n}" for n in (2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15, 16)},
    **{f"{w}{n}": f"cp{n}" for w in ("windows-", "cp", "cp-", "x-cp") for n in range(1250, 1259)},
}

_GUESSES = sorted(
    {"big5hkscs", "cp1250", "cp1251", "cp1253", "cp1255", "cp1256", "cp932", "cp949", "euc_jis_2004", "gb18030"}
    | {"cp1252", "cp1254", "koi8-r", "iso8859-2"}
)


def codec(label: str) -> str:
    """The Python codec of a charset label, or "" for one that is not on the list."""
    label = label.strip().strip("\"'").lower()
    return CODECS.get(label) or CODECS.get(label.replace("_", "-"), "")


def decode(data: bytes, label: str = "") -> tuple[str, str]:
    """Text of `data`, and a note: "" when the label held, "charset" when it was missing on 8-bit text or wrong."""
    # `in` tries bytes as a number first, and raises and catches what that gives; two bytes cost more to find than one.
    if data.isascii() and data.find(b"\x1b") < 0 and data.find(b"~{", data.find(b"~")) < 0 and data.find(b"\0") < 0:
        return data.decode("ascii"), ""  # every charset here but the stateful and the wide ones agrees on ASCII
    if data.startswith(b"\xef\xbb\xbf"):
        data, label = data[3:], "utf-8"
    elif data.startswith((b"\xff\xfe", b"\xfe\xff")):
        label = "utf-16"
    name = codec(label) or ("iso2022_jp_2004" if b"\x1b$" in data and data.isascii() else "")
    if name != "utf-8" and (name in _LATIN or not name):
        # Text that is valid UTF-8 by accident hardly exists, but mail in UTF-8 labelled otherwise does.
        try:
            return data.decode("utf-8"), "" if data.isascii() else "charset"
        except UnicodeDecodeError:
            pass
    if name and name != "ascii":
        try:
            return data.decode(name), ""
        except UnicodeError:
            pass
        near = data.decode(name, "replace")
        if _is_near(near):
            return near, "charset"
    return _guess(data), "charset"


def _guess(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    text = data.decode("utf-8", "replace")
    if _is_near(text):
        return text
    first = next((n for n, byte in enumerate(data) if byte > 127), 0)
    sample = data[first : first + SAMPLE]
    if len(sample.translate(None, bytes(range(128)))) >= SINGLE_BYTE_ENOUGH:
        best = from_bytes(sample, steps=5, chunk_size=512, cp_isolation=_GUESSES, language_threshold=0.2).best()
        if best is not None:
            try:
                return data.decode(best.encoding)
            except UnicodeError:
                pass
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _is_near(text: str) -> bool:
    beyond = len(text) - len(text.encode("ascii", "ignore"))
    return text.count("\ufffd") <= beyond * NEAR


def scrub(text: str) -> str:
    """The text as the archive keeps it: lines end in LF, no NUL, no lone surrogate."""
    if "\r" in text:
        text = text.replace("\r\r\n", "\n").replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        text = text.replace("\0", "")
    if not text.isascii():
        text = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return text
