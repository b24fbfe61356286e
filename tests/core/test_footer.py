"""Footers of list managers go, whatever stands above them; what an author writes about lists stays."""

from dataclasses import replace
from typing import Any

import pytest

from listfold.core.clean import Context, clean
from listfold.core.footer import needles_of
from listfold.core.footer_rules import FOOTER_RULES
from listfold.core.rule import Rule
from listfold.model import ListName, Person, Span, body_of

BODY = "Hello all,\n\nthe beans are up, and the frost is not over.\nHow do you cover yours?\n\nAnna"

SEPARATOR = "-- "  # an editor would take its space at a line's end away

FOOTERS = {
    "a signature of nothing above": f"{SEPARATOR}\n\n---{SEPARATOR[-1]}\nYou received this message because you are "
    'subscribed to the Google Groups "Garden" group.\nTo unsubscribe from this group and stop receiving emails from '
    "it, send an email to garden+unsubscribe@example.org.",
    "a single dash above": "-\nList info/subscribe/unsubscribe? See http://www.example.org/list/garden.html",
    "between lines that only one host draws": "__._,_.___\nReply via web post | Reply to sender | New topic "
    "(5)\nRecent Activity:\nNew Members 3\n\nSwitch to: Text-Only, Daily Digest\n.\n\n__,_._,___",
    "a line drawn twice": f"{'_' * 47}\n\n\n{'_' * 47}\nGardeners mailing list\nGardeners@lists.example.org\n"
    "http://lists.example.org/mailman/listinfo/gardeners",
    "a line that only one host draws": f"_._,_._,_\n{'_' * 32}\nGroups.io Links:\n\n"
    "You receive all messages sent to this group.\n\nView/Reply Online (#12) | Mute This Topic | New Topic\n\n"
    "Your Subscription | Contact Group Owner | Unsubscribe [anna@example.net]\n\n_._,_._,_",
    "under three dashes": """---
To unsubscribe: gardeners-request@example.org subject "unsubscribe"
Archives: https://example.org/archives/gardeners""",
    "where to write to in the next line": """------------------------------------
Para sair deste grupo envie um e-mail para:
    horta-unsubscribe@example.com.br

O uso que você faz do Yahoo! Grupos está sujeito aos:
    http://br.example.com/info/utos.html""",
    "a first line in no known words under a separator": """--
Tuinvrienden, al twintig jaar in de weer
Om je af te melden: tuin-unsubscribe@example.org""",
    "why it was sent": """You are receiving this message because you are a member of the gardeners' discussion list.
To leave the list visit https://example.org/lists/leave""",
    "in Turkish, with an unknown manager": """---
Listeden ayrılmak için bahce-cik@example.org adresine boş e-posta atın.
Arşiv: https://example.org/bahce""",
    "in Czech": """--
Tuto zprávu dostáváte jako člen konference zahrada@example.org
Odhlásit se můžete na https://example.org/zahrada""",
    "mailman 2": """_______________________________________________
Gardeners mailing list
Gardeners@lists.example.org
https://lists.example.org/mailman/listinfo/gardeners""",
    "mailman 2, address masked by an archive": """_______________________________________________
Gardeners mailing list
Gardeners at lists.example.org
http://lists.example.org/cgi-bin/mailman/listinfo/gardeners""",
    "mailman 2 with the owner's own lines": """______________________________________________
Gardeners@example.org mailing list -- To UNSUBSCRIBE and more, see
https://example.org/mailman/listinfo/gardeners
PLEASE do read the posting guide http://www.example.org/posting-guide.html
and provide commented, minimal, self-contained, reproducible beds.""",
    "mailman 2 in German": """_______________________________________________
Gaertner Mailingliste
Gaertner@lists.example.org
https://lists.example.org/mailman/listinfo/gaertner""",
    "mailman 2 in French": """_______________________________________________
Liste de diffusion jardin
jardin@lists.example.org
https://lists.example.org/mailman/listinfo/jardin""",
    "mailman 2 under two lines": """--
_____________________________________________________________________
-- Bandwidth and Colocation Provided by http://www.example.com --

garden-users mailing list
To UNSUBSCRIBE or update options visit:
   http://lists.example.com/mailman/listinfo/garden-users""",
    "mailman 2 under a signature separator": """--
https://mail.example.org/mailman/listinfo/gardeners""",
    "mailman 3": """_______________________________________________
Gardeners mailing list -- gardeners@example.org
To unsubscribe send an email to gardeners-leave@example.org
https://mail.example.org/mailman3/lists/gardeners.example.org/
Message archived at https://mail.example.org/archives/list/gardeners@example.org/message/ABC/
Code of Conduct: http://example.org/codeofconduct/""",
    "google groups": f"""{SEPARATOR}
You received this message because you are subscribed to the Google Groups "Gardeners" group.
To unsubscribe from this group and stop receiving emails from it, send an email to gardeners+unsubscribe@example.com.
To view this discussion on the web visit https://groups.example.com/d/msgid/gardeners/123%40example.org.
For more options, visit https://groups.example.com/d/optout.""",
    "google groups, wrapped, of old": """--~--~---------~--~----~------------~-------~--~----~
You received this message because you are subscribed to the Google
Groups "Gardeners" group.
To post to this group, send email to gardeners@example.com
To unsubscribe from this group, send email to
gardeners-unsubscribe@example.com
For more options, visit this group at
http://groups.example.com/group/gardeners?hl=en
-~----------~----~----~----~------~----~------~--~---""",
    "google groups in French": """--
Vous recevez ce message, car vous êtes abonné au groupe Google Groupes "Jardin".
Pour vous désabonner de ce groupe et ne plus recevoir d'e-mails le concernant, envoyez un e-mail à l'adresse
jardin+unsubscribe@example.com.
Pour obtenir davantage d'options, consultez la page https://groups.example.com/d/optout.""",
    "google groups in Japanese": """--
このメールは Google グループのグループ「niwa」に登録しているユーザーに送られています。
このグループから退会し、メールの配信を停止するには niwa+unsubscribe@example.com にメールを送信してください。
その他のオプションについては https://groups.example.com/d/optout にアクセスしてください。""",
    "groups.io": """-=-=-=-=-=-=-=-=-=-=-=-
Groups.io Links: You receive all messages sent to this group.
View/Reply Online (#12): https://groups.example.io/g/gardeners/message/12
Mute This Topic: https://groups.example.io/mt/1/2
Group Owner: gardeners+owner@groups.example.io
Unsubscribe: https://groups.example.io/g/gardeners/unsub [reader@example.net]
-=-=-=-=-=-=-=-=-=-=-=-""",
    "yahoo groups": """------------------------ Yahoo! Groups Sponsor ---------------------~-->
4 Spades Free +s&p Join Now
http://us.click.yahoo.com/pt6YBB/NXiEAA/MVfIAA/7gSolB/TM
---------------------------------------------------------------------~->

To unsubscribe from this group, send an email to:
gardeners-unsubscribe@example.com



Your use of Yahoo! Groups is subject to http://docs.example.com/info/terms/""",
    "sympa in French": """--
Pour se désabonner de la liste : mailto:sympa@lists.example.fr?subject=unsubscribe%20jardin
Archives : https://lists.example.fr/sympa/arc/jardin""",
    "listserv": """########################################################################

To unsubscribe from the GARDEN-L list, click the following link:
https://listserv.example.edu/scripts/wa.exe?SUBED1=GARDEN-L&A=1""",
    "ezmlm": """---------------------------------------------------------------------
To unsubscribe, e-mail: gardeners-unsubscribe@example.org
For additional commands, e-mail: gardeners-help@example.org""",
    "ezmlm with words of the list's own": """---------------------------------------------------------------------
The official support forum of the Example Garden Project.
See <URL:http://garden.example.org/userslist.html> for more info.
To unsubscribe, e-mail: users-unsubscribe@garden.example.org
   "   from the digest: users-digest-unsubscribe@garden.example.org
For additional commands, e-mail: users-help@garden.example.org""",
    "majordomo": """--
To unsubscribe from this list: send the line "unsubscribe gardeners" in
the body of a message to majordomo@example.org
More majordomo info at  http://example.org/majordomo-info.html
Please read the FAQ at  http://www.example.org/faq/""",
    "majordomo, by another owner": """______________________________________________________________________
Example Project                                 http://www.example.org
User Support Mailing List                      example-users@example.org
Automated List Manager                           majordomo@example.org""",
    "smartlist": f"""{SEPARATOR}
To UNSUBSCRIBE, email to gardeners-request@lists.example.org
with a subject of "unsubscribe". Trouble? Contact listmaster@lists.example.org""",
    "smartlist in German": f"""{SEPARATOR}
Häufig gestellte Fragen und Antworten (FAQ):
http://www.example.org/garten-FAQ/

Zum AUSTRAGEN schicken Sie eine Mail an garten-REQUEST@lists.example.org
mit dem Subject "unsubscribe". Probleme? Mail an listmaster@lists.example.org (engl)""",
    "smartlist in Italian": f"""{SEPARATOR}
Per REVOCARE l'iscrizione alla lista, inviare un email a
giardino-REQUEST@lists.example.org con oggetto "unsubscribe". Per
problemi inviare un email in INGLESE a listmaster@lists.example.org""",
    "mlmmj": f"""{SEPARATOR}
gardeners@example.org mailing list
To unsubscribe send a mail to gardeners+unsubscribe@example.org""",
    "ecartis": """------------------------------------------------------------
To unsubscribe from this list, just send an email to
gardeners-request@example.org with the word 'unsubscribe' in the subject.""",
    "postgres": f"""{SEPARATOR}
Sent via garden-general mailing list (garden-general@example.org)
To make changes to your subscription:
http://www.example.org/mailpref/garden-general""",
    "sourceforge": """_______________________________________________
Garden-users mailing list
Garden-users@lists.sourceforge.net
https://lists.sourceforge.net/lists/listinfo/garden-users""",
    "topica": """==^================================================================
This email was sent to: reader@example.net

EASY UNSUBSCRIBE click here: http://topica.example.com/u/?a.b.c
Or send an email to: garden-unsubscribe@topica.example.com

TOPICA - Start your own email discussion group. FREE!
http://www.topica.example.com/partner/tag02/create/index2.html
==^================================================================""",
    "launchpad": """_______________________________________________
Mailing list: https://launchpad.net/~gardeners
Post to     : gardeners@lists.launchpad.net
Unsubscribe : https://launchpad.net/~gardeners
More help   : https://help.launchpad.net/ListHelp""",
    "nabble": """--
View this message in context: http://garden.example.com/Frost-tp1p2.html
Sent from the Gardeners - Users mailing list archive at Nabble.com.""",
    "a project with its own words": """--
Problem reports:       http://example.com/problems.html
FAQ:                   http://example.com/faq/
Documentation:         http://example.com/docs.html
Unsubscribe info:      http://example.com/ml/#unsubscribe-simple""",
    "exim's way": f"""{SEPARATOR}
## List details at https://lists.example.org/mailman/listinfo/gardeners
## Garden details at http://www.example.org/
## Please use the Wiki with this list - http://wiki.example.org/""",
    "jira": """--
This message was sent by Atlassian Jira
(v8.3.4#803005)""",
    "github": f"""{SEPARATOR}
You are receiving this because you are subscribed to this thread.
Reply to this email directly or view it on GitHub:
https://github.example.com/garden/beans/issues/1""",
    "Russian": f"""{SEPARATOR}
Список рассылки sad
Чтобы отписаться, напишите на sad-leave@example.ru""",
    "Chinese": """--
取消订阅: https://example.cn/lists/yuanyi/unsubscribe
邮件列表归档: https://example.cn/lists/yuanyi/archive""",
    "oasis comments": """This publicly archived list offers a means to provide input to the
Example Garden TC.

In order to verify user consent to the License terms, subscription is required
before posting.

Subscribe: garden-comment-subscribe@lists.example.org
Unsubscribe: garden-comment-unsubscribe@lists.example.org
List archive: https://lists.example.org/archives/garden-comment/
License: https://www.example.org/license.pdf""",
    "oasis committees": """---------------------------------------------------------------------
To unsubscribe from this mail list, you must leave the Example TC that
generates this mail.  Follow this link to all your TCs at:
https://www.example.org/apps/org/workgroup/portal/my_workgroups.php""",
    "jira between dashes": """-
This message is automatically generated by JIRA.
-
If you think it was sent incorrectly contact one of the administrators: http://issues.example.org/Administrators.jspa
-
For more information on JIRA, see: http://www.example.com/software/jira""",
    "KDE": ">> Visit http://mail.example.org/mailman/listinfo/gardeners#unsub to unsubscribe <<",
    "listserv without a drawn line": """Access the GARDEN-L Home Page and Archives:
http://listserv.example.edu/cgi-bin/wa?A0=garden-l

To unsubscribe from GARDEN-L send an email to:
garden-l-signoff-request@listserv.example.edu""",
    "Spanish": """-----------------------------------------
Para darse de baja de la lista: jardin-unsubscribe@example.es
Archivos: http://example.es/lista/jardin""",
}


def context(**more: Any) -> Context:
    return replace(Context(ListName("gardeners.example.org"), Person("Anna Lind", "anna@example.net")), **more)


def body(text: str, **more: Any) -> str:
    return body_of(text, clean(text, context(**more)))


@pytest.mark.parametrize("name", FOOTERS)
def test_a_footer_goes_and_the_text_stays(name: str) -> None:
    """The body above a footer comes out as it was written, with a blank line before the footer or without."""
    assert body(f"{BODY}\n\n{FOOTERS[name]}\n") == BODY
    assert body(f"{BODY}\n{FOOTERS[name]}") == BODY


@pytest.mark.parametrize("name", FOOTERS)
def test_a_footer_under_a_signature_goes_before_it(name: str) -> None:
    """The list's block is last on the wire, so it is peeled first, and the signature next."""
    assert body(f"{BODY}\n\n-- \nAnna Lind\nUpper Garden 3\n\n{FOOTERS[name]}\n") == BODY


@pytest.mark.parametrize("name", FOOTERS)
def test_words_under_a_footer_stay(name: str) -> None:
    """Who writes under a footer that he quoted without marks loses nothing."""
    below = "I cover mine with fleece, and it has not failed me yet.\nOld curtains do as well."
    assert below in body(f"{BODY}\n\n{FOOTERS[name]}\n\n{below}\n")


@pytest.mark.parametrize("rule", FOOTER_RULES, ids=lambda r: f"{r.name}: {r.phrase}")
def test_a_rule_matches_its_example(rule: Rule) -> None:
    """Each line of the table is proved by the example beside it."""
    assert any(rule.matches(line) for line in rule.example.split("\n"))


def test_a_footer_in_no_known_words_is_known_by_the_lists_own_fields() -> None:
    """A block under a drawn line that names the list's addresses is its footer, in any language."""
    text = (
        f"{BODY}\n\n----------------------\nXyzzy plugh https://lists.example.org/x/gardeners\n"
        f"frobnitz gardeners-off@example.org"
    )
    known = {"urls": ("https://lists.example.org/x/gardeners", "mailto:gardeners-off@example.org?subject=x")}
    assert body(text, **known) == BODY


def test_a_footer_in_a_part_of_its_own_needs_no_line_above() -> None:
    """Where a MIME part begins is as good as a drawn line."""
    text = f"{BODY}\nGardeners mailing list\nhttps://example.org/mailman/listinfo/gardeners\nBe kind to slugs."
    assert body(text, seams=(BODY.count("\n") + 1,)) == BODY


ADVICE = {
    "praise of the list under a quoted footer": "_____________________________\nGardeners mailing list\n"
    "https://lists.example.org/mailman/listinfo/gardeners\n\nI am late, sorry: the beans that I promised are here.\n"
    "See you all tomorrow, this list is great!",
    "a part under three dashes": "---\nWhat the list should have: a page of its own.\nhttps://example.org/page",
    "how to leave, as an answer": "To unsubscribe, send a mail to gardeners-request@example.org",
    "a link to a list": "You can subscribe at https://lists.example.org/mailman/listinfo/gardeners",
    "a list by name": "This was also sent to the beans mailing list",
    "references": "[1] https://lists.example.org/mailman/listinfo/gardeners\n[2] https://example.org/archives/list/x/",
    "an invitation": "For more options, visit https://www.example.org/beans",
    "leaving something else": "To unsubscribe from the waiting list of the workshop, write to Bo.",
    "a permalink": "https://lists.example.org/archives/list/gardeners/message/ABC/",
}


@pytest.mark.parametrize("name", ADVICE)
def test_advice_about_a_list_is_not_a_footer(name: str) -> None:
    """What an author says of a list at the end of a letter is the author's."""
    text = f"> How do I leave?\n\n{ADVICE[name]}"
    assert body(text) == text
    text = f"{BODY}\n\n-----\n[1] {ADVICE[name]}"
    assert body(text) == text


GREETED = {
    "an answer": "To unsubscribe from this list, send a mail to gardeners-request@example.org\n"
    "with the word unsubscribe in the subject.",
    "an answer and a wish": "To unsubscribe from the gardeners list, send a mail to "
    "gardeners-leave@example.org.\nGood luck!",
    "two ways": "To unsubscribe, go to https://example.org/mailman/listinfo/gardeners\n"
    "or send a mail to gardeners-leave@example.org",
    "a pasted footer": "To unsubscribe, e-mail: gardeners-unsubscribe@example.org\n"
    "For additional commands, e-mail: gardeners-help@example.org",
}


@pytest.mark.parametrize("above", ["Hi Bo,", "Bo,", "Hallo zusammen", "> How?\n\nIt is at the bottom of each mail:"])
@pytest.mark.parametrize("name", GREETED)
def test_advice_under_a_greeting_or_a_colon_stays_and_the_footer_goes(name: str, above: str) -> None:
    """Who only greets has not said anything yet; the list's own footer stands below."""
    text = f"{above}\n\n{GREETED[name]}"
    assert body(text) == text
    assert body(f"{text}\n\n{FOOTERS['mailman 2']}\n") == text
    terms = "Your use of Yahoo! Groups is subject to http://docs.example.com/info/terms/"
    assert body(f"{BODY}\n\nSee also:\n\n{terms}") == f"{BODY}\n\nSee also:"
    assert body(f"Thanks!\n\n{GREETED['a pasted footer']}") == "Thanks!"


def test_advice_above_the_question_stays() -> None:
    """Lists write at the end of a letter, not above what its author answers."""
    text = (
        "We cannot do that for you.\n\nTo unsubscribe, send an email to gardeners-unsubscribe@example.org\n\n"
        "On Mon, 2 Jan 2012 15:04:05 +0100, Bo Ek <bo@example.com> wrote:\n\n> Unsubscribe me"
    )
    assert body(text, reply=True) == text


@pytest.mark.parametrize("mark", "-=~")
def test_a_section_about_the_list_is_not_a_footer(mark: str) -> None:
    """A line as long as the one above it underlines a heading."""
    heading = "How to reach a person"
    text = f"{BODY}\n\n{heading}\n{mark * len(heading)}\nWrite to gardeners-owner@example.org."
    assert body(text) == text


def test_spans_say_which_rule_cut_and_how_sure_it_is() -> None:
    """A footer's span runs from its drawn line to its last line."""
    text = f"{BODY}\n\n{FOOTERS['ezmlm']}\n"
    lines = BODY.count("\n") + 1
    assert clean(text, context())[-1] == Span("footer", lines + 1, lines + 4, "ezmlm", 0.99)


def test_needles_are_what_can_be_found_in_a_line() -> None:
    """Schemes and queries go, addresses come both ways, and what is too short is left out."""
    found = needles_of(("<https://Lists.example.org/x/?y=1>", "mailto:a-leave@example.org?subject=b", "mailto:a@b.c"))
    assert found == ("lists.example.org/x", "a-leave@example.org", "a-leave at example.org")
