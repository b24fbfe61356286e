"""Signatures go, by separator or by contact data; names, sign-offs, code and poems stay."""

from dataclasses import replace
from typing import Any

import pytest

from listfold.core.clean import Context, clean
from listfold.model import ListName, Person, body_of

BODY = "Hello all,\n\nthe beans are up, and the frost is not over.\nHow do you cover yours?"
ANNA = Person("Anna Lind", "anna@example.net")


def body(text: str, author: Person = ANNA, **more: Any) -> str:
    return body_of(text, clean(text, replace(Context(ListName("gardeners.example.org"), author), **more)))


SIGNATURES = {
    "a saying that ends with a semicolon": "-- \nEverything that grows here was asked to;\nthe weeds came anyway.",
    "a dialogue and a wish": '-- \n"Can you keep a seed?"\n"I could, but not for long."\n\n'
    "                    Please reply to the list;\n                       please do not send me copies.",
    "one line behind dashes": "     -- Anna Lind, email: anna@example.net",
    "one line with an address in angles": "-- Anna Lind <anna@example.net>",
    "a name and a title apart from the contact data": "Anna Lind\nSystembeheerder\n\nExample Seeds BV\n"
    "T: 020-1234567\nE: anna@example.net",
    "titles in small letters": "Anna LIND\nChef de projet informatique\nDirection des Jardins\nTél : 01 23 45 67 89",
    "RFC 3676": "-- \nAnna Lind\nUpper Garden 3",
    "with its space lost": "--\nAnna Lind\nhttps://anna.example.net/",
    "an en dash": "–\nAnna Lind\nExample Seeds",
    "with a blank line inside": "-- \nRegards,\n\nAnna Lind",
    "a saying": "-- \nA garden is never finished.\n    -- somebody",
    "three dashes and the name": "---\nAnna Lind",
    "four dashes and contact data": "----\nA. Lind\nExample Seeds Ltd\nMobile: +46 70 123 45 67\n"
    "Email: anna at example.net\nWeb: https://example.net/",
    "a drawn line, a name and rewritten links": (
        "_______________________________________________________\n\nAnna Lind\nHead Gardener\nExample Seeds\n"
        "C: 555.123.4567\n\n"
        "Website<https://links.example.com/url?a="
        + "x" * 300
        + "> | Shop<https://links.example.com/url?a="
        + "y" * 300
        + ">"
    ),
    "no separator, a name and contact data": "Anna Lind\nHead Gardener, Example Seeds Ltd\n"
    "Tel: +46 8 123 45 67\nanna@example.net",
    "one dash on both sides": "-\n\nAnna Lind        anna@example.net\n\nHead gardener - *beans, peas, kale\n-",
    "a box with the author's address": (
        " ---------------------------------------\n\n\t<mailto:anna@example.net>\n\n"
        "\t\tGardener of <http://www.example.net>\n\n ---------------------------------------"
    ),
    "a box": "*****************************\n* Anna Lind                 *\n* anna@example.net          *\n"
    "*****************************",
    "columns": "\n".join(
        (
            '"If it is not green,     Anna Lind',
            "  I don't want it\"       anna@example.net",
            "     -- Me               www.example.net/~anna",
        )
    ),
    "no name but the author's address": "Example Seeds: High Yield Beans\nanna@example.net          "
    "       a.lind@seeds.example.net",
    "a name, what she is, and where": "Anna Lind\nHead Gardener\nUniversity of Example",
    "one line with bars": "Anna Lind | Head Gardener | Example Seeds Ltd | +46 8 123 45 67",
    "two underscores": "__\nAnna Lind\nhttps://anna.example.net/",
    "a middle name": "Anna M. Lind, Ph.D.\nBean Laboratory",
    "titles in small letters, in Russian": "Anna Lind\nдоцент кафедры ботаники\nтел. (495) 123-45-67",
    "a street in small letters": "Anna LIND\nResponsable des jardins\n1 place de la Mairie\n12345 BEISPIEL\n"
    "Tél. : 01 23 45 67 89",
    "a number behind a letter": "Anna Lind\nBeleidsmedewerker Groen\nGemeente Voorbeeld\nT 0123 - 45 67 89",
    "a page to visit": "Anna Lind\nProfessor of Beans\n123 College Hall\nEmail: anna@example.net\n"
    "Visit the website at https://www.example.edu/beans",
    "a drawing beside the name": "-- \n  .-.   Anna Lind                   PGP: 0x12345678\n  /v\\   G A R D E N\n"
    " // \\\\  >mind the peas<\n/(   )\\",
    "a separator twice": "-- \n-- \nRules of the Garden Club: https://gardeners.example.net/rules",
    "Cyrillic": "-- \nс уважением,\nАлексей Садов\nсистемный администратор",
    "a company's data": "-- \nAnna Lind\nExample Seeds GmbH\nBeetweg 1, 12345 Musterstadt\n"
    "HRB 12345, AG Musterstadt\nGeschäftsführer: B. Beispiel",
    "two": "-- \nAnna Lind\n-- \nExample Seeds",
    "a drawing under a separator": "-- \n ____________________\n/ Mind the gap in the \\\n\\ fence.             /\n"
    " --------------------\n   \\  ,__,\n    \\ (oo)____",
    "a name, a company's address and contact data, each apart": "Anna Lind\nAbteilung Bohnen\n\nExample Seeds GmbH\n"
    "Beetweg 1\n12345 Musterstadt\n\nTelefon: +49 30 1234567\nE-Mail: anna@example.net",
}


def test_a_short_name_is_a_name() -> None:
    """Two letters are a whole name to many people."""
    assert body(f"{BODY}\n\nBo Ek\nInstitute of Peas", Person("Bo Ek", "bo@example.com")) == BODY
    assert body(f"{BODY}\n\nBo\nInstitute of Peas", Person("Bo Ek", "bo@example.com")) != BODY


def test_a_name_that_is_not_the_authors_ends_a_signature_only_under_a_sign_off() -> None:
    """What looks like a name and contact data may be somebody whom the author speaks of."""
    block = "Bo Ek\nTel: +46 8 123 45 67\nbo@example.com"
    assert body(f"{BODY}\n\nKind regards,\n{block}") == f"{BODY}\n\nKind regards,"
    assert body(f"{BODY}\n\n{block}") == f"{BODY}\n\n{block}"


@pytest.mark.parametrize("name", SIGNATURES)
def test_a_signature_goes(name: str) -> None:
    """The body above comes out as it was written."""
    assert body(f"{BODY}\n\n{SIGNATURES[name]}\n") == BODY


@pytest.mark.parametrize("name", SIGNATURES)
def test_a_signature_under_a_quote_goes(name: str) -> None:
    """Who answers below signs below."""
    above = "On Mon, 2 Jan 2012 15:04:05 +0100, Bo Ek <bo@example.com> wrote:\n\n> Are the beans up?"
    assert body(f"{above}\n\nYes.\n\n{SIGNATURES[name]}\n", reply=True) == f"{above}\n\nYes."


@pytest.mark.parametrize("name", SIGNATURES)
def test_a_signature_above_the_answered_message_goes(name: str) -> None:
    """Who answers on top signs on top."""
    below = "On Mon, 2 Jan 2012 15:04:05 +0100, Bo Ek <bo@example.com> wrote:\n\n> Are the beans up?"
    assert body(f"{BODY}\n\n{SIGNATURES[name]}\n\n{below}\n", reply=True) == f"{BODY}\n\n\n{below}"


@pytest.mark.parametrize("name", SIGNATURES)
def test_a_signature_above_an_unmarked_quote_goes(name: str) -> None:
    """Outlook's quotes have no marks: the header block ends the author's own words."""
    below = (
        "From: Bo Ek <bo@example.com>\nSent: Monday, January 2, 2012 15:04\nTo: gardeners\nSubject: Beans\n\n"
        "Are they up?"
    )
    assert body(f"{BODY}\n\n{SIGNATURES[name]}\n\n{below}\n", reply=True) == f"{BODY}\n\n\n{below}"


KEPT = {
    "code under two dashes": "--\nint main(void) {\n    return 0;\n}",
    "SQL under a comment": "BEGIN;\n-- \nSELECT all FROM beans;\nCOMMIT;",
    "a configuration": "[server]\nhost = mail.example.net\nemail = anna@example.net\nphone = 5551234567",
    "contact data that are announced": "Contact:\nAnna Lind (anna@example.net)\nPhone: +46 8 123 45 67\n"
    "Web: https://example.net",
    "an attribution of a poem": "The frost came down\n  upon the town\n\n-- Anon, 1923",
    "a sign-off and a name": "Best,\nAnna",
    "a sign-off and a full name": "Kind regards,\nAnna Lind",
    "a name": "Anna",
    "a name behind a dash": "-- Anna",
    "a version of git": "-- \n2.30.2",
    "a topic under two dashes": "--\n\nAnother topic: does anybody know what the blue one is called?",
    "items of a list between two dashes": "1. Yes\n--\n2. No\n--\n3. Only on Mondays",
    "sentences between two dashes": "--\nFirst, the tank is empty.\n--\nSecond, the pump is old.",
    "questions and answers under two dashes": "--\nQ: What do you grow?\nA: Beans.",
    "a sample that is set in": "    From anna@example.net Mon Jan  2 15:04:05 2012\n\n    -- \n    Anna\n\n"
    "It ignores the blank line, I think.",
    "a question and the author's address": "Q: Who runs the list?\nA: Anna Lind, anna@example.net.",
    "a column's sum": "  12  beans\n   7  peas\n  --\n  19  in all",
    "a table with the author's address under it": "           What    |Removed        |Added\n"
    "--------------------------------------------------\n             Status|NEW            |ASSIGNED\n\n"
    "--- Comment #2 from Anna Lind <anna@example.net> 2012-01-02 15:04:05 UTC ---\nIt drips.",
    "a signature that is shown": "It is cut off when I write\n\n-- \nAnna Lind\nGardener\n\n"
    "below the text. Does the list do that?",
    "people and their places": "Anna Lind, University of Example\nBo Ek, Institute of Peas",
    "a table of people": "Anna Lind | beans\nBo Ek | peas",
    "people under a heading": "Jury:\n\nAnna Lind\nUniversity of Example",
    "a robot's words under three dashes": "---\nThis was found by a robot and may be wrong.\n"
    "See https://robot.example.org/ for more about it.\nIts owners can be reached at robot@example.org.\n"
    "See https://robot.example.org/status for how to talk to it.",
    "a footnote under a separator": "-- \n[1] https://example.org/a",
    "a form with the author's name": "Name: Anna Lind\nAddress: Upper Garden 3\nEmail: anna@example.net\n"
    "Phone: +46 8 123 45 67",
    "a form between drawn lines": "-----------------\nName: Anna Lind\nMail: anna@example.net\n"
    "Sacks: 2\n-----------------",
    "a trailer of a change log": "beds (1.2-1) unstable; urgency=low\n\n  * Cover the beans.\n\n"
    " -- Anna Lind <anna@example.net>  Mon, 02 Jan 2012 15:04:05 +0100",
    "people with addresses, one the author": "The organisers:\nAnna Lind (University of Example), anna@example.net\n"
    "Bo Ek (University of Mytown), bo@example.com",
    "a log": "Author: Anna Lind <anna@example.net>\nDate:   Mon Jan 2 15:04:05 2012 +0100",
    "an agenda under three dashes": "---\nAnna: beans\nBo: peas",
    "addresses, one the author's": "The new board:\n\nbo@example.com\nanna@example.net\ncleo@example.org",
    "references": "---\n[1] https://example.org/a\n[2] https://example.org/b",
    "links under a name": "Anna\n\nhttps://example.org/a\nhttps://example.org/b",
    "the author's address in a sentence": "You can reach me at\nanna@example.net",
    "where to write": "Please send the seeds to\nAnna Lind, anna@example.net",
    "a list under a name": "Anna Lind\n\nbring seeds\nbring water\nbring fleece",
    "a person to ask": "Ask the seed bank:\nBo Ek\nTel: +46 8 123 45 67\nbo@example.com",
    "a table": "Bed     Plants  Water\n-----------------------\n1       12      2 l\n2       3       1 l",
    "the lower edge of a long table": "1       12      2 l\n=======================\n\nAnna",
    "a closed table": "=======================\n1       12      2 l\n=======================\n\nAnna",
    "a heading": "Links I found\n-------------\nhttps://example.org/a\nhttps://example.org/b\nhttps://example.org/c",
    "a list of options": "--verbose\n--quiet",
    "code": "int main(void)\n{\n    return 0;\n}",
    "a poem": "The beans are green,\nthe sky is blue,\nthe frost is mean,\nand so are you.",
    "an address to write to": "Write to the seed bank:\nseeds@example.org",
    "numbers": "We measured\n12.5 17.25 19.75\n13.5 18.25 20.75",
    "trailers": "Reported-by: Bo Ek <bo@example.com>\nSigned-off-by: Anna Lind <anna@example.net>",
    "a shortlog": "----------------------------------------------------------------\nAnna Lind (2):\n"
    "      beans: cover\n      beans: uncover\n\n"
    " beds/beans.c | 4 ++--\n 1 file changed, 2 insertions(+), 2 deletions(-)",
}


@pytest.mark.parametrize("name", KEPT)
def test_what_only_looks_like_a_signature_stays(name: str) -> None:
    """Nothing that an author wrote is cut."""
    text = f"{BODY}\n\n{KEPT[name]}"
    assert body(text) == text


POSTSCRIPTS = (
    "P.S. The frost comes on Friday.",
    "PS: bring fleece",
    "PPS - bring water, too",
    "PD: la helada llega el viernes",
    "N.B.: no seeds on Monday",
)


@pytest.mark.parametrize("words", POSTSCRIPTS)
@pytest.mark.parametrize("name", ["RFC 3676", "with its space lost", "three dashes and the name"])
def test_a_postscript_under_a_signature_stays(name: str, words: str) -> None:
    """Programs put the signature where the author goes on to write."""
    assert body(f"{BODY}\n\n{SIGNATURES[name]}\n\n{words}\n").endswith(words)


def test_a_signature_under_a_postscript_goes() -> None:
    """And initials are no postscript."""
    name = "no separator, a name and contact data"
    assert body(f"{BODY}\n\nPS: bring fleece\n\n{SIGNATURES[name]}\n") == f"{BODY}\n\nPS: bring fleece"
    assert body(f"{BODY}\n\n-- \nP.S. Lind\n", Person("P.S. Lind", "lind@example.net")) == BODY


def test_a_text_that_is_nothing_but_a_separator_and_words_stays() -> None:
    """With nothing above it, what stands under `-- ` is the letter."""
    text = "-- \nDear all, the frost is over.\nUncover your beans."
    assert body(text) == text.strip()


def test_a_patch_keeps_its_version_and_loses_its_footer() -> None:
    """A hunk is counted by its own numbers: a removed `- ` line inside it is no separator."""
    patch = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n one\n-- \n+two\n three\n-- \n2.30.2"
    text = (
        f"{BODY}\n---\n{patch}\n\n_____________________________\nx mailing list\n"
        f"https://example.org/mailman/listinfo/x\n"
    )
    assert body(text) == f"{BODY}\n---\n{patch}"


def test_a_signature_under_a_patch_that_is_quoted_in_part_goes() -> None:
    """A hunk that stops before its numbers are used up does not swallow the separator."""
    text = f"{BODY}\n\n@@ -10,7 +10,9 @@\n one\n+two\n\nthat should do.\n\n-- \nAnna Lind"
    assert body(text) == text[: text.index("\n\n-- ")]


def test_what_openpgp_signs_stays_whole() -> None:
    """Between the armour lines nothing is cut; a footer under them is."""
    signed = (
        f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{BODY}\n\n- -- \nAnna Lind\n"
        "-----BEGIN PGP SIGNATURE-----\n\niQIzBAEBCgAdFiEE\n=abcd\n-----END PGP SIGNATURE-----"
    )
    footer = "_____________________________\nx mailing list\nhttps://example.org/mailman/listinfo/x\n"
    assert body(f"{signed}\n\n{footer}") == signed


def test_a_forums_signature_stands_under_five_dashes() -> None:
    """Above a gateway's footer, its own separator is enough."""
    gateway = (
        "--\nView this message in context: http://garden.example.com/x.html\nSent from the Gardeners mailing "
        "list archive at Nabble.com."
    )
    assert body(f"{BODY}\n\n-----\nWeeds are flowers too\n{gateway}") == BODY
    assert body(f"{BODY}\n\n-----\nWeeds are flowers too") == f"{BODY}\n\n-----\nWeeds are flowers too"


def test_the_quoted_authors_signature_stays_in_an_unmarked_quote() -> None:
    """It is quoted text, and quoted text is not removed."""
    text = (
        f"{BODY}\n\n-----Original Message-----\nFrom: Bo Ek\nSent: Monday\nTo: x\nSubject: Beans\n\n"
        f"Are they up?\n\n-- \nBo Ek"
    )
    assert body(text, reply=True) == text
