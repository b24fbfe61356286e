"""Addresses of pages, and the mailto that answers a letter."""

from urllib.parse import parse_qs, urlsplit

from listfold.model import Letter, Record, record_of
from listfold.web import links
from web.garden import message


def record(**given: str) -> Record:
    return record_of(Letter(b"", "smtp", 0), message("x", "y", **given))


def test_a_segment_stays_one_segment_whatever_is_in_it() -> None:
    assert links.path("mid", "a/b?c#d@e") == "-/mid/a%2Fb%3Fc%23d%40e"


def test_the_root_is_the_path_of_the_base_url() -> None:
    assert [links.root_of(url) for url in ("http://a.example", "http://a.example/", "https://a.example/lists")] == [
        "/",
        "/",
        "/lists/",
    ]


def test_a_reply_goes_to_the_list_under_its_subject_and_in_its_thread() -> None:
    url = urlsplit(str(links.reply(record(), "garden@example.org", "Frost & rain")).replace("&amp;", "&"))
    assert (url.scheme, url.path) == ("mailto", "garden@example.org")
    assert parse_qs(url.query) == {"subject": ["Re: Frost & rain"], "In-Reply-To": ["<x@mail.example.org>"]}


def test_a_subject_cannot_put_headers_or_addresses_into_a_reply() -> None:
    url = str(links.reply(record(), "garden@example.org", "a\r\nBcc: ann.person@example.org"))
    assert "%0D" not in url.upper()
    assert "%0A" not in url.upper()
    assert "ann.person" not in url


def test_a_message_id_with_line_ends_is_left_out() -> None:
    assert "In-Reply-To" not in str(links.reply(record(message_id="<x\r\nBcc:y@z>"), "garden@example.org", "a"))


def test_without_a_plain_list_address_there_is_no_reply() -> None:
    for address in ("", "no address", "a@b@c", "a@b?bcc=c d"):
        assert links.reply(record(), address, "a") is None
