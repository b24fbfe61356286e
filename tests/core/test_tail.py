"""Tails of phones, providers, scanners and companies go; what an author says about them stays."""

from dataclasses import replace
from typing import Any

import pytest

from listfold.core.clean import Context, clean
from listfold.core.disclaimer_rules import BANNERS, NOTICES, Notice
from listfold.core.rule import Rule, plain
from listfold.core.tail import legal
from listfold.core.tail_rules import MOBILE_RULES, TAIL_RULES
from listfold.model import ListName, Person, body_of

BODY = "Hello all,\n\nthe beans are up, and the frost is not over.\nHow do you cover yours?\n\nAnna"


def body(text: str, **more: Any) -> str:
    context = replace(Context(ListName("gardeners.example.org"), Person("Anna Lind", "anna@example.net")), **more)
    return body_of(text, clean(text, context))


@pytest.mark.parametrize("rule", [*MOBILE_RULES, *TAIL_RULES], ids=lambda r: f"{r.name}: {r.phrase}")
def test_a_rule_matches_its_example(rule: Rule) -> None:
    """Each line of the tables is proved by the example beside it."""
    assert any(rule.matches(line) for line in rule.example.split("\n"))


@pytest.mark.parametrize("rule", MOBILE_RULES, ids=lambda r: f"{r.name}: {r.phrase}")
def test_a_phones_line_goes(rule: Rule) -> None:
    """At the end of a letter, with a separator above or without, and above what is answered."""
    below = "On Mon, 2 Jan 2012 15:04:05 +0100, Bo Ek <bo@example.com> wrote:\n\n> Are the beans up?"
    assert body(f"{BODY}\n\n{rule.example}\n") == BODY
    assert body(f"{BODY}\n\n-- \n{rule.example}\n") == BODY
    assert body(f"{BODY}\n\n{rule.example}\n\n{below}", reply=True) == f"{BODY}\n\n\n{below}"


@pytest.mark.parametrize("notice", NOTICES, ids=lambda n: n.language)
def test_a_legal_notice_goes(notice: Notice) -> None:
    """In every language of the table, alone or between drawn lines."""
    assert legal(plain(notice.example)) == notice.language
    assert body(f"{BODY}\n\n{notice.example}\n") == BODY
    assert body(f"{BODY}\n\n{'*' * 60}\n{notice.example}\n{'*' * 60}\n") == BODY


TAILS = {
    "whatever ends with the link of a provider of mail": f"{'_' * 60}\nSee all the new beans of the year!\n"
    "http://autos.yahoo.com/new_beans.html",
    "the same in a language of its own": f"{'-' * 52}\nWiosna w hotelu - zarezerwuj!\n"
    "Kliknij: http://klik.wp.pl/?adr=http%3A%2F%2Fexample.com",
    "an advertisement under a separator": f"-- \n{'_' * 58}\n"
    "Sign-up for your own FREE Personalized E-mail at Mail.com\nhttp://www.mail.com/?sr=signup",
    "a scanner's in any language": "-----\nVe zprávě nebyl nalezen žádný virus.\n"
    "Zkontrolováno systémem AVG - www.avg.cz\nVerze: 2012.0.1901 / Virová báze: 2109/4717",
    "a notice that is long in coming": "Este mensaje y sus archivos adjuntos van dirigidos exclusivamente a su "
    "destinatario,\npudiendo contener información confidencial sometida a secreto profesional. No está\n"
    "permitida su reproducción sin la autorización expresa. Si usted no es el destinatario\nfinal por favor "
    "elimínelo e infórmenos por esta vía.",
    "a notice on taxes": "NOTICE: This communication is intended only for the person to whom it is addressed. If you\n"
    "are not the intended recipient, please notify the sender.\n\n"
    "Circular 230 Disclosure: any tax advice in this communication is not intended for the purpose of\n"
    "avoiding penalties under the Internal Revenue Code.",
    "a company's name and address over what the law asks for": "Example Seeds Germany GmbH\nBeetweg 1\n"
    "12345 Musterstadt\nGeschaeftsfuehrung: A. Beispiel\nEingetragen am Amtsgericht Musterstadt unter HRB 12345\n"
    "Ust-ID: DE 123 456 789",
    "a boxed notice under its heading": "::DISCLAIMER::\n"
    + "-" * 60
    + "\nThe contents of this e-mail are confidential and "
    "intended for the named recipient(s) only.\nE-mail may be lost or contain viruses; no liability is accepted.\n"
    + "-"
    * 60,
    "a scanner's under three dashes": "---\nThis email has been checked for viruses by Example antivirus.\n"
    "https://www.example.com/antivirus",
    "a notice of three paragraphs under its heading": "****************************************\n\n"
    "E-mail Disclaimer:\n\nThis e-mail message may contain information which is confidential, privileged or\n"
    "commercially sensitive, the content of which may not be disclosed to anyone but the addressee.\n\n"
    "Example Seeds does not promise that the contents are complete.\nIt cannot guarantee that the message is virus "
    "free, and denies all liability.\n\nIf you are not the intended recipient, any disclosure, copying or distribution "
    "is prohibited.",
    "an advertisement": "__________________________________________________\nDo You Yahoo!?\n"
    "Everything you'll ever need\nhttp://example.com",
    "an advertisement with its lines set apart": "__________________________________________________\n\n"
    "Do You Yahoo!?\n\n"
    "Get email at your own garden.\n\nhttp://personal.mail.example.com/",
    "a hosting site's": "------------------------------------------------------------------------------\n"
    "Centralized Bed Delivery\n"
    "Using Example storage. Read more!\nhttp://p.sf.net/sfu/example-dev2dev",
    "a scanner's": "______________________________________________________________________\n"
    "This email has been scanned by the Example service.\n"
    "For more information please visit http://www.example.com\n"
    "______________________________________________________________________",
    "a notice of two paragraphs": "********************************************\nThis e-mail is confidential "
    "and may be privileged. If you are not\n"
    "the intended recipient, delete it.\n\nExample Seeds, 1 Garden Row.\n********************************************",
    "a notice with a heading": "E-mail Disclaimer:\n\nThis e-mail message may contain "
    "information which is confidential,"
    " privileged or\ncommercially sensitive, the content of which may not be disclosed to anyone but the addressee.",
    "a phone's and a notice": "Sent from my iPhone\n\nThis message is confidential; "
    "if you have received it in error, notify the sender and delete it.",
    "a notice under a company's line": "Registered in England and Wales No: 1234567\n\n"
    "This email is confidential and intended solely for the addressee."
    " If you have received this email in error please notify the sender and delete it.",
}


@pytest.mark.parametrize("name", TAILS)
def test_a_tail_goes(name: str) -> None:
    """The body above comes out as it was written."""
    assert body(f"{BODY}\n\n{TAILS[name]}\n") == BODY


@pytest.mark.parametrize("name", TAILS)
def test_words_under_a_tail_stay(name: str) -> None:
    """Who writes under a tail that he quoted without marks loses nothing."""
    below = "I cover mine with fleece, and it has not failed me yet.\nOld curtains do as well."
    assert below in body(f"{BODY}\n\n{TAILS[name]}\n\n{below}\n")


KEPT = {
    "news under a drawn line": f"{'_' * 60}\nBeans are up\nhttp://news.yahoo.com/beans.html",
    "a link with nothing drawn above": "Beans are up:\nhttp://autos.yahoo.com/new_beans.html",
    "an address under a drawn line": f"{'_' * 60}\nPlease register with bo@example.com or on\nhttp://www.gmx.de/beans",
    "a sentence on phones": "Sent from my phone the picture looked green, but on the big screen it is "
    "yellow, as you can see for yourselves here.",
    "a short sentence on phones": "I wonder.\nSent from my phone the picture looks green, and on the desk not.",
    "a sentence on confidence": "Please keep this confidential until the show. If you have received "
    "the seeds in error, send them back and delete the label.",
    "a provider's address": "I read this at http://mail.yahoo.com and the picture was gone.",
    "a scanner that is spoken of": "Do not open the attachment. No virus found in this message, says my scanner.",
    "paper that is spoken of": "I printed the whole archive. Please think before you print, it is 4000 pages!",
    "a notice that is spoken of": 'What my company adds is silly: "This e-mail is confidential and intended '
    'solely for the addressee" makes no sense on a list. I would just delete it.',
    "a letter to somebody else": "I received this message in error, the recipient has my name. Whoever knows him, "
    "please tell him that I delete his mails unread.",
    "a German who asks": "Diese Mail ist vertraulich, und ich bitte jeden Empfänger, sie nicht weiter zu geben.",
    "an opinion": "The law prohibits disclosure of a recipe's virus.",
}


@pytest.mark.parametrize("name", KEPT)
def test_what_an_author_says_of_such_things_stays(name: str) -> None:
    """Nothing that an author wrote is cut."""
    text = f"{BODY}\n\n{KEPT[name]}"
    assert body(text) == text


def test_a_sign_off_right_above_a_notice_stays() -> None:
    """Some gateways leave no blank line."""
    notice = (
        "This e-mail is confidential and may be privileged. If you are not the intended recipient,\n"
        "delete it and notify the sender."
    )
    assert body(f"The beans are up.\n\nRegards,\nAnna\n{notice}") == "The beans are up.\n\nRegards,\nAnna"


def test_a_notice_stops_at_an_unmarked_quote() -> None:
    """A notice under a quote is cut up to the quoted message's header block, and no further."""
    quote = "From: Bo Ek <bo@example.com>\nSent: Monday\nTo: gardeners\nSubject: Beans"
    notice = "This e-mail is confidential. If you are not the intended recipient, notify the sender and delete it."
    assert body(f"{BODY}\n\n{quote}\n\n{notice}", reply=True) == f"{BODY}\n\n{quote}"


@pytest.mark.parametrize("phrase", BANNERS, ids=lambda b: b[0])
def test_a_gateways_warning_above_the_text_goes(phrase: tuple[str, str]) -> None:
    """A paragraph at the top that speaks of mail from outside is the gateway's."""
    assert phrase[0] in plain(phrase[1])
    assert body(f"{phrase[1]}\n\n{BODY}") == BODY


@pytest.mark.parametrize("tag", ["[EXTERNAL]", "[External Email]", "***EXTERNAL SENDER***"])
def test_a_gateways_tag_above_the_text_goes(tag: str) -> None:
    """A line of its own between marks; without them it may be a heading."""
    assert body(f"{tag}\n\n{BODY}") == BODY
    assert body(f"External\n\n{BODY}") == f"External\n\n{BODY}"
    assert body(f"{tag}\n{BODY}") == f"{tag}\n{BODY}"


def test_an_archivers_note_goes_unless_it_names_a_file() -> None:
    """A part that was HTML of the same text says nothing; a patch that was taken away does."""
    note = (
        "-------------- next part --------------\nAn HTML attachment was scrubbed...\n"
        "URL: <http://example.org/attachment.html>"
    )
    assert body(f"{BODY}\n{note}") == BODY
    assert body(f"{BODY}\n\t[[alternative HTML version deleted]]\n") == BODY
    note = (
        "-------------- next part --------------\nA non-text attachment was scrubbed...\nName: beans.patch\n"
        "Type: text/x-diff\nURL: <http://example.org/a>"
    )
    assert body(f"{BODY}\n{note}") == f"{BODY}\n{note}"
