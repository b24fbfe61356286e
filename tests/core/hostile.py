"""Hostile and broken letters of every kind, made here: MIME, encodings, charsets, fields, dates and texts.

Each letter that says anything says FROST where a lenient reader would find it: who reads the letter has to find it
too. Those of `SILENT` say nothing that anybody could read, or too deep down.
"""

import base64
from collections.abc import Iterator

FROST = "FROST"
HEAD = b"From: anna@example.org\r\nTo: garden@lists.example.org\r\nSubject: x\r\n"
SILENT = (
    "nothing",
    "only line ends",
    "only NULs",
    "no body",
    "a message in UTF-16",
    "400 messages",
    "one piece of many",
)


def mail(body: bytes, *fields: bytes) -> bytes:
    return HEAD + b"".join(field + b"\r\n" for field in fields) + b"\r\n" + body


def text(body: bytes, charset: bytes = b"utf-8", encoding: bytes = b"8bit") -> bytes:
    return mail(body, b"Content-Type: text/plain; charset=" + charset, b"Content-Transfer-Encoding: " + encoding)


def mixed(body: bytes, boundary: bytes = b"b", kind: bytes = b"mixed") -> bytes:
    return mail(body, b"MIME-Version: 1.0", b"Content-Type: multipart/" + kind + b"; boundary=" + boundary)


def part(body: bytes = b"FROST", *fields: bytes, boundary: bytes = b"b") -> bytes:
    return b"--" + boundary + b"\r\n" + b"".join(f + b"\r\n" for f in fields) + b"\r\n" + body + b"\r\n"


def structures() -> Iterator[tuple[str, bytes]]:
    """Parts and boundaries that do not fit."""
    plain = b"Content-Type: text/plain"
    yield "no boundary is named", mail(part() + b"--b--", b"Content-Type: multipart/mixed")
    yield "an empty boundary", mixed(part() + b"--b--", b'""')
    yield "an open quote around the boundary", mixed(part() + b"--b--", b'"b')
    yield "a boundary of blanks", mixed(part(boundary=b"   ") + b"--   --", b'"   "')
    yield "a boundary of 5000 characters", mixed(part(boundary=b"b" * 5000), b"b" * 5000)
    yield "a boundary that is a pattern", mixed(part(boundary=b"(.*)+$[^b]|\\"), b'"(.*)+$[^b]|\\\\"')
    yield "a boundary with a NUL", mixed(part(boundary=b"b\0b"), b'"b\0b"')
    yield "a boundary in 8 bit", mixed(part(boundary="grün".encode()), '"grün"'.encode())
    yield "closed before it begins", mixed(b"--b--\r\n" + part() + b"--b--")
    yield "closed twice", mixed(part(b"x") + b"--b--\r\n" + part() + b"--b--")
    yield "closed by nobody", mixed(part())
    yield "only a preamble", mixed(b"FROST\r\n")
    yield "only an epilogue", mixed(b"--b--\r\nFROST\r\n")
    yield (
        "a boundary that begins another",
        mixed(part(part(boundary=b"bb"), b"Content-Type: multipart/mixed; boundary=bb") + b"--b--"),
    )
    yield "one boundary for all levels", mixed(part(b"", b"Content-Type: multipart/mixed; boundary=b") * 300 + part())
    yield (
        "a parent that closes its child",
        mixed(part(part(b"x", boundary=b"c"), b"Content-Type: multipart/mixed; boundary=c") + part() + b"--b--"),
    )
    yield (
        "a multipart in base64",
        mail(
            base64.encodebytes(part() + b"--b--"),
            b"Content-Type: multipart/mixed; boundary=b",
            b"Content-Transfer-Encoding: base64",
        ),
    )
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(400))
    yield "400 multiparts", HEAD + deep + plain + b"\r\n\r\nFROST\r\n"
    yield "400 messages", HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 400 + plain + b"\r\n\r\nFROST\r\n"
    yield (
        "a message in base64",
        mixed(
            part(
                base64.encodebytes(mail(b"FROST")),
                b"Content-Type: message/rfc822",
                b"Content-Transfer-Encoding: base64",
            )
        ),
    )
    yield "a message without anything", mixed(part() + part(b"", b"Content-Type: message/rfc822"))
    yield "20000 parts", mixed(part() + b"--b\r\n\r\n\r\n" * 20000)
    yield "2000 alternatives", mixed(part(b"FROST", plain) + part(b"x", plain) * 2000, kind=b"alternative")
    yield "a digest of itself", mixed(part(mixed(part(mail(b"FROST")), kind=b"digest")), kind=b"digest")
    yield "signed by nobody", mixed(part() + b"--b--", kind=b"signed")
    yield "encrypted for nobody", mixed(part() + b"--b--", kind=b"encrypted")
    yield "a report of nothing", mixed(part() + part(b"", b"Content-Type: message/delivery-status"), kind=b"report")
    yield "one piece of many", mail(b"FROST", b"Content-Type: message/partial; id=x; number=1; total=99999999999999")
    yield (
        "a body elsewhere",
        mixed(part() + part(b"", b'Content-Type: message/external-body; access-type=local-file; name="/etc/passwd"')),
    )
    for kind in (
        b"text",
        b"/",
        b";;;;",
        b"text/",
        b"text/plain text/html",
        b"multipart/mixed/mixed",
        b"\xff/\xff",
        b"",
    ):
        yield f"the type {kind!r}", mail(b"FROST", b"Content-Type: " + kind)
    yield "two types", mail(b"FROST", plain, b"Content-Type: image/png")
    yield "8000 parameters", mail(b"FROST", plain + b"; a=b" * 8000)


def encodings() -> Iterator[tuple[str, bytes]]:
    """Transfer encodings that were broken on their way or on purpose."""
    whole = base64.b64encode(b"FROST came early to the valley")
    yield "base64 with rubbish in it", text(b"!!".join(whole[n : n + 8] for n in range(0, 40, 8)), encoding=b"base64")
    yield "base64 that is one short", text(whole[:33], encoding=b"base64")
    yield "base64 padded in the middle", text(base64.b64encode(b"FROST") + whole, encoding=b"base64")
    yield "base64 in base64", text(base64.b64encode(b"FROST\r\n" + whole), encoding=b"base64")
    yield "base64 that is none", text(b"FROST, and not a word of it encoded\r\n" * 9, encoding=b"base64")
    yield "base64 without line ends", text(base64.b64encode(b"FROST " * 50_000), encoding=b"base64")
    yield "quoted-printable that is none", text(b"FROST =G0 = == =\xff =A \t\r\n=", encoding=b"quoted-printable")
    yield "50000 soft breaks", text(b"FROST" + b"=\r\n" * 50_000, encoding=b"quoted-printable")
    yield "lower case and blanks", text(b"FROST =e4=f6 =   \r\n=0a=00=0d", encoding=b"quoted-printable")
    yield "uuencode without an end", text(b"FROST\r\nbegin 644 /etc/passwd\r\nM" + b"x" * 60, encoding=b"x-uuencode")
    yield "uuencode of another length", text(b"FROST\r\nbegin 999 a\r\n~abc\r\n\x7f\r\n`\r\nend\r\n")
    yield "10000 uuencoded files", text(b"FROST\r\n" + b"begin 644 a\r\n`\r\nend\r\n" * 10_000)
    yield (
        "yEnc",
        text(b"FROST\r\n=ybegin line=128 size=99999999999 name=..\\a\r\n" + bytes(range(256)) + b"\r\n=yend\r\n"),
    )
    for name in (b"x-unknown", b"gzip", b"", b"8bit; x", b"BASE64 ", b"7bit base64", b"\xff"):
        yield f"the encoding {name!r}", text(b"FROST came early\r\n", encoding=name)


def charsets() -> Iterator[tuple[str, bytes]]:
    """Labels that lie, codecs that are no charsets, and bytes that no charset has."""
    labels = "utf-7 unicode_escape raw_unicode_escape rot13 base64 hex zlib bz2 idna punycode mbcs undefined oem utf-9"
    for label in labels.split():
        yield f"the charset {label}", text(b"FROST +ADw-script+AD4- \\u0000 \\ud800\r\n", label.encode())
    for label in ("ascii", "utf-8", "iso-8859-1", "windows-1252", "big5", "gb18030", "euc-kr", "shift_jis", "koi8-r"):
        yield f"any bytes as {label}", text(b"FROST\r\n" + bytes(range(1, 256)) * 20 + b"\r\n", label.encode())
    yield "odd UTF-16", text("FROST".encode("utf-16") + b"\xd8", b"utf-16")
    yield "UTF-16 that is none", text(b"FROST came early\r\n", b"utf-16")
    yield "UTF-32 that is none", text(b"FROST came early\r\n", b"utf-32")
    yield (
        "UTF-8 that is too long",
        text(b"FROST \xc0\xbcscript\xc0\xbe \xe0\x80\xaf \xf8\x88\x80\x80\x80 \xed\xa0\x80\r\n"),
    )
    for label in (b"iso-2022-jp", b"iso-2022-kr", b"hz", b"iso-2022-cn"):
        broken = b"FROST \x1b$B\xff\x1b(J~{\x1b$)C\x0e\x0f\x1b\x1b$@!\r\n"
        yield f"broken escapes of {label.decode()}", text(broken * 500, label)
    yield "a punycode bomb", text(b"FROST \r\n" + b"a" * 100_000 + b"-zzzz", b"punycode")
    yield "a label of 9000 characters", text(b"FROST\r\n", b"x" * 9000)
    yield "a label with a NUL", text(b"FROST\r\n", b'"utf-8\0"')
    yield "an encoded label", text(b"FROST\r\n", b'"=?utf-8?q?utf-8?="')
    yield "a message in UTF-16", ("\ufeff" + mail(b"FROST").decode()).encode("utf-16-le")
    yield "a mark before the first field", b"\xef\xbb\xbf" + mail(b"FROST")


def fields() -> Iterator[tuple[str, bytes]]:
    """Header fields: too many, too long, or not what they should be."""
    yield "nothing", b""
    yield "only line ends", b"\r\n" * 3000
    yield "only NULs", b"\0" * 3000
    yield "no body", HEAD
    yield "no header", b"\r\nFROST\r\n"
    yield "a From_ line on top", b"From anna@example.org Mon Nov 30 00:00:00 2015\r\n" + mail(b"FROST")
    for odd in (
        b"no colon",
        b": no name",
        b"Subject : blank",
        b"\xe4: 8 bit",
        b"a\0b: NUL",
        b" folded",
        b"\t",
        b"-",
    ):
        yield f"the field {odd!r}", odd + b"\r\n" + mail(b"FROST", odd)
    yield "20000 folds", mail(b"FROST", b"X-Long: a" + b"\r\n b" * 20_000)
    yield "a line of 500 kB", mail(b"FROST", b"X-Long: " + b"a" * 500_000)
    yield "20000 fields", mail(b"FROST", *[b"X-%d: a" % n for n in range(20_000)])
    yield "20000 subjects", mail(b"FROST", *[b"Subject: a"] * 20_000)
    for name, end in (("LF", b"\n"), ("CR", b"\r"), ("CR CR LF", b"\r\r\n"), ("LF CR", b"\n\r")):
        yield f"lines that end in {name}", mail(b"FROST\r\n.\r\nx\r\n").replace(b"\r\n", end)
    yield "lines that end in anything", HEAD.replace(b"\r\n", b"\n", 1) + b"X: a\rb\n\rFROST\r\r\nFROST\n\0\r"
    yield "NULs everywhere", mail(b"FR\0OST \0\r\n FROST\0", b"Subject: \0=?utf-8?q?=00?=\0", b"X\0: \0")
    words = {
        "of 60000 characters": b"=?utf-8?q?" + b"a" * 60_000 + b"?=",
        "without an end": b"=?utf-8?q?a" * 5000,
        "in one another": b"=?utf-8?q?" * 50 + b"=3D=3Futf-8=3Fq=3Fx=3F=3D" + b"?=" * 50,
        "that make a field": b"=?utf-8?q?a=0D=0ABcc:_x=40example.org=0D=0A=0D=0Abody?=",
        "with a NUL": b"=?utf-8?b?AAAA?= =?utf-16?q?=00=D8?=",
        "of no charset": b"=?unknown?q?a?= =?punycode?b?LS0tLS0=?= =?zlib?b?eJw=?= =?=?=?=",
        "of no base64": b"=?utf-8?b?a?= =?utf-8?b?====?= =?utf-8?b?!!!!!?= =?utf-8?b??=",
        "cut within a character": b"=?utf-8?b?w6?= =?utf-8?q?=C3?= =?utf-8?q?=A4?= =?utf-8?b?pA==?=",
        "side by side": b"=?utf-8?q?a?= " * 5000,
        "with a language": b"=?utf-8*" + b"en-" * 20 + b"?q?a?=",
    }
    for name, value in words.items():
        yield f"encoded words {name}", mail(b"FROST", b"Subject: " + value, b"From: " + value + b" <a@example.org>")
    for name, value in ADDRESSES.items():
        yield f"addresses: {name}", b"From: " + value + b"\r\nTo: " + value + b"\r\nCc: " + value + b"\r\n\r\nFROST\r\n"
    for value in (
        b"<a@[b>",
        b"",
        b"<>",
        b"<" + b"a" * 9000 + b"@b>",
        b"< a @ b >",
        b"<a\0@b>",
        b"<a@b><c@d>",
        b"<../../a>",
    ):
        links = b"In-Reply-To: " + value, b"References: " + value * 50
        yield f"the id {value[:20]!r}", mail(b"FROST", b"Message-ID: " + value, *links)
    yield "it answers itself", mail(b"FROST", b"Message-ID: <a@b>", b"In-Reply-To: <a@b>", b"References: <a@b>" * 500)
    yield "5000 references", mail(b"FROST", b"References: " + b"".join(b"<%d@b> " % n for n in range(5000)))
    for value in DATES:
        yield f"the date {value[:24]!r}", mail(b"FROST", b"Date: " + value, b"Received: from a by b; " + value)
    for value in (
        b"<<>",
        b"<../../etc/passwd>",
        b"<" + b"a." * 4000 + b"b>",
        b"\xff\0<\xff>",
        b"<a b>",
        b"<.>",
        b"<CON>",
    ):
        yield f"the list {value[:20]!r}", mail(b"FROST", b"List-Id: " + value, b"List-Post: <mailto:" + value + b">")
    for name, value in NAMES.items():
        listed = part() + part(b"x", b"Content-Type: image/png", b"Content-Disposition: attachment; " + value)
        yield f"a file's name: {name}", mixed(listed + b"--b--")


ADDRESSES = {
    "nested comments": b"(" * 5000 + b"a" + b")" * 5000 + b" <a@b>",
    "open quotes": b'"' * 5001 + b"<a@b>",
    "angles": b"<" * 5000 + b"a@b" + b">" * 5000,
    "groups in groups": b"a:" * 2000 + b"b@c" + b";" * 2000,
    "a route": b"<@a,@b,@" + b"c," * 2000 + b":d@e>",
    "2000 people": b"a@example.org, " * 2000,
    "signs": b"@" * 5000,
    "a literal": b"<a@[IPv6:" + b":" * 2000 + b"]>",
    "escapes": b'"' + b"\\" * 5001 + b'" <a@b>',
    "two in one": b'"a@b.org" <c@d.org>, a@b.org <c@d.org>, <a@b.org>@c.org',
    "nobody": b"",
}

DATES = (
    b"Mon, 00 Jan 0000 00:00:00 +0000",
    b"Fri, 31 Dec 9999 23:59:59 -2359",
    b"Mon, 1 Jan 99999999999 00:00:00 +0000",
    b"Mon, 99 Foo -1 99:99:99 +9999",
    b"Tue, 1 Dec 2015 23:59:60 +999999999999",
    b"1 Jan 1970 00:00:00 +1400",
    b"Thu, 1 Jan 1970 00:00:00 -9999",
    "١ Jan ٢٠١٥ 00:00:00 +0000".encode(),
    b"nan",
    b"1e309",
    b"(" * 3000 + b"Tue, 1 Dec 2015",
    b"Tue, 1 Dec 2015 " + b"00:" * 3000,
    b"\0",
    b"2015-12-01T00:00:00.999999999999999999Z",
)

NAMES = {
    "10000 pieces": b"; ".join(b"filename*%d*=utf-8''%%41" % n for n in range(9_000)),
    "pieces that are missing": b'filename*0="a"; filename*2="c"; filename*9999="z"; filename*99999999="x"',
    "pieces that come twice": b"filename*0*=a''%41; filename*0=b; filename*1=c; filename*1*=%42; filename*-1=x",
    "a piece of no number": "filename*²=a; filename*٣=b; filename**=c; filename*0**=d; filename*00=e".encode(),
    "a charset that is none": b"filename*=zlib''%78%9c; filename*0*=punycode''----",
    "half a percent": b"filename*=utf-8''%; filename*0*=utf-8'en'%c3; filename*1*=%e",
    "too many quotes": b"filename*=" + b"'" * 3000,
    "a way out": b'filename="../../../../etc/passwd\0.png"; name="C:\\\\CON"',
    "an encoded way out": b'filename="=?utf-8?b?Li4vLi4vYQ==?="',
    "of 60000 characters": b'filename="' + b"a" * 60_000 + b'"',
    "with a field in it": b"filename*=utf-8''a%0D%0AContent-Type:%20text/html%0D%0A%0D%0A%3Cscript%3E",
}


def texts() -> Iterator[tuple[str, bytes]]:
    """Bodies that are made to cost time."""
    for name, piece in {
        "quotes": b">" * 3000 + b"\r\n",
        "quotes with blanks": b"> " * 3000 + b"\r\n",
        "attributions": b"On a b c, d wrote\r\n",
        "originals": b"-----Original Message-----\r\nFrom: a\r\nSubject: b\r\n\r\n",
        "forwards": b"Begin forwarded message:\r\n\r\n> From: a\r\n",
        "digests": b"-" * 30 + b"\r\n\r\nMessage: 1\r\nFrom: a\r\nSubject: b\r\n\r\nx\r\n\r\n",
        "signed texts": b"-----BEGIN PGP SIGNED MESSAGE-----\r\n\r\n",
        "keys": b"-----BEGIN PGP PUBLIC KEY BLOCK-----\r\n",
        "signatures": b"-- \r\nx\r\n",
        "rules": b"_" * 70 + b"\r\n",
        "patches": b"diff --git a/x b/x\r\n--- a/x\r\n+++ b/x\r\n@@ -1 +1 @@\r\n",
        "addresses": b"http://a.b/c@d.e ",
        "line ends": b"\r\n",
        "blanks": b" \t",
        "marks": "a\u0301\u0301\u0301".encode(),
        "directions": "\u202e\u2066\u200f".encode(),
    }.items():
        yield f"a text of {name}", text(b"FROST\r\n\r\n" + piece * max(20_000 // len(piece), 20) + b"\r\n")
        flowed = b"Content-Type: text/plain; format=flowed; delsp=yes"
        yield f"a flowed text of {name}", mail(b"FROST\r\n\r\n" + piece * max(5_000 // len(piece), 20), flowed)
    for kind in (b"text/html", b"text/enriched", b"text/richtext", b"application/ms-tnef", b"text/x-unknown"):
        body = b"<html><FROST><bold><x-y>FROST" + b"<b><p " * 3000 + b"</html>FROST"
        yield f"markup as {kind.decode()}", mixed(part() + part(body, b"Content-Type: " + kind) + b"--b--")
    yield "markup without a type", HEAD + b"\r\n<!doctype html><body>FROST<script>FROST" + b"<div>" * 3000


KINDS = (structures, encodings, charsets, fields, texts)
HOSTILE: dict[str, bytes] = {  # each with words of its own: the archive has not to compare it with all others
    name: raw.replace(b": x\r\n", b": %d\r\n" % n, 1).replace(b"FROST", b"FROST %d" % n, 1).removesuffix(b"\r\n")
    + b"\r\n"
    for n, (name, raw) in enumerate(letter for kind in KINDS for letter in kind())
}
