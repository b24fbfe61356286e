"""Charsets are claims: right ones are used, wrong and missing ones are guessed, dangerous ones never tried."""

import pytest

from core.growth import is_linear
from listfold.core.charset import CODECS, SAMPLE, codec, decode, scrub

GERMAN = "Über den Gärten von Köln grüßen große Bäume; übermäßiger Frost läßt Blüten früh vergehen. " * 4
RUSSIAN = "Заморозки на почве ожидаются в ночь на вторник, укройте бобы и помидоры. " * 4


@pytest.mark.parametrize(
    ("text", "encoding", "label"),
    [
        (GERMAN, "utf-8", "utf-8"),
        (GERMAN, "utf-8", ""),
        (GERMAN, "utf-8", "us-ascii"),
        (GERMAN, "latin-1", "ISO-8859-1"),
        (GERMAN, "latin-1", ""),
        (GERMAN, "latin-1", "utf-8"),
        (RUSSIAN, "koi8-r", "koi8-r"),
        (RUSSIAN, "cp1251", "windows-1251"),
        (RUSSIAN, "cp1251", ""),
        (RUSSIAN, "koi8-r", "x-unknown"),
        ("霜の予報", "iso-2022-jp", "iso-2022-jp"),
        ("霜の予報", "iso-2022-jp", ""),
        ("霜の予報", "shift_jis", "Shift_JIS"),
        ("霜冻预报", "gb2312", "gb2312"),
        ("plain", "utf-16", "utf-16"),
        ("“quoted” – €", "cp1252", "iso-8859-1"),
    ],
)
def test_text_is_read(text: str, encoding: str, label: str) -> None:
    """With its label, without one, and under a wrong one."""
    assert decode(text.encode(encoding), label)[0] == text


def test_wrong_label_is_noted() -> None:
    """A reader of the record can see that the charset is a guess."""
    assert (decode(b"plain", "x-nobody")[1], decode("ü".encode(), "us-ascii")[1]) == ("", "charset")


@pytest.mark.parametrize("label", ["punycode", "unicode_escape", "utf-7", "idna", "zlib", "rot13"])
def test_codecs_that_are_no_charsets_are_refused(label: str) -> None:
    """Python knows more codecs than mail has charsets."""
    assert codec(label) == ""


def test_every_codec_exists() -> None:
    """No label leads to a codec that Python lacks."""
    assert {"x" for name in CODECS.values() if "x".encode(name).decode(name) == "x"} == {"x"}


def test_scrubbed_text_can_be_kept() -> None:
    """Line ends become LF; NUL goes; a lone surrogate becomes the replacement character."""
    assert scrub("a\r\nb\rc\r\r\nd\0e\ud800") == "a\nb\nc\nde\ufffd\ufffd\ufffd"


def test_guessing_looks_at_a_bounded_sample() -> None:
    """Beyond the sample the time is only that of decoding."""
    assert is_linear(lambda data: decode(data), lambda n: RUSSIAN.encode("cp1251") * n, 2 * SAMPLE // len(RUSSIAN))
