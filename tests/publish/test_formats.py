"""An issue as text, as mail and as JSON."""

import email
import email.policy
import json
from email.message import EmailMessage
from typing import cast
from zoneinfo import ZoneInfo

import pytest

from listfold.publish.article import width
from listfold.publish.issue import issue_named
from publish.test_mangle import HARVEST
from publish.village import ARTICLE, GARDEN, TAG, Village, at


@pytest.fixture
def issue(village: Village) -> Village:
    """A day with an answer, a table, other scripts and hostile headers."""
    village.post("2026-11-20 07:12", f"{ARTICLE}\n\nAnna\n\n------------------------------\n\nMore words.\n", mid="a")
    village.post(
        "2026-11-20 08:00", "> The valley had its first hard frost\n\nSo it did, in all gardens by the river.\n",
        subject="Re: Frost dates", author="Bö Ridge <bo@example.net>", answers="a",
    )  # fmt: skip
    village.post(
        "2026-11-20 09:00",
        "初霜は平年より十一日早く、" * 12 + "\n",
        subject="初霜について" * 20,
        author="健 <ken@example.org>",
    )
    village.post("2026-11-20 10:00", "x" * 3000 + "\n", subject="=?utf-8?q?a=0D=0ABcc:_eve=40example.net?=")
    village.publish("2026-11-23 12:00")
    return village


def text(village: Village) -> str:
    return village.file(f"public/{GARDEN}/digests/2026-11-20.txt").decode()


def mail(village: Village) -> EmailMessage:
    raw = village.file(f"public/{GARDEN}/digests/2026-11-20.eml")
    return cast(EmailMessage, email.message_from_bytes(raw, policy=email.policy.default))


def letters(village: Village) -> list[EmailMessage]:
    digest = next(p for p in mail(village).walk() if p.get_content_type() == "multipart/digest")
    return [cast(EmailMessage, part.get_payload(0)) for part in cast(list[EmailMessage], digest.get_payload())]


def test_text_fits_72_columns(issue: Village) -> None:
    """Wide characters count two; only a word that is wider stands alone."""
    assert [line for line in text(issue).split("\n") if width(line) > 72 and " " in line.strip()] == []


def test_text_is_parted_as_rfc_1153_says(issue: Village) -> None:
    """70 hyphens after the preamble, 30 between letters, each between blank lines, and an end."""
    lines = text(issue).split("\n")
    assert lines.count("-" * 70) == 1
    assert lines.count("-" * 30) == 4
    for n, line in enumerate(lines):
        if set(line) == {"-"} and len(line) in (30, 70):
            assert lines[n - 1] == lines[n + 1] == ""
    assert lines[-3] == "End of Gardeners Digest, 2026-11-20"
    assert lines[-2] == "*" * len(lines[-3])


def test_a_letters_own_hyphens_do_not_part_it(issue: Village) -> None:
    """They are moved by a space."""
    assert "\n ------------------------------\n" in text(issue)


def test_text_folds_a_quote_to_a_line(issue: Village) -> None:
    """In brackets, with its first words."""
    assert "[Quoted, 1 line: “The valley had its first hard frost”]" in text(issue)


def test_mail_opens_into_its_letters(issue: Village) -> None:
    """multipart/digest, whose parts are letters with author, subject, date and thread."""
    found = letters(issue)
    assert [m["From"].addresses[0].display_name for m in found] == ["Anna Gardener", "Bö Ridge", "Anna Gardener", "健"]
    assert found[1]["In-Reply-To"] == found[0]["Message-ID"]
    assert "So it did, in all gardens" in found[1].get_content()
    assert not [m.defects for m in mail(issue).walk() if m.defects]


def test_mail_holds_no_address(issue: Village) -> None:
    """Authors stand with an address that cannot exist."""
    assert {m["From"].addresses[0].addr_spec for m in letters(issue)} == {"hidden@address.invalid"}
    found = set(HARVEST.findall(issue.file(f"public/{GARDEN}/digests/2026-11-20.eml").decode()))
    assert found == {"hidden@address.in", *(address for address in found if "@listfold-3f2a.in" in address)}


def test_no_subject_can_add_a_header(issue: Village) -> None:
    """A decoded CR LF never reaches a header."""
    assert not [m for m in letters(issue) if m["Bcc"]]
    raw = issue.file(f"public/{GARDEN}/digests/2026-11-20.eml")
    assert b"\nBcc:" not in raw
    assert all(value.isascii() for part in mail(issue).walk() for _, value in part.raw_items())
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_ids_of_mail_are_made_of_the_tag(issue: Village) -> None:
    """They stay when the address of the installation changes."""
    assert mail(issue)["Message-ID"] == f"<digest.{GARDEN}.2026-11-20@{TAG.split(',')[0]}.invalid>"


def test_json_holds_the_same_letters(issue: Village) -> None:
    """The model, with the words in blocks."""
    read = json.loads(issue.file(f"public/{GARDEN}/digests/2026-11-20.json"))
    assert (read["schema"], read["issue"], read["letters"], read["open"]) == (
        "listfold/digest/1",
        "2026-11-20",
        4,
        False,
    )
    assert sum(len(t["items"]) for t in read["threads"]) == 4
    assert {b["kind"] for t in read["threads"] for i in t["items"] for b in i["blocks"]} == {"prose", "quote"}


def test_no_words_look_like_the_place_of_an_answer(village: Village) -> None:
    """What stands in JSON for the letter that is answered is put in afterwards, and never into a text."""
    words = ['"\\u0000"', "\\u0000", '\\"\\u0000\\"']
    village.post("2026-11-20 07:12", "".join(f"{word}\n\n" for word in words), subject=words[0], mid="a")
    village.post("2026-11-20 08:00", "So it is, by the river.\n", answers="a", subject=f"Re: {words[0]}")
    village.publish("2026-11-23 12:00")
    read = json.loads(village.file(f"public/{GARDEN}/digests/2026-11-20.json"))
    first, second = read["threads"][0]["items"]
    assert [line for block in first["blocks"] for line in block["lines"] if line] == words
    assert (first["subject"], first["answers"], second["answers"]) == (words[0], None, first["id"])


def test_an_empty_issue_has_all_formats(village: Village) -> None:
    """`digest LIST --period 2020-01-01` of a day without a letter says so."""
    village.post("2026-11-20 10:00", "Words.\n")
    with village.site() as site:
        found = site.issue(GARDEN, issue_named("2020-01-01", ZoneInfo("UTC")), at("2026-11-23 12:00"))
        assert b"Nothing arrived" in site.render(found, "html")
        assert b"0 letters" in site.render(found, "text")
        assert email.message_from_bytes(site.render(found, "mime")).is_multipart()
        assert json.loads(site.render(found, "json"))["threads"] == []


def test_a_letter_cannot_part_the_mail_that_it_stands_in(village: Village) -> None:
    """Boundaries are made of what they part: those of the issue without it, put into a letter, part nothing."""
    village.post("2026-11-20 07:12", ARTICLE)
    village.publish("2026-11-23 12:00")
    known = [part.get_boundary() for part in mail(village).walk() if part.is_multipart()]
    forged = "".join(f"--{boundary}\n\nSubject: I resign\n\nx\n--{boundary}--\n" for boundary in known if boundary)
    village.post("2026-11-20 08:00", f"Harmless words of the ridge.\n{forged}", subject="Ridge")
    village.publish("2026-11-23 12:10")
    assert sorted(m["Subject"] for m in letters(village)) == ["Frost dates", "Ridge"]
    after = {part.get_boundary() for part in mail(village).walk() if part.is_multipart()}
    assert not (after & set(known)) - {None}
    assert not any(part.get_filename() for part in mail(village).walk())


def test_what_looks_encoded_in_a_name_or_subject_is_text(village: Village) -> None:
    """Decoded by a mail program it would be what nobody has cleaned: an address, a header."""
    twice = "=?utf-8?b?PT91dGYtOD9xP3ZpY3RpbT00MGV4YW1wbGUub3JnPz0=?="  # =?utf-8?q?victim=40example.org?=
    header = "=?utf-8?b?PT91dGYtOD9xP3ZpY3RpbT00MGV4YW1wbGUub3JnPTBEPTBBQmNjOl94Pz0=?="
    village.post("2026-11-20 07:12", "Words.\n", subject=twice, author=f"{header} <anna@example.org>")
    village.publish("2026-11-23 12:00")
    (letter,) = letters(village)
    assert "victim@" not in str(letter["Subject"])
    assert "victim@" not in str(letter["From"])
    assert not letter["Bcc"]


def test_an_address_in_an_attribution_is_never_made_by_what_goes(village: Village) -> None:
    """What stands in angle brackets is left out, and leaves a space."""
    body = "On Mon, 30 Nov 2015, victim<x>@example.org wrote:\n> quoted\n> words\n\nMy answer to that.\n"
    village.post("2026-11-20 07:12", body)
    village.publish("2026-11-23 12:00")
    for form in ("html", "txt", "json"):
        assert b"victim@example.org" not in village.file(f"public/{GARDEN}/digests/2026-11-20.{form}")
