"""Messages inside of a text, as mail programs write them."""

from datetime import UTC, datetime

import pytest

from core.growth import is_linear
from listfold.core.block import view
from listfold.core.claimed import attribution_fields, claimed_author, claimed_moment
from listfold.core.digests import digest_members
from listfold.core.unwrap import Inline, inlines, is_forward, is_reply, without_forward
from listfold.model import Person, Span

BODY = "The east door stays shut until the boiler is back.\nPlease use the gate by the school."
QUOTED = "\n".join("> " + line for line in BODY.split("\n"))

FORWARDS = {
    "gmail": f"""see below

---------- Forwarded message ---------
From: Ann Gardener <ann@example.org>
Date: Mon, Dec 7, 2015 at 1:22 PM
Subject: [garden] East door
To: <garden@example.org>


{BODY}""",
    "outlook web": f"""see below

________________________________
From: Ann Gardener <ann@example.org>
Sent: 07 December 2015 13:22
To: garden@example.org
Subject: [garden] East door

{BODY}""",
    "outlook": f"""see below

-----Original Message-----
From: Ann Gardener [mailto:ann@example.org]
Sent: Monday, December 07, 2015 1:22 PM
To: garden@example.org
Subject: [garden] East door

{BODY}""",
    "apple": f"""see below

Begin forwarded message:

> From: Ann Gardener <ann@example.org>
> Subject: [garden] East door
> Date: December 7, 2015 at 1:22:00 PM UTC
> To: garden@example.org
>
{QUOTED}""",
    "thunderbird": f"""see below

-------- Forwarded Message --------
Subject: \t[garden] East door
Date: \tMon, 7 Dec 2015 13:22:00 +0000
From: \tAnn Gardener <ann@example.org>
To: \tgarden@example.org


{BODY}""",
    "thunderbird, german": f"""siehe unten

-------- Weitergeleitete Nachricht --------
Betreff: \t[garden] East door
Datum: \tMon, 7 Dec 2015 13:22:00 +0000
Von: \tAnn Gardener <ann@example.org>
An: \tgarden@example.org


{BODY}""",
    "mutt": f"""see below

----- Forwarded message from Ann Gardener <ann@example.org> -----

Date: Mon, 7 Dec 2015 13:22:00 +0000
From: Ann Gardener <ann@example.org>
To: garden@example.org
Subject: [garden] East door

{BODY}

----- End forwarded message -----""",
    "yahoo": f"""see below

----- Forwarded Message -----
From: Ann Gardener <ann@example.org>
To: garden@example.org
Sent: Monday, December 7, 2015, 01:22:00 PM UTC
Subject: [garden] East door

{BODY}""",
    "the bat": f"""see below

This is a forwarded message
From: Ann Gardener <ann@example.org>
To: garden@example.org
Date: Monday, December 7, 2015, 1:22:00 PM
Subject: [garden] East door

===8<==============Original message text===============
{BODY}
===8<===========End of original message text===========""",
    "zoho": f"""see below

============ Forwarded message ============
From: Ann Gardener <ann@example.org>
To: <garden@example.org>
Date: Mon, 7 Dec 2015 13:22:00 +0000
Subject: [garden] East door
============ Forwarded message ============

{BODY}""",
    "elm": f"""see below

Forwarded message:
>From ann@example.org Mon Dec  7 13:22:00 2015
>Date: Mon, 7 Dec 2015 13:22:00 +0000
>From: Ann Gardener <ann@example.org>
>Subject: [garden] East door
>
{QUOTED}""",
    "eudora": f"""see below

>X-Sender: ann@example.org
>Date: Mon, 7 Dec 2015 13:22:00 +0000
>To: garden@example.org
>From: Ann Gardener <ann@example.org>
>Subject: [garden] East door
>
{QUOTED}""",
    "orange": f"""see below

> Message du 07/12/15 13:22
> De : "Ann Gardener" <ann@example.org>
> A : garden@example.org
> Copie à :
> Objet : [garden] East door
>
{QUOTED}""",
    "libero": f"""see below

----Messaggio originale----
Da: "Ann Gardener" <ann@example.org>
Data: 7-dic-2015 13.22
A: <garden@example.org>
Ogg: [garden] East door

{BODY}""",
    "yandex": f"""see below

-------- Пересылаемое сообщение --------
07.12.2015, 13:22, "Ann Gardener" <ann@example.org>:

{BODY}

-------- Конец пересылаемого сообщения --------""",
    "whole header": f"""see below

----- Forwarded message from Ann Gardener <ann@example.org> -----

Return-Path: <garden-bounces@example.org>
X-Original-To: bob@example.net
Received: from mail.example.org by mail.example.net
	with ESMTP; Mon, 7 Dec 2015 13:22:09 +0000
DKIM-Signature: v=1; d=example.org;
	b=abc
Date: Mon, 7 Dec 2015 13:22:00 +0000
From: Ann Gardener <ann@example.org>
Subject: [garden] East door
X-Mailer: Trowel 1.0
Sender: garden-bounces@example.org

{BODY}

----- End forwarded message -----""",
}


def opened(text: str, subject: str = "Fwd: [garden] East door", reply: bool = False) -> tuple[Inline, ...]:
    return inlines(view(text), (), subject, reply)


@pytest.mark.parametrize("program", sorted(FORWARDS))
def test_inline_forward_is_opened(program: str) -> None:
    """Each program's forward gives the inner text and what it claims of author, date and subject."""
    (one,) = opened(FORWARDS[program])
    assert one.text.strip() == BODY
    assert claimed_author(one.headers.get("From")) == Person("Ann Gardener", "ann@example.org")
    assert one.headers.get("Subject") == "[garden] East door"
    written = datetime(2015, 12, 7, 13, 22, tzinfo=UTC)
    assert claimed_moment(one.headers.get("Date"))[0] == int(written.timestamp())


def test_quoted_forward_loses_one_quote_mark() -> None:
    """A forward that is one quote under an attribution; what was quoted in it stays quoted."""
    (one,) = opened(f"fyi\n\nOn 7 Dec 2015, Ann Gardener wrote:\n> > Which door?\n>\n{QUOTED}\n\nBob")
    assert one.text == f"> Which door?\n\n{BODY}"
    assert one.headers.get("Subject") == "[garden] East door"
    assert claimed_author(one.headers.get("From")).name == "Ann Gardener"


def test_forward_quoted_by_initials_loses_them() -> None:
    """ "AG> " is a quote mark, too."""
    marked = "\n".join("AG> " + line for line in BODY.split("\n"))
    text = f"fyi\n\nOn 7 Dec 2015, Ann Gardener wrote:\n{marked}"
    (one,) = inlines(view(text), (Span("quote", 3, 5, "quote-marks"),), "Fwd: [garden] East door", False)
    assert one.text == BODY


@pytest.mark.parametrize(
    "arrows",
    [
        ">>> Ann Gardener <ann@example.org> 12/07/15 1:22 PM >>>",
        ">>> On 12/7/2015 at 1:22 PM, in message <a.b@example.org>, Ann Gardener <ann@example.org> wrote:",
    ],
)
def test_groupwise_names_who_is_forwarded_between_arrows(arrows: str) -> None:
    """They look like a quote, and what follows has no marks; under a reply it is her full quote."""
    (one,) = opened(f"see below\n\n{arrows}\n{BODY}")
    assert (one.text, one.headers.get("Subject")) == (BODY, "[garden] East door")
    assert claimed_author(one.headers.get("From")) == Person("Ann Gardener", "ann@example.org")
    assert claimed_moment(one.headers.get("Date"))[0] == int(datetime(2015, 12, 7, 13, 22, tzinfo=UTC).timestamp())
    assert opened(f"Yes.\n\n{arrows}\n{BODY}", "Re: [garden] East door") == ()
    assert opened(f"Yes.\n\n{arrows}\n{BODY}", "another subject") == ()


def test_danish_vs_is_a_forward_and_a_finnish_one_a_reply() -> None:
    """The labels tell which language the prefix is from."""
    danish = f"Fra: Ann Gardener <ann@example.org>\nSendt: 7. december 2015 13:22\nTil: Bob\nEmne: East door\n\n{BODY}"
    finnish = (
        f"Lähettäjä: Ann Gardener\nLähetetty: 7. joulukuuta 2015 13:22\nVastaanottaja: Bob\nAihe: East door\n\n{BODY}"
    )
    assert [one.text for one in opened(danish, "VS: East door", reply=True)] == [BODY]
    assert opened(finnish, "VS: East door", reply=True) == ()


def test_forward_without_labels_has_its_subject_from_outside() -> None:
    """What the letter's own subject forwards is the subject of the only message in it."""
    (one,) = opened(f"----- Forwarded message from Ann Gardener <ann@example.org> -----\n\n{BODY}")
    assert (one.headers.get("Subject"), one.text) == ("[garden] East door", BODY)


def test_quotes_and_answers_by_turns_are_no_forward() -> None:
    """A forwarding subject does not make a reply a forward."""
    assert opened(f"{QUOTED}\n\nI have no key.\n\n{QUOTED}\n\nNor there.") == ()


def test_reply_over_a_full_quote_is_no_forward() -> None:
    """Outlook writes the same header under a reply; the subject tells."""
    assert opened(FORWARDS["outlook"], "RE: [garden] East door") == ()
    assert opened(FORWARDS["outlook web"], "[garden] East door", reply=True) == ()


def test_forward_in_a_quote_is_not_opened() -> None:
    """A reply to a forward quotes it."""
    text = "Thanks!\n\nOn Tuesday Bob wrote:\n" + "\n".join("> " + x for x in FORWARDS["gmail"].split("\n"))
    assert opened(text, "Re: Fwd: [garden] East door") == ()


def test_labels_alone_open_a_forward_only_when_all_are_there() -> None:
    """A text that shows a From and a Date is not a forward."""
    part = f"It came in like this:\n\nFrom: ann@example.org\nSubject: Door\nDate: today\n\n{BODY}"
    assert opened(part, "headers") == ()
    assert len(opened(part.replace("Date:", "To: garden@example.org\nDate:"), "headers")) == 1


def test_forward_of_a_forward_is_opened_one_level_at_a_time() -> None:
    """The inner text still holds the next."""
    inner = FORWARDS["apple"]
    (one,) = opened(
        f"---------- Forwarded message ---------\nFrom: Bob <bob@example.net>\nTo: c@example.org\n\n{inner}"
    )
    assert one.text == inner
    assert opened(one.text)[0].text.strip() == BODY


def test_two_forwards_with_end_marks_are_two() -> None:
    """mutt closes a forward, so that another can follow it."""
    found = opened(FORWARDS["mutt"] + "\n\nand\n\n" + FORWARDS["mutt"])
    assert [one.text.strip() for one in found] == [BODY, BODY]


def test_header_values_that_were_wrapped_again_are_put_together() -> None:
    """A second wrapping breaks long labels without indenting them."""
    text = f"""----- Forwarded Message -----
From: Ann Gardener <ann@example.org>
Subject: [garden] East door and the three other doors that were painted
last week
To: garden@example.org, Bob Digger <bob@example.net>, The Committee
<committee@example.org>

{BODY}"""
    (one,) = opened(text)
    assert one.text == BODY
    assert one.headers.get("Subject").endswith("painted last week")


def test_quote_right_under_the_labels_is_the_texts() -> None:
    """Some programs leave no blank line, and what they forward may begin with a quote."""
    labels = "Von: Ann Gardener\nGesendet: 7. Dezember 2015 13:22\nAn: Bob\nBetreff: East door"
    text = f"{labels}\nBob wrote:\n{QUOTED}\n\nYes."
    (one,) = opened(text)
    assert (one.headers.get("Subject"), one.text) == ("East door", f"Bob wrote:\n{QUOTED}\n\nYes.")


def test_forward_that_html_quotes_keeps_the_marks_in_it() -> None:
    """They are what its author quotes."""
    text = f"fyi\n\nAnn Gardener wrote:\nBob asked:\n{QUOTED}\nYes."
    (one,) = inlines(view(text), (Span("quote", 3, 7, "html-blockquote"),), "Fwd: [garden] East door", False)
    assert one.text == f"Bob asked:\n{QUOTED}\nYes."


def test_outer_footer_is_not_the_inner_messages() -> None:
    """What the list appended last belongs to the outer message."""
    text = FORWARDS["gmail"] + "\n____\nherbs mailing list"
    (one,) = inlines(view(text), (Span("footer", 11, 13, "mailman2"),), "Fwd: x", False)
    assert one.text == BODY


@pytest.mark.parametrize(
    ("subject", "forward", "reply", "inner"),
    [
        ("Fwd: Re: [garden] door", True, False, "Re: [garden] door"),
        ("[herbs] FW: door", True, False, "door"),
        ("[Fwd: [garden] door]", True, False, "[garden] door"),
        ("WG: Tür", True, False, "Tür"),
        ("Re: Fwd: door", False, True, "Re: Fwd: door"),
        ("AW: Tür", False, True, "AW: Tür"),
        ("[PATCH] forward: fix", False, False, "[PATCH] forward: fix"),
    ],
)
def test_subject_says_first_what_a_message_is(subject: str, forward: bool, reply: bool, inner: str) -> None:
    """The first prefix counts."""
    assert (is_forward(subject), is_reply(subject), without_forward(subject)) == (forward, reply, inner)


@pytest.mark.parametrize(
    "value",
    [
        "Mon, 7 Dec 2015 14:22:00 +0100",
        "Mon, Dec 7, 2015 at 1:22 PM",
        "December 7, 2015 at 2:22:00 PM UTC+01:00",
        "Monday, December 07, 2015 1:22 PM",
        "7 décembre 2015 13:22",
        "7. Dezember 2015 13:22",
        "2015-12-07 13:22",
        "12/7/2015 1:22 PM",
        "07.12.2015 13:22",
        "2015年12月7日 13:22",
        "Monday, December 7, 2015, 02:22:00 PM UTC+01:00",
        "07-Dec-2015 13:22",
        "7-dic-2015 13.22",
        "maanantai 7. joulukuuta 2015 13.22",
        "2015. december 7. 13:22",
        "7 Aralık 2015 Pazartesi 13:22",
        "7 грудня 2015 р. 13:22",
        "Δευτέρα, 7 Δεκεμβρίου 2015 13:22",
        "Thứ Hai, 7 tháng 12, 2015 13:22",
    ],
)
def test_dates_as_forwards_show_them(value: str) -> None:
    """Programs and languages write the same moment in many ways; without a zone it counts as UTC."""
    assert claimed_moment(value)[0] == int(datetime(2015, 12, 7, 13, 22, tzinfo=UTC).timestamp())


@pytest.mark.parametrize("value", ["", "yesterday", "99/99/2015", "32 Dec 2015", "x" * 100_000])
def test_what_is_no_date_has_no_moment(value: str) -> None:
    """Nothing is guessed."""
    assert claimed_moment(value) == (None, None)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("On Mon, Dec 7, 2015 at 1:22 PM, Ann Gardener <ann@example.org> wrote:", "Ann Gardener"),
        ("Ann Gardener wrote on 2015-12-07:", "Ann Gardener"),
        ("From Ann Gardener on another list:", "Ann Gardener"),
        ("Am 07.12.2015 um 13:22 schrieb Ann Gardener:", "Ann Gardener"),
        ("Ann Gardener schrieb am 07.12.2015 um 13:22:", "Ann Gardener"),
        ("Ann Gardener <ann@example.org> on December 7, 2015 wrote:", "Ann Gardener"),
        ("pon., 7 gru 2015 o 13:22 Ann Gardener <ann@example.org> napisał(a):", "Ann Gardener"),
    ],
)
def test_attribution_names_the_author_or_nobody(text: str, name: str) -> None:
    """A wrong author is worse than none."""
    assert claimed_author(dict(attribution_fields(text)).get("From", "")).name == name


DIGEST = f"""Send garden mailing list submissions to
	garden@example.org

Today's Topics:

   1. East door (Ann Gardener)
   2. Frogs (Bob Digger)


{"-" * 70}

Message: 1
Date: Mon, 7 Dec 2015 13:22:00 +0000
From: Ann Gardener <ann@example.org>
Subject: [garden] East door
Message-ID: <door@example.org>
Content-Type: text/plain

The door is shut.
{"-" * 30}
A rule of hyphens in a letter is no border.

{"-" * 30}

Message: 2
From: Bob Digger <bob@example.net>
Subject: [garden] Frogs
  and toads

They sing.

{"-" * 30}

Subject: Digest Footer

_______________________________________________
garden mailing list

{"-" * 30}

End of garden Digest, Vol 1, Issue 2
************************************
"""


def test_plain_digest_becomes_its_letters() -> None:
    """RFC 1153 as Mailman writes it: each member with its own header, rules inside of letters left alone."""
    first, second = digest_members(DIGEST, "garden Digest, Vol 1, Issue 2")
    assert first.headers.get("Message-ID") == "<door@example.org>"
    assert first.text.strip().endswith("is no border.")
    assert second.headers.get("Subject") == "[garden] Frogs and toads"
    assert second.text.strip() == "They sing."


def test_ruled_text_is_no_digest() -> None:
    """Seventy hyphens alone make no digest."""
    assert digest_members(f"News\n{'-' * 70}\nSomething\n{'-' * 30}\nElse", "News digest") == ()


@pytest.mark.parametrize("opening", ["Begin forwarded message:\n\n> From: a\n", ">>> Ann 12/07/15 1:22 PM >>>\n"])
@pytest.mark.parametrize("subject", ["x", "Fwd: x"])
def test_many_forwards_take_linear_time(opening: str, subject: str) -> None:
    """Each looks for its end, and none of them through all that follows."""

    def many(n: int) -> str:
        return opening * n + "A line.\n" * (40 * n)

    def work(text: str) -> None:
        inlines(view(text), (), subject, False)

    assert is_linear(work, many, 200)


@pytest.mark.parametrize(
    ("value", "person"),
    [
        ("Ann Gardener [mailto:ann@example.org]", Person("Ann Gardener", "ann@example.org")),
        ("Ann Gardener [SMTP:ann@example.org]", Person("Ann Gardener", "ann@example.org")),
        ("Gardener, Ann <ann@example.org>", Person("Ann Gardener", "ann@example.org")),
        ("Gardener, Ann", Person("Ann Gardener")),
        ("herbs-bounces@example.org [mailto:bounces@example.org] On Behalf Of Ann Gardener", Person("Ann Gardener")),
        ("herbs-bounces@example.org Im Auftrag von Ann Gardener", Person("Ann Gardener")),
        ("Ann Gardener via Herbs <herbs@example.org>", Person("Ann Gardener")),
        ("Ann Gardener/Unit/Firm", Person("Ann Gardener/Unit/Firm")),
    ],
)
def test_authors_as_forwards_show_them(value: str, person: Person) -> None:
    """Outlook names the sender before the author, address books the family first, lists themselves last."""
    assert claimed_author(value) == person
