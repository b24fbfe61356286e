"""Tells control mail, which waits for a person, from posts, and whether a post asks not to be archived.

Control mail is what list software writes to members and owners: confirmations, moderation, passwords, bounces. It
holds tokens and must never be published. It is held only where two things come together: the message was not posted
(no List-Post and no field that a list adds to posts), and it comes from an address that is a program's, or is marked
by one. A post about passwords is a post.
"""

import re
from typing import Literal

from listfold.core.headers import Headers, people
from listfold.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Control:
    """`field` of a message that matches `pattern` (any case) is held for `reason`. With `sender`, only when the
    author is an address that list software sends from."""

    reason: str
    field: str
    pattern: str
    example: str
    sender: bool = True


# Reasons that end a subscription when nobody does anything: the archive would stop, and nobody would notice.
ALARMS = frozenset({"disabled", "probe"})

RULES: tuple[Control, ...] = (
    Control("confirmation", "From", r"[+-]confirm[+-]\w{6,}@", "gardeners-confirm+9c1f4e@lists.example.org", False),
    Control(
        "confirmation",
        "Reply-To",
        r"[+-](?:(?:confirm|confsub|confunsub)[+-]|[su]c\.\d)",
        "gardeners-sc.144.abcd@example.org",
    ),
    Control(
        "confirmation",
        "Subject",
        r"^(?:re: )?confirm [0-9a-f]{16,}",
        "confirm 0123456789abcdef0123456789abcdef01234567",
    ),
    Control(
        "confirmation",
        "Subject",
        r"\bconfirmation (?:is )?(?:required|needed|request|for)\b",
        "Your confirmation is needed to join the gardeners mailing list",
    ),
    Control(
        "confirmation",
        "Subject",
        r"\bconfirm (?:your )?(?:un)?subscri(?:ption|be)\b",
        "Confirm subscription to gardeners@example.org",
    ),
    Control("confirmation", "Subject", r"^auth [0-9a-f]{6,}", "AUTH 1a2b3c4d subscribe gardeners"),
    Control("confirmation", "Subject", r"\bplease confirm\b", "Please confirm your request to join Gardeners"),
    Control(
        "password",
        "Subject",
        r"\bmailing lists? memberships? reminder\b",
        "lists.example.org mailing list memberships reminder",
    ),
    Control("password", "Subject", r"\bpassword\b", "Your new gardeners list password"),
    Control("moderation", "Subject", r"\bmoderators? (?:request|approval)", "3 Gardeners moderator request(s) waiting"),
    Control(
        "moderation",
        "Subject",
        r"\brequires approval\b|\bneeds approval\b|\bto be approved\b|\bto approve\b",
        "Gardeners post from jo@example.com requires approval",
    ),
    Control(
        "moderation",
        "Subject",
        r"\b(?:message|request) (?:to .{1,80} )?(?:is )?pending\b|^moderate\b",
        "MODERATE for gardeners@example.org",
    ),
    Control(
        "moderation",
        "Subject",
        r"\bhas been rejected\b|^request to mailing list .{1,80} rejected",
        "Request to mailing list Gardeners rejected",
    ),
    Control(
        "notice",
        "Subject",
        r"\b(?:un)?subscri(?:ption|be) (?:notification|notice|request)",
        "Gardeners subscription notification",
    ),
    Control(
        "welcome",
        "Subject",
        r"^welcome to\b|\byou (?:have been|are now) subscribed\b",
        'Welcome to the "Gardeners" mailing list',
    ),
    Control(
        "goodbye",
        "Subject",
        r"^goodbye from\b|\byou have been unsubscribed\b",
        "You have been unsubscribed from the Gardeners mailing list",
    ),
    Control(
        "disabled",
        "Subject",
        r"\bsubscription (?:for|to) .{1,120} (?:has been|was|is) (?:disabled|suspended|removed)",
        "Your subscription for Gardeners mailing list has been disabled",
    ),
    Control(
        "disabled",
        "Subject",
        r"\b(?:membership|account|subscription|address)\b.{0,80} (?:is bouncing|set to nomail|has been bounced)"
        r"|\byou have been (?:removed|deleted) from\b|^your removal from\b",
        "You have been removed from the GARDENERS list",
    ),
    Control(
        "probe",
        "Subject",
        r"\bmailing list probe message\b|^ezmlm (?:warning|probe)\b|\b(?:delivery|bounce|subscription) probe\b",
        "Gardeners mailing list probe message",
    ),
    Control(
        "probe",
        "Subject",
        r"^(?:mails|messages) (?:to you )?from .{1,120} (?:are|have been|could not be) (?:bouncing|delivered)\b",
        "Mails from gardeners@lists.example.org could not be delivered",
    ),
    Control(
        "bounce",
        "Subject",
        r"\bbounce (?:action|notification)|uncaught bounce|delivery has been disabled|\bbouncing\b",
        "Bounce action notification",
    ),
    Control(
        "command",
        "Subject",
        r"\bresults? of your (?:email )?commands?\b|^majordomo results\b|^output of your job\b",
        "The results of your email commands",
    ),
    Control(
        "bounce",
        "Content-Type",
        r"report-type\s?=\s?\"?delivery-status",
        "multipart/report; report-type=delivery-status; boundary=b",
        False,
    ),
    Control(
        "bounce",
        "From",
        r"\b(?:mailer-daemon|postmaster)@",
        "Mail Delivery System <MAILER-DAEMON@mx.example.org>",
        False,
    ),
    Control("bounce", "X-Failed-Recipients", r"@", "jo@example.com", False),
    Control("autoreply", "Auto-Submitted", r"^auto-replied", "auto-replied (vacation)", False),
    Control("autoreply", "X-Autoreply", r".", "yes", False),
    Control("autoreply", "X-Autorespond", r".", "Out of office", False),
    Control("autoreply", "Precedence", r"^auto[_-]?reply", "auto_reply", False),
    Control("notice", "X-No-Archive", r".", "yes"),
    Control("notice", "Auto-Submitted", r"^auto-generated", "auto-generated"),
)

# Addresses that list software writes from. Posts have such an author only when a person owns the role; then they
# have been posted, and are no control mail.
_SENDER = re.compile(
    r"(?:.+[-+])?(?:request|confirm|owner|bounces?|admin|help|subscribe|unsubscribe|join|leave|noreply|no-reply|return)"
    r"(?:[-+].*)?@|(?:mailman|majordomo|majordom|listserv|lyris|sympa|listmaster|ecartis|listar|ezmlm|smartlist|"
    r"mailer-daemon|postmaster|listproc|mlmmj|do-not-reply|donotreply|notifications?)(?:[-+.].*)?@",
    re.IGNORECASE,
)
_COMPILED = tuple((rule, re.compile(rule.pattern, re.IGNORECASE)) for rule in RULES)
_LOOKED_AT = 400  # characters of a field that a rule sees


def control(headers: Headers) -> str:
    """Why a message is control mail: the reason of the first rule that holds, or "" for a post."""
    marked = headers.get("x-list-administrivia").lower().startswith("y")  # Mailman 2, on all that it writes itself
    written = people(headers.get("from")[:_LOOKED_AT])
    program = marked or any(_SENDER.match(person.address) for person in written)
    # Mailman 3 sends confirmations and probes with Precedence: list and List-Id, as it does posts, but no List-Post.
    if not marked and posted(headers) and (not program or _surely(headers)):
        return ""
    for rule, pattern in _COMPILED:
        if (program or not rule.sender) and pattern.search(headers.get(rule.field)[:_LOOKED_AT]):
            return rule.reason
    return "notice" if marked else ""


def _surely(headers: Headers) -> bool:
    """Whether a field is there that no list software puts on what it writes itself."""
    return bool(headers.get("list-post") or headers.get("x-mailing-list") or headers.get("archived-at"))


def posted(headers: Headers) -> bool:
    """Whether the fields are there that list software adds to posts, and few to what they write themselves."""
    if _surely(headers):
        return True
    if headers.get("precedence").lower() == "list" and (headers.get("list-id") or headers.get("x-beenthere")):
        return True
    return bool(headers.get("mailing-list") and not headers.get("auto-submitted"))


def no_archive(headers: Headers, raw: bytes, policy: Literal["auto", "honour", "ignore"]) -> bool:
    """Whether the author asked for a post not to be archived, under a list's policy.

    Sympa stamps all that it sends out, as it has archived before: `auto` ignores a stamp that comes with Sympa's own
    pair of X-Loop and X-Sequence.
    """
    if policy == "ignore":
        return False
    asked = (
        headers.get("x-no-archive").lower() not in ("", "no", "false", "0")  # Mailman: any value; Sympa: yes
        or headers.get("x-archive").lower() == "no"
        or "no-external-archive" in headers.get("restrict").lower()
    )
    if asked and policy == "auto" and headers.get("x-loop") and headers.get("x-sequence"):
        asked = False
    return asked or _first_line_asks(raw)


def _first_line_asks(raw: bytes) -> bool:
    """Usenet's way for those who cannot set a field: "X-No-Archive: Yes" as the first line of the body."""
    end = raw.find(b"\n\n")
    early = raw.find(b"\n\r\n", 0, end + 1 if end >= 0 else len(raw))
    end = early if early >= 0 else end
    if end < 0:
        return False
    start = raw[end : end + 200].lstrip().lower()
    return start.startswith(b"x-no-archive:") and start[13:].lstrip().startswith(b"yes")
