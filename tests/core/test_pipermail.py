"""Saved Pipermail pages, as HTML and as the text that browsers make of it."""

import pytest

from listfold.core.headers import moment, subject
from listfold.core.identify import identify
from listfold.core.pipermail import parse_page
from listfold.model import Letter, Person, Rules, iso

TEXT = """[Gardeners] Frost dates for the upper valley

Author Name author at example.org
Mon Nov 30 22:01:53 MST 2015

Frost dates for the upper valley

By the Valley Almanac

Cover your beans.

More information about the Gardeners mailing list
"""

NAVIGATION = """[Gardeners] Frost dates for the upper valley

Author Name author at example.org
Mon Nov 30 22:01:53 MST 2015

  * Previous message: [Gardeners] Beans
  * Next message: [Gardeners] Peas
  * *Messages sorted by:* [ date ] [ thread ] [ subject ] [ author ]

------------------------------------------------------------------------

Cover your beans.

------------------------------------------------------------------------

  * Previous message: [Gardeners] Beans
  * Messages sorted by: [ date ] [ thread ] [ subject ] [ author ]

------------------------------------------------------------------------
More information about the Gardeners mailing list
"""

PAGE = """<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2//EN">
<HTML><HEAD><TITLE> [Gardeners] Frost &amp; beans</TITLE>
<LINK REL="made" HREF="mailto:gardeners%40lists.example.org?Subject=x"></HEAD><BODY>
<H1>Frost &amp; beans</H1>
<B>Author Name</B>
<A HREF="mailto:gardeners%40lists.example.org?Subject=Re%3A%20Frost%20%26%20beans&amp;In-Reply-To=%3C7%40example.org%3E"
   TITLE="[Gardeners] Frost &amp; beans">author at example.org
   </A><BR>
<I>Mon Nov 30 22:01:53 MST 2015</I>
<P><UL><LI>Previous message: <A HREF="1.html">Beans</A></UL><HR>
<!--beginarticle-->
<PRE>Cover your &lt;beans&gt;.
&gt;<i> quoted line
</i></PRE>
<!--endarticle-->
<HR><a href="https://lists.example.org/listinfo/gardeners">More information about the Gardeners
mailing list</a><br></BODY></HTML>
"""


def test_text_page_becomes_a_message() -> None:
    """List, subject, author and date are read from the page; the article and the closing line are the text."""
    page = parse_page(TEXT.encode())
    assert page is not None
    origin = identify(Letter(TEXT.encode(), "pipermail", 0), page.headers, Rules())
    seconds, source, offset = moment(page.headers)
    assert (origin.list.id, origin.list.name) == ("gardeners", "Gardeners")
    assert origin.author == Person("Author Name", "author@example.org")
    assert (iso(seconds), source, offset) == ("2015-12-01T05:01:53Z", "header", "-0700")
    assert subject(page.headers.get("Subject")) == "Frost dates for the upper valley"
    assert page.text.startswith("Frost dates for the upper valley\n\nBy the Valley Almanac\n\nCover")
    assert page.text.endswith("\n\nMore information about the Gardeners mailing list\n")


def test_navigation_of_a_saved_page_is_no_text() -> None:
    """Links to neighbours and rules around the article belong to the page."""
    page = parse_page(NAVIGATION.encode())
    assert page is not None
    assert page.text == "Cover your beans.\n\nMore information about the Gardeners mailing list\n"


def test_html_page_becomes_a_message() -> None:
    """Pipermail's own markup tells the same, and the list's address and the Message-ID in its mail link."""
    page = parse_page(PAGE.encode())
    assert page is not None
    assert page.headers.get("From") == '"Author Name" <author@example.org>'
    assert page.headers.get("Subject") == "Frost & beans"
    assert page.headers.get("Message-ID") == "<7@example.org>"
    assert page.headers.get("To") == "gardeners@lists.example.org"
    assert page.text == "Cover your <beans>.\n> quoted line\n\nMore information about the Gardeners mailing list\n"


def test_old_mail_link_names_the_message_that_is_answered() -> None:
    """Where the link's subject is the article's own, its id is the parent's, as older versions wrote it."""
    page = parse_page(PAGE.replace("Re%3A%20", "").encode())
    assert page is not None
    assert (page.headers.get("In-Reply-To"), page.headers.get("Message-ID")) == ("<7@example.org>", "")


@pytest.mark.parametrize(("zone", "offset"), [("CET", "+0100"), ("PDT", "-0700"), ("BST", "+0100"), ("XYZ", None)])
def test_zone_names_have_offsets(zone: str, offset: str | None) -> None:
    """The zone of a page is a name; one that nobody knows counts as UTC."""
    page = parse_page(TEXT.replace("MST", zone).encode())
    assert page is not None
    assert moment(page.headers)[2] == offset


@pytest.mark.parametrize(
    "raw",
    [b"", b"From: a@example.org\nSubject: x\n\nHello\n", TEXT.replace("Nov 30", "Nov 31").encode(), b"\xff\x00<!--"],
)
def test_other_bytes_are_no_page(raw: bytes) -> None:
    """Mail, nonsense and impossible dates are left to the ordinary parser."""
    assert parse_page(raw) is None
