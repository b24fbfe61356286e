"""Header fields as real mail writes them: names, addresses, dates, subjects and Message-IDs."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.growth import is_linear
from listfold.core.headers import Headers, message_ids, moment, parse_headers, people, subject, tags
from listfold.model import Person


def field(raw: bytes, name: str = "Subject") -> str:
    return parse_headers(raw + b"\n\nbody").get(name)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b"Subject: plain words", "plain words"),
        (b"Subject: folded\n over\n\tlines", "folded over lines"),
        (b"subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        (b"Subject: =?utf-8?b?R3LDvA==?= =?utf-8?b?w59l?=", "Grüße"),
        (b"Subject: =?utf-8?q?Gr=C3?= =?utf-8?q?=BC=C3=9Fe?=", "Grüße"),
        (b"Subject: =?utf-8?b?R3LD?=\n =?utf-8?b?vMOfZQ?=", "Grüße"),
        (b"Subject: a =?iso-8859-1*de?q?=FC?= b", "a ü b"),
        (b"Subject: =?utf-8?q?with spaces in it?= after", "with spaces in it after"),
        (b"Subject: =?x-nobody?q?Gr=C3=BCn?=", "Grün"),
        (b"Subject: =?utf-8?q?never ends", "=?utf-8?q?never ends"),
        ("Subject: Grüße".encode(), "Grüße"),
        ("Subject: Grüße".encode("latin-1"), "Grüße"),
        ("Subject: Привет\nContent-Type: text/plain; charset=koi8-r".encode("koi8-r"), "Привет"),
        (b"Subject: =?utf-8?q?a=0D=0ABcc:_x=40example.org?=", "a Bcc: x@example.org"),
    ],
)
def test_value_is_decoded(raw: bytes, value: str) -> None:
    """RFC 2047 words in whatever state, and bare 8-bit text, come out as one clean line."""
    assert field(raw) == value


def test_first_of_two_fields_counts() -> None:
    """A field that is there twice is its first; `all` has both."""
    headers = parse_headers(b"Subject: one\nSUBJECT: two\n\n")
    assert (headers.get("subject"), headers.all("Subject")) == ("one", ["one", "two"])


def test_line_folded_without_a_space_belongs_to_its_field() -> None:
    """A line that is no field continues the one before when fields follow it."""
    assert field(b"Subject: one\ntwo three\nFrom: a@example.org") == "one two three"


@given(st.binary(max_size=500))
def test_any_bytes_give_clean_values(raw: bytes) -> None:
    """Whatever the bytes are, no value holds a control character, a NUL or a lone surrogate."""
    for name, value in parse_headers(b"Subject: " + raw).fields:
        value.encode("utf-8")
        assert not any(ord(c) < 32 or ord(c) == 127 for c in name + value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Jo Doe <jo@example.org>", [Person("Jo Doe", "jo@example.org")]),
        ('"Doe, Jo" <jo@example.org>', [Person("Doe, Jo", "jo@example.org")]),
        ("jo@example.org (Jo Doe)", [Person("Jo Doe", "jo@example.org")]),
        ("jo at example.org (Jo Doe)", [Person("Jo Doe", "jo@example.org")]),
        ("jo@example.org", [Person("", "jo@example.org")]),
        ("jo@example.org <jo@example.org>", [Person("", "jo@example.org")]),
        ("'Jo' <jo@example.org>, b@example.org", [Person("Jo", "jo@example.org"), Person("", "b@example.org")]),
        ("Friends: a@example.org, B <b@example.org>;", [Person("", "a@example.org"), Person("B", "b@example.org")]),
        ("undisclosed-recipients:;", []),
        ("Jo <@relay.example.net:jo@example.org>", [Person("Jo", "jo@example.org")]),
        ('"Jo <jo@example.org>', [Person("Jo", "jo@example.org")]),
        ("Jo Doe", [Person("Jo Doe", "")]),
        ("", []),
    ],
)
def test_people_are_read(value: str, expected: list[Person]) -> None:
    """Names and addresses in the forms of RFC 5322, its obsolete ones, and Pipermail's."""
    assert list(people(value)) == expected


def test_comma_in_an_encoded_name_is_no_separator() -> None:
    """A decoded name is quoted, so that one author does not become two."""
    assert people(field(b"From: =?utf-8?q?Doe=2C_Jo?= <jo@example.org>", "From")) == (
        Person("Doe, Jo", "jo@example.org"),
    )


def test_message_ids_are_read() -> None:
    """In order, each once, also where one was folded in its middle or lost its brackets."""
    assert message_ids("<a@example.org> <b@exam ple.org>\t<a@example.org>") == ("<a@example.org>", "<b@example.org>")
    assert message_ids("a@example.org") == ("<a@example.org>",)
    assert message_ids('Message of Monday from "Jo"') == ()


def made(date: str, *received: str) -> Headers:
    return Headers((*(("Received", f"by mx.example.org; {r}") for r in received), ("Date", date)))


NOON = 1448881200  # 2015-11-30T11:00:00Z
ARRIVED = "Mon, 30 Nov 2015 12:00:30 +0100"


@pytest.mark.parametrize(
    ("date", "offset"),
    [
        ("Mon, 30 Nov 2015 12:00:00 +0100", "+0100"),
        ("30 Nov 2015 04:00 PDT", "-0700"),
        ("Mon, 30 Nov 2015 12:00:00 CET", "+0100"),
        ("Mon, 30 Nov 15 11:00:00 GMT", "+0000"),
        ("Mon Nov 30 12:00:00 CET 2015", "+0100"),
        ("Mon, 30 Nov 2015 11:00:00 -0000", None),
        ("Mon, 30 Nov 2015 16:30:00 +0530 (IST)", "+0530"),
    ],
)
def test_date_is_read(date: str, offset: str | None) -> None:
    """Seconds in UTC, and the author's offset where the field names one."""
    assert moment(made(date, ARRIVED)) == (NOON, "header", offset)


@pytest.mark.parametrize(
    "date",
    [
        "Thu, 1 Jan 1970 00:00:00 +0000",
        "Mon, 30 Nov 2065 12:00:00 +0100",
        "Mon, 30 Nov 0115 12:00:00 +0100",
        "Sat, 1 Jan 2000 00:00:00 +0000",
        "Mon, 30 Nov 99999999999 12:00:00",
        "yesterday",
        "",
    ],
)
def test_absurd_date_gives_way_to_received(date: str) -> None:
    """A clock that was never set does not move a message out of its year."""
    assert moment(made(date, ARRIVED)) == (NOON + 30, "received", None)


def test_moved_archive_does_not_redate_a_message() -> None:
    """A Received field of years later, from an archive's move, leaves a Date alone that an older one agrees with."""
    late = "Fri, 30 Nov 2019 12:00:30 +0100"
    assert moment(made("Mon, 30 Nov 2015 12:00:00 +0100", late, ARRIVED)) == (NOON, "header", "+0100")


def test_nothing_tells_the_date() -> None:
    """Without Date and Received the caller has only the arrival."""
    assert moment(Headers()) == (None, "arrival", None)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("[Gardeners] Re: [Gardeners] Frost", "Frost"),
        ("Re[2]: AW: Antw: WG: SV: Frost", "Frost"),
        ("回复:[gardeners] 转发: Frost", "Frost"),
        ("RE : Re (3): Frost", "Frost"),
        ("Odp: YNT: RV: ENC: TR: VS: Frost", "Frost"),
        ("Re: [PATCH v2 1/3] mm: fix", "[PATCH v2 1/3] mm: fix"),
        ("[PATCHv2 0/7] mm: fix", "[PATCHv2 0/7] mm: fix"),
        ("[Gardeners] [ANNOUNCE] beans 1.2", "[ANNOUNCE] beans 1.2"),
        ("[RFC] beans", "[RFC] beans"),
        ("Re: [GIT PULL] beans", "[GIT PULL] beans"),
        ("[v1.2-rc3] beans", "[v1.2-rc3] beans"),
        ("[beans:1234] [Bug 7] leaks", "[Bug 7] leaks"),
        ("reading beans: a guide", "reading beans: a guide"),
        ("fs: tr: not a prefix", "fs: tr: not a prefix"),
        ("[Gardeners]", "[Gardeners]"),
        ("Re:", ""),
    ],
)
def test_subject_is_stripped(value: str, expected: str) -> None:
    """List tags and reply prefixes of all languages go; what an author put in brackets stays."""
    assert subject(value) == expected


def test_tags_are_those_that_were_stripped() -> None:
    """A list's tag can be told from the author's."""
    assert tags("Re: [Gardeners] [PATCH] beans") == ("Gardeners",)


HOSTILE: dict[str, Callable[[int], str]] = {
    "comments": lambda n: "(" * n,
    "addresses": lambda n: "a@example.org, " * n,
    "quotes": lambda n: "\"'" * n,
    "angles": lambda n: "<" * n,
    "routes": lambda n: "<" + "a:" * n,
    "spaces": lambda n: "a" + " " * n + "b",
    "at": lambda n: "a at " * n,
    "dots": lambda n: "a at " + "." * n + "@",
    "words": lambda n: "=?utf-8?q?x?= " * n,
    "open words": lambda n: "=?utf-8?q?" * n,
    "prefixes": lambda n: "Re: " * n,
    "brackets": lambda n: "[" * n,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_time_grows_with_the_size(name: str) -> None:
    """No field is slow to read, whatever stands in it."""

    def work(value: str) -> None:
        for _ in range(3):
            people(value)
            subject(value)
            message_ids(value)
            parse_headers(f"From: {value}\nSubject: {value}\nDate: {value}\n\n".encode())

    assert is_linear(work, HOSTILE[name], 4000)
