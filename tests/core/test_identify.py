"""Whose letter it is: its list, its author behind a rewritten From, and what waits for a person."""

from typing import Literal

import pytest

from listfold.core.control import RULES, Control, control
from listfold.core.headers import parse_headers
from listfold.core.identify import Origin, identify, list_id
from listfold.model import Letter, ListName, ListRule, Person, Rules

GARDENERS = ListRule(
    id="gardeners.example.org",
    name="Gardeners",
    addresses=("archive+t0ken@example.net",),
    aliases=("Gardeners", "old-gardeners.example.com"),
    post="gardeners@example.org",
)


def origin(
    *fields: str, rules: Rules | None = None, body: str = "Hello", recipients: tuple[str, ...] = (), hint: str = ""
) -> Origin:
    raw = ("\n".join(fields) + f"\n\n{body}\n").encode()
    letter = Letter(raw, "smtp" if recipients else "eml", 0, recipients=recipients, list_hint=hint)
    return identify(letter, parse_headers(raw), rules or Rules())


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (["List-Id: Garden talk <gardeners.example.org>"], ListName("gardeners.example.org", "Garden talk")),
        (['List-Id: "Garden talk" <Gardeners.Example.ORG>'], ListName("gardeners.example.org", "Garden talk")),
        (["List-Id: =?utf-8?q?Gr=C3=BCn?= <g.example.org>"], ListName("g.example.org", "Grün")),
        (["List-Id: gardeners.example.org"], ListName("gardeners.example.org", "gardeners")),
        (["List-Id: Gardeners"], ListName("gardeners", "Gardeners")),
    ],
)
def test_list_id_names_the_list(fields: list[str], expected: ListName) -> None:
    """RFC 2919's forms, and those without brackets."""
    assert origin(*fields).list == expected


@pytest.mark.parametrize(
    "field",
    [
        "X-BeenThere: gardeners@example.org",
        "List-Post: <mailto:gardeners@example.org>",
        "X-Mailing-List: <gardeners@example.org> archive/latest/7",
        "Mailing-List: list gardeners@example.org; contact gardeners-help@example.org",
        "Mailing-List: contact g-help@example.org; run by ezmlm\nDelivered-To: mailing list gardeners@example.org",
        "Precedence: bulk\nX-Loop: gardeners@example.org",
        "Sender: owner-gardeners@example.org",
        "Sender: gardeners-owner@example.org",
        "Return-Path: <gardeners-bounces+jo=example.com@example.org>",
        "List-Archive: <https://example.org/pipermail/gardeners/>",
    ],
)
def test_other_list_fields_name_the_list(field: str) -> None:
    """What list managers write beside List-Id leads to the same id."""
    assert origin(field, "To: jo@example.com").list.id == "gardeners.example.org"


def test_bound_recipient_comes_first() -> None:
    """The address that a list was given decides, in any case and whatever the letter says of itself."""
    rules = Rules(lists=(GARDENERS,))
    found = origin("List-Id: <other.example.com>", rules=rules, recipients=("Archive+T0ken@Example.net",)).list
    assert found == ListName("gardeners.example.org", "Gardeners", "gardeners@example.org")


def test_extension_of_a_bound_recipient_is_ignored() -> None:
    """A +extension leads to the list of the address."""
    rules = Rules(lists=(ListRule("g", addresses=("g@example.net",)),))
    assert origin(rules=rules, recipients=("g+x@example.net",)).list.id == "g"


def test_aliases_join_names() -> None:
    """A Pipermail name and a former id are the same list as the live one."""
    rules = Rules(lists=(GARDENERS,))
    ids = {origin(f"List-Id: {said}", rules=rules).list.id for said in ("Gardeners", "<old-gardeners.example.com>")}
    assert ids == {"gardeners.example.org"}


def test_order_after_the_list_fields() -> None:
    """The recipient of live mail, then --list, then the first To or Cc, then `unsorted`."""
    to = "To: Garden talk <gardeners@example.org>"
    assert origin(to, recipients=("g@example.net",), hint="hint").list.id == "g.example.net"
    assert origin(to, hint="hint").list.id == "hint"
    assert origin(to).list == ListName("gardeners.example.org", "gardeners", "gardeners@example.org")
    assert origin("Subject: x").list == ListName("unsorted")


def test_subject_tag_gives_the_spelling_of_the_name() -> None:
    """The tag that is the list's name is written as the list writes it; another list's tag is not."""
    assert origin("List-Id: <gardeners.example.org>", "Subject: [Gardeners] x").list.name == "Gardeners"
    assert origin("List-Id: <gardeners.example.org>", "Subject: [Farmers] x").list.name == "gardeners"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("../../etc/passwd", "etc-passwd"),
        ("..", "list-5ec1f7e7"),
        (".hidden", "hidden"),
        ("-rf", "rf"),
        ("A B\0C", "a-b-c"),
        ("Gärtner", "gartner"),
        ("x" * 300, "x" * 100),
        ("index.html", "index.html-list"),
        ("", ""),
    ],
)
def test_ids_are_safe_in_paths(text: str, expected: str) -> None:
    """Lower case letters, digits, dot, dash, underscore; never a leading dot or dash, nor a published file's name."""
    found = list_id(text)
    assert found == expected or (expected.startswith("list-") and found.startswith("list-"))


LIST = ("List-Id: <gardeners.example.org>", "List-Post: <mailto:gardeners@example.org>")


@pytest.mark.parametrize(
    "fields",
    [
        ["From: Jo Doe via Gardeners <gardeners@example.org>", "Reply-To: Jo Doe <jo@example.com>"],
        ["From: 'Jo Doe' via Gardeners <gardeners@example.org>", "X-Original-From: Jo Doe <jo@example.com>"],
        [
            "From: Jo Doe via Gardeners <gardeners@example.org>",
            "Reply-To: gardeners@example.org",
            "Cc: Al <al@example.com>, Jo Doe <jo@example.com>",
        ],
        ["From: Jo Doe via Gardeners <gardeners@example.org>", "X-Original-Sender: jo@example.com"],
        ["From: Jo Doe via groups <jo=example.com@groups.example.net>"],
        ["From: Jo Doe <jo=40example.com@dmarc.example.net>"],
        ["From: Jo Doe <jo@example.com.INVALID>"],
    ],
)
def test_rewritten_from_is_undone(fields: list[str]) -> None:
    """The author behind "Jo via List" comes from the field that still names them."""
    found = origin(*fields, *LIST)
    assert (found.author, found.notes) == (Person("Jo Doe", "jo@example.com"), ("from_munged",))


def test_author_without_an_address_is_not_the_list() -> None:
    """Where nothing else names the author, the name stays and the list's address goes."""
    assert origin("From: Jo via Gardeners <gardeners@example.org>", *LIST).author == Person("Jo")


def test_ordinary_from_is_left_alone() -> None:
    """A name with "via" at an address of its own, and a Reply-To, change nothing."""
    found = origin("From: Jo via Fax <jo@example.com>", "Reply-To: gardeners@example.org", *LIST)
    assert (found.author, found.notes) == (Person("Jo via Fax", "jo@example.com"), ())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.reason}: {rule.example[:40]}")
def test_control_mail_is_held(rule: Control) -> None:
    """Each rule's example is held for the rule's reason, when a program wrote it."""
    field, example, reason = rule.field, rule.example, rule.reason
    fields = [f"{field}: {example}", *([] if field == "From" else ["From: gardeners-request@example.org"])]
    assert control(parse_headers("\n".join(fields).encode())) == reason


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.sender], ids=lambda rule: rule.example[:40])
def test_posts_are_not_held(rule: Control) -> None:
    """The same words from a member, or from the owner over the list, are a post."""
    said = f"{rule.field}: {rule.example}"
    member = origin(said, "From: jo@example.com", "List-Id: <gardeners.example.org>", "Precedence: bulk")
    owner = origin(said, "From: gardeners-owner@example.org", *LIST)
    assert {member.held, owner.held} <= {"", "no-archive"}


@pytest.mark.parametrize("subject", ["Gardeners Digest, Vol 12, Issue 3", "Re: How do I confirm a password?"])
def test_words_of_a_program_that_are_no_notice_are_not_held(subject: str) -> None:
    """A digest comes from the -request address, in old archives without any list field."""
    author = "gardeners-request@example.org" if "Digest" in subject else "jo@example.com"
    assert origin(f"From: {author}", f"Subject: {subject}").held == ""


def test_mailman_2_marks_what_it_writes_itself() -> None:
    """X-List-Administrivia tells control mail even where fields of a post are there."""
    assert origin("X-List-Administrivia: yes", "From: gardeners@example.org", "Subject: hi", *LIST).held == "notice"


@pytest.mark.parametrize(
    ("fields", "policy", "held"),
    [
        (["X-No-Archive: Yes"], "auto", "no-archive"),
        (["X-Archive: no"], "auto", "no-archive"),
        (["Restrict: no-external-archive"], "auto", "no-archive"),
        (["X-No-Archive: yes", "X-Loop: gardeners@example.org", "X-Sequence: 7"], "auto", ""),
        (["X-No-Archive: yes", "X-Loop: gardeners@example.org", "X-Sequence: 7"], "honour", "no-archive"),
        (["X-No-Archive: Yes"], "ignore", ""),
        (["X-No-Archive: no"], "auto", ""),
        (["Subject: x"], "auto", ""),
    ],
)
def test_no_archive_is_a_policy_of_the_list(
    fields: list[str], policy: Literal["auto", "honour", "ignore"], held: str
) -> None:
    """Honoured, ignored, or by default ignored only with the pair of fields that Sympa stamps on everything."""
    rule = ListRule("gardeners.example.org", no_archive=policy)
    assert origin(*fields, "From: jo@example.com", *LIST, rules=Rules(lists=(rule,))).held == held


def test_first_line_may_ask_not_to_be_archived() -> None:
    """Usenet's form, for programs that cannot set a field."""
    assert origin("From: jo@example.com", *LIST, body="X-No-Archive: Yes\n\nHello").held == "no-archive"


ADDRESS = ("archive+t0ken@example.net",)
CLOSED = Rules(lists=(GARDENERS,), open=False)


@pytest.mark.parametrize(
    ("fields", "recipients", "held"),
    [
        (["List-Id: <gardeners.example.org>"], ADDRESS, ""),
        (["List-Id: <old-gardeners.example.com>"], ADDRESS, ""),
        (["To: gardeners@example.org"], ADDRESS, ""),
        (["Sender: gardeners-owner@example.org"], ADDRESS, ""),
        (["List-Id: <other.example.com>"], ADDRESS, "mismatch"),
        (["From: jo@example.com"], ADDRESS, "not-list-mail"),
        (["List-Id: <gardeners.example.org>"], ("anybody@example.net",), "wrong-address"),
        (["List-Id: <roses.example.org>"], ("anybody@example.net",), "unknown-list"),
        (["From: jo@example.com"], ("anybody@example.net",), "unknown-list"),
    ],
)
def test_a_stranger_who_knows_an_address_gets_nothing_in(
    fields: list[str], recipients: tuple[str, ...], held: str
) -> None:
    """On a public address: the own address, the own List-Id, and the marks of list mail have to come together."""
    assert origin(*fields, rules=CLOSED, recipients=recipients).held == held


def test_lists_come_into_being_by_themselves_where_nobody_else_can_write() -> None:
    """With every listener on loopback nothing has to be added; another list's mail at a bound address is held."""
    rules = Rules(lists=(GARDENERS,))
    assert origin("From: jo@example.com", rules=rules, recipients=("anybody@example.net",)).held == ""
    assert origin("List-Id: <other.example.com>", rules=rules, recipients=ADDRESS).held == "mismatch"


def test_a_bare_name_means_every_list_id_that_begins_with_it() -> None:
    """`lists add gardeners`, when nobody knew the List-Id."""
    rules = Rules(lists=(ListRule("gardeners", addresses=ADDRESS),), open=False)
    assert origin("List-Id: <gardeners.lists.example.org>", rules=rules, recipients=ADDRESS).held == ""
    assert origin("List-Id: <gardeners2.lists.example.org>", rules=rules, recipients=ADDRESS).held == "mismatch"


def test_a_retired_address_still_names_its_list() -> None:
    """What came to it is the list's when all is read again."""
    rules = Rules(lists=(ListRule("gardeners.example.org", retired=ADDRESS),), open=False)
    found = origin("List-Id: <gardeners.example.org>", rules=rules, recipients=ADDRESS)
    assert (found.list.id, found.held) == ("gardeners.example.org", "")


def test_imports_are_held_for_no_list() -> None:
    """An operator's own files are no stranger's."""
    assert origin("List-Id: <roses.example.org>", rules=CLOSED).held == ""


def test_proof_can_be_required() -> None:
    """With require_auth, what our mail server found no proof for waits; its results are noted in any case."""
    rules = Rules(lists=(GARDENERS,), open=False, authserv="mx.example.net", authenticated=True)
    said = "Authentication-Results: mx.example.net; spf={}; dkim=fail"
    good = origin(said.format("pass"), "List-Id: <gardeners.example.org>", rules=rules, recipients=ADDRESS)
    bad = origin(said.format("fail"), "List-Id: <gardeners.example.org>", rules=rules, recipients=ADDRESS)
    assert (good.held, good.notes) == ("", ("auth:spf=pass", "auth:dkim=fail"))
    assert bad.held == "unauthenticated"


def test_a_confirmation_of_mailman_3_is_held_though_it_looks_like_a_post() -> None:
    """It comes with Precedence: list and List-Id, as posts do; it has no List-Post, and holds a token."""
    fields = (
        "Subject: Your confirmation is needed to join the gardeners@lists.example.org mailing list.",
        "From: gardeners-confirm+5264b2152959378434570a487d373c7a351dcbac@lists.example.org",
        "Auto-Submitted: auto-generated",
        "X-Mailman-Version: 3.3.8",
        "Precedence: list",
        "List-Id: <gardeners.lists.example.org>",
    )
    assert origin(*fields).held == "confirmation"
    assert origin(*fields, "List-Post: <mailto:gardeners@lists.example.org>").held == ""
