"""Any bytes give a message; of a message no text is lost."""

import base64
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.growth import is_linear
from listfold.core.mime import parse
from listfold.core.parts import MAX_NESTING, MAX_PARTS
from listfold.model import Attachment


def mail(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def multipart(kind: str, *parts: str, after: str = "") -> bytes:
    body = "".join(f"--b\n{part}\n" for part in parts)
    return f'Subject: x\nContent-Type: multipart/{kind}; boundary="b"\n\nThis is MIME.\n{body}--b--\n{after}'.encode()


PLAIN = "Content-Type: text/plain\n\n"
HTML = "Content-Type: text/html\n\n"


def test_plain_message_is_its_body() -> None:
    """Without MIME everything after the blank line is the text, byte for byte but for its line ends."""
    assert parse(b"Subject: x\r\n\r\nHello\r\nthere\r\n").text == "Hello\nthere\n"


@given(st.binary(max_size=2000))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_parsed(raw: bytes) -> None:
    """Bytes without any sense give a message whose text can be stored."""
    text = parse(raw).text
    text.encode("utf-8")
    assert "\0" not in text
    assert "\r" not in text


@given(
    st.lists(
        st.sampled_from(
            [
                b"Content-Type: multipart/mixed; boundary=b\n",
                b"Content-Type: multipart/digest; boundary=c\n",
                b"Content-Type: text/html; charset=utf-16\n",
                b"Content-Type: message/rfc822\n",
                b"Content-Transfer-Encoding: base64\n",
                b"Content-Transfer-Encoding: quoted-printable\n",
                b"Content-Type: text/plain; format=flowed; delsp=yes\n",
                b"Content-Disposition: attachment; filename*0*=iso-2022-jp''%1b\n",
                b"\n",
                b"--b\n",
                b"--b--\n",
                b"--c\r\n",
                b"<p>a<blockquote>=C3\xff \n",
                b"> =?utf-8?q?=ed=a0=80?= \n",
                b"\x1b$B\0\n",
            ]
        ),
        max_size=40,
    )
)
@settings(max_examples=200, deadline=None)
def test_any_structure_is_parsed(pieces: list[bytes]) -> None:
    """Fields, boundaries and damage in any order give a message whose lines and seams fit together."""
    parsed = parse(b"".join(pieces))
    parsed.text.encode("utf-8")
    assert all(0 < seam < len(parsed.text.split("\n")) for seam in parsed.seams)


def test_plain_alternative_is_preferred() -> None:
    """Of two alternatives that say the same, the plain one is the text."""
    parsed = parse(multipart("alternative", PLAIN + "The same words\n", HTML + "<p>The same <b>words</b></p>\n"))
    assert (parsed.text.strip(), parsed.html) == ("The same words", False)


def test_html_replaces_an_empty_alternative() -> None:
    """A plain alternative of nothing but space is none."""
    parsed = parse(multipart("alternative", PLAIN + "  \n", HTML + "<p>Real words</p>\n"))
    assert (parsed.text, parsed.html) == ("Real words", True)


def test_html_replaces_a_stub() -> None:
    """A plain alternative that only says that there is HTML gives way."""
    stub = PLAIN + "Your mail program cannot show HTML.\n"
    rich = HTML + "<p>Frost is expected on Tuesday night in the upper valley; cover your beans.</p>\n"
    assert parse(multipart("alternative", stub, rich)).text.startswith("Frost is expected")


def test_footer_alone_is_no_alternative() -> None:
    """A list server put its footer into the empty plain alternative only: the HTML holds the message."""
    footer = PLAIN + "\n_______________\nGardeners mailing list\nhttp://lists.example.org/listinfo/gardeners\n"
    assert parse(multipart("alternative", footer, HTML + "<p>Short but real</p>\n")).text == "Short but real"


def test_third_alternative_with_other_words_is_kept() -> None:
    """A footer that was added as one more alternative is text behind a seam."""
    parsed = parse(multipart("alternative", PLAIN + "Words\n", HTML + "<p>Words</p>\n", PLAIN + "Gardeners list\n"))
    assert (parsed.text, parsed.seams) == ("Words\nGardeners list", (1,))


def test_each_further_text_part_begins_a_seam() -> None:
    """The footer that a list server adds as a part of its own can be told from the text."""
    parsed = parse(multipart("mixed", PLAIN + "One\ntwo", PLAIN + "Footer"))
    assert (parsed.text, parsed.seams) == ("One\ntwo\nFooter", (2,))


def test_text_after_the_last_boundary_is_kept() -> None:
    """What a list server appended to the raw message is text behind a seam, with a note."""
    parsed = parse(multipart("mixed", PLAIN + "One", after="_____\nGardeners mailing list\n"))
    assert (parsed.text, parsed.seams, parsed.notes) == ("One\n_____\nGardeners mailing list", (1,), ("epilogue",))


def test_text_after_base64_is_kept() -> None:
    """A footer appended to an encoded body stays readable, and the body is decoded."""
    body = base64.encodebytes("Grüße\n".encode()).decode()
    raw = mail("Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64", "", body, "The list")
    assert parse(raw).text == "Grüße\nThe list"


def test_text_that_only_claims_base64_is_kept() -> None:
    """Words under a wrong Content-Transfer-Encoding are shown as they stand."""
    assert parse(mail("Content-Transfer-Encoding: base64", "", "These are plain words", "word")).text.startswith(
        "These"
    )


def test_flowed_text_is_unwrapped() -> None:
    """Soft line breaks go, hard ones and the quote depth stay (RFC 3676)."""
    raw = mail("Content-Type: text/plain; format=flowed", "", "a long ", "paragraph", "> quo ", "> ted", "-- ", "Jo")
    assert parse(raw).text == "a long paragraph\n> quo ted\n-- \nJo"


def test_signed_text_stays_byte_exact() -> None:
    """A cleartext signature covers the line breaks: format=flowed is not undone."""
    begin = "-----BEGIN PGP SIGNED MESSAGE-----"
    parsed = parse(mail("Content-Type: text/plain; format=flowed", "", begin, "", "a long ", "paragraph"))
    assert (parsed.signed, parsed.text.endswith("a long \nparagraph")) == (True, True)


def test_attachment_is_listed_and_not_unpacked() -> None:
    """Name without control characters, type, decoded size and part number; its bytes are no text."""
    part = 'Content-Type: image/png; name="a\tb.png"\nContent-Transfer-Encoding: base64\n\nAAECAwQ='
    parsed = parse(multipart("mixed", PLAIN + "One", part))
    assert (parsed.text, parsed.attachments) == ("One", (Attachment("a b.png", "image/png", 5, "2"),))


def test_encoded_file_name_is_read() -> None:
    """RFC 2231 continuations in a charset are put together."""
    part = "Content-Type: a/b;\n name*0*=utf-8''Gr%C3%BC;\n name*1*=n.txt\n\nx"
    assert parse(multipart("mixed", PLAIN + "One", part)).attachments[0].name == "Grün.txt"


def test_enclosed_message_comes_as_bytes() -> None:
    """A message/rfc822 part is handed back decoded, with its part number."""
    inner = "Subject: inner\n\nHello\n"
    part = (
        "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
        + base64.b64encode(inner.encode()).decode()
    )
    (enclosed,) = parse(multipart("mixed", PLAIN + "One", part)).enclosed
    assert (enclosed.number, enclosed.raw, enclosed.digest) == ("2", inner.encode(), False)


def test_letter_attached_as_a_file_is_enclosed() -> None:
    """Some programs call it application/octet-stream or text; its name and header tell."""
    inner = "From: ann@example.org\nDate: Mon, 7 Dec 2015 13:22:00 +0000\nSubject: inner\n\nHello\n"
    part = 'Content-Type: {}; name="inner.eml"\nContent-Disposition: attachment\nContent-Transfer-Encoding: base64\n\n'
    for kind in ("application/octet-stream", "text/plain"):
        encoded = part.format(kind) + base64.b64encode(inner.encode()).decode()
        parsed = parse(multipart("mixed", PLAIN + "One", encoded))
        assert ([e.raw for e in parsed.enclosed], parsed.attachments) == ([inner.encode()], ())
    other = part.format("text/plain") + base64.b64encode(b"From: here\n\nto there").decode()
    assert len(parse(multipart("mixed", PLAIN + "One", other)).attachments) == 1


def test_digest_members_are_messages() -> None:
    """In a multipart/digest a part without a type is a message (RFC 2046 5.1.5)."""
    parsed = parse(multipart("digest", "\nSubject: one\n\n1", "\nSubject: two\n\n2"))
    assert [(e.number, e.digest, e.raw[:12]) for e in parsed.enclosed] == [
        ("1", True, b"Subject: one"),
        ("2", True, b"Subject: two"),
    ]


def test_missing_boundary_is_guessed() -> None:
    """A multipart that forgot to name its boundary is taken apart all the same."""
    parsed = parse(mail("Content-Type: multipart/mixed", "", "--x", "Content-Type: text/plain", "", "One", "--x--"))
    assert (parsed.text.strip(), parsed.notes) == ("One", ("boundary",))


def test_multipart_without_parts_is_text() -> None:
    """A body that shows no boundary at all is not lost."""
    assert parse(mail('Content-Type: multipart/mixed; boundary="x"', "", "Words")).text == "Words"


@pytest.mark.parametrize("depth", [MAX_NESTING + 1, 1000])
def test_deep_nesting_loses_no_text(depth: int) -> None:
    """Beyond the limit the source of the inner parts is the text, with a note; nothing recurses."""
    opening = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(depth))
    parsed = parse((opening + "\nthe inner words\n").encode())
    assert "the inner words" in parsed.text
    assert "nesting" in parsed.notes


def test_parts_beyond_the_limit_are_noted() -> None:
    """The first thousand parts are read, and a note tells that there were more."""
    parsed = parse(multipart("mixed", *[PLAIN + f"part{n}" for n in range(MAX_PARTS + 20)]))
    assert parsed.text.endswith(f"part{MAX_PARTS - 2}")
    assert "parts" in parsed.notes


@pytest.mark.parametrize("charset", ["punycode", "unicode_escape", "utf-7", "zlib", "idna", "x-nobody-knows"])
def test_charset_not_on_the_list_is_not_used(charset: str) -> None:
    """A stranger's label never picks a codec that is not a charset of mail."""
    assert (
        parse(mail(f"Content-Type: text/plain; charset={charset}", "", "\\ud800 a-b+ADw-")).text == "\\ud800 a-b+ADw-"
    )


def test_utf8_under_another_label_is_read() -> None:
    """Text that is valid UTF-8 is UTF-8 whatever Latin charset is claimed."""
    assert parse("Content-Type: text/plain; charset=iso-8859-1\n\nGrüße".encode()).text == "Grüße"


def test_unlabelled_latin_text_is_read() -> None:
    """8-bit text without a charset that is not UTF-8 comes out as letters."""
    assert parse("Subject: x\n\nGrüße aus Köln".encode("latin-1")).text == "Grüße aus Köln"


def test_opening_is_the_same_under_another_wrapper() -> None:
    """A list that adds a part, an encoding and a footer does not change what the id is made of."""
    alone = parse(mail("Subject: x", "", "Frost dates for the upper valley", "More."))
    wrapped = parse(multipart("mixed", PLAIN + "Frost dates for the upper valley\nMore.", PLAIN + "Footer"))
    assert alone.opening == wrapped.opening == "frost dates for the upper valley"


GROWING: dict[str, tuple[int, Callable[[int], bytes]]] = {
    "tiny parts": (5000, lambda n: b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * n),
    "false boundaries": (10000, lambda n: b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--bx\n" * n),
    "nested multiparts": (
        500,
        lambda n: b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i) for i in range(n)),
    ),
    "header fields": (40000, lambda n: b"a: b\n" * n + b"\n"),  # more than MAX_HEADER_BYTES both times
    "odd header lines": (10000, lambda n: b"a: b\n" + b"odd\n" * n + b"Subject: x\n\n"),
    "parameters": (2000, lambda n: b"Content-Type: text/plain" + b"; a=b" * n + b"\n\n"),
    "open quotes": (4000, lambda n: b"Content-Type: text/plain" + b';a="\\"' * n + b"\n\n"),
    "quote marks": (20000, lambda n: b"Content-Type: text/plain; format=flowed\n\n" + b"> x \n" * n),
    "false base64": (20000, lambda n: b"Content-Transfer-Encoding: base64\n\n" + b"!a\n" * n),
    "unknown 8-bit": (20000, lambda n: b"\n\n" + b"\xa4\xa4 \xe5" * n),
}


@pytest.mark.parametrize("name", GROWING)
def test_time_grows_with_the_size(name: str) -> None:
    """Made to be slow, and it is not: four times the input takes about four times as long."""
    size, made = GROWING[name]
    assert is_linear(parse, made, size)


def test_a_preamble_is_the_text_only_where_nothing_else_is() -> None:
    """What programs write there for readers of 1995 is nobody's letter: not above an empty text part, not above an
    attachment alone."""
    picture = "Content-Type: image/png\n\nx"
    assert parse(multipart("mixed", picture)).text.strip() == "This is MIME."
    assert parse(multipart("mixed", PLAIN, picture)).text.strip() == ""
    stock = multipart("mixed", picture).replace(b"This is MIME.", b"This is a multi-part message in MIME format.")
    assert parse(stock).text.strip() == ""
