"""Decides whether a message shows a text that the archive already has.

Evidence comes in tiers, the strongest first; every tier is symmetric in its two messages and every match is verified
on their full words, so that neither a collision of hashes nor a forged header can make a letter vanish:

    message-id    the same Message-ID, and words that do not contradict it
    headers       the same author, Date to the second and subject, and words that do not contradict them; or the same
                  author, parent and words within minutes
    subject       the author, day and subject that somebody claims of it, and words that do not contradict them
    exact         the same own words
    containment   most of one stands in the other, in order, with nothing replaced inside

Content alone is held back by guards (FOLDING.md, The method, 6 to 8): a patch is its version and number; a reply is
its parent's and its author's; what is said of a forward is that forward's; short texts fold by headers only; the same
subject but for digits is a new edition; who changes what he sends again has written something new.
"""

import re
from collections.abc import Sequence

from listfold.core.fingerprint import own
from listfold.core.overlap import AGREES, SHORT, Overlap, added_lines, contains, lost_letters, sampled
from listfold.frozen import dataclass
from listfold.model import CLAIMED_DAY, Fold, Folded, Known, New, Person, Relation

VERSION = "4"  # raise it when the same two messages would be matched otherwise

SHORT_REPLY = 60  # words; two replies below it need one subject and one author
MOST = 0.6  # of the text that is contained more; the guards hold what that lets in
LEAST = 0.4  # of the other one
HOPELESS = 0.3  # of a sample: so little in common cannot turn out to be MOST of the whole
ADDS = 1.2  # times the words of a text: who answers somebody and adds so much does not repeat it
MOMENTS = 900  # seconds in which an answer in the same words is the same answer
MAX_COMMENT = 20_000  # characters of words kept with a sighting

MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    "|nov(?:ember)?|dec(?:ember)?"
)
DAYS = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"
CHANGING = re.compile(rf"\b(?:{MONTHS}|{DAYS})\b|\w*\d\w*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Match:
    """Two messages show one text: by which tier (the lowest is the strongest), and how surely."""

    tier: int
    method: str
    score: float


def decide(message: Known, near: Sequence[Known], joined: Known | None = None) -> Fold:
    """New, or Folded into one of `near`. Pure; symmetric in what matches; only canonical messages that come
    earlier in `order` can take it in. Verified on full texts, whatever the index says. With `joined` a person has
    decided that the message shows that one's record."""
    if joined is not None:
        return together(message, joined)
    best: tuple[int, float, tuple[int, int, str, str]] | None = None
    found: tuple[Known, Match] | None = None
    for other in near:
        if not other.canonical or other.order >= message.order:
            continue
        hit = match(message, other)
        if hit is None:
            continue
        rank = (hit.tier, -hit.score, other.order)
        if best is None or rank < best:
            best, found = rank, (other, hit)
    if found is None:
        return New()
    into, hit = found
    full = fuller(message, into, hit)
    return Folded(
        into=into.row,
        relation=relation_of(message, into, hit),
        method=f"{hit.method}/{VERSION}",
        score=hit.score,
        comment=message.comment if full else comment_of(message, into, hit),
        stands="fuller" if full else "",
    )


def together(message: Known, into: Known) -> Folded:
    """What a person has joined. Whatever of its words the other has not is kept as its comment."""
    same_id = bool(message.message_id) and message.message_id == into.message_id
    hit = Match(0 if same_id else 4, "decision", 1.0)
    comment = comment_of(message, into, Match(4, "decision", 1.0))
    return Folded(into.row, relation_of(message, into, hit), hit.method, hit.score, comment, "joined")


def fuller(message: Known, into: Known, hit: Match) -> bool:
    """Whether a copy is the whole of what came shortened: the same headers, the same author, nobody's claim, all of
    the other's words and more of them than a list appends. Then the record shows the copy's text (FOLDING.md 8)."""
    if hit.tier > 1 or message.claimed or into.claimed or not same_person(message.author, into.author):
        return False
    one, two = into.identity, message.identity
    if one.role != two.role or one.role in ("forward", "digest") or one.words < SHORT or two.words <= one.words:
        return False
    return contains(message, into) and bool(added_lines(message, into, tied=True))


def standing(role: str, claimed: bool) -> int:
    """The first part of `Known.order`: a message's own letter, then a copy that somebody else claims, then a thin
    forward, which has no text but what it forwards and can be canonical only while that is nowhere else."""
    return 2 if role == "forward" else int(claimed)


def carried(message: Known, inner: Known, placed: Fold) -> Folded:
    """Where a thin forward goes: where the message that it encloses has gone, whatever its own text would say."""
    if isinstance(placed, Folded):
        return Folded(placed.into, "forward", "forward", placed.score, message.comment)
    return Folded(inner.row, "forward", "forward", 1.0, message.comment)


def match(a: Known, b: Known) -> Match | None:
    """Whether two messages show one text; the same whichever comes first."""
    if "digest" in (a.identity.role, b.identity.role):
        return whole(a, b)
    if "forward" in (a.identity.role, b.identity.role):
        return forwarded(a, b)
    same_id = bool(a.message_id) and a.message_id == b.message_id
    tied = same_id or same_sending(a, b) or same_claim(a, b) or same_answer(a, b)
    if not tied and hopeless(a, b):
        return None
    overlap = Overlap.of(a, b)
    hit = by_headers(a, b, overlap)
    if hit is None and tied and lost_letters(a, b):
        hit = by_headers(a, b, Overlap.of(a, b, bare=True))
    if hit is not None or same_id:
        return hit
    if overlap.shorter < SHORT or forbidden(a, b, overlap):
        return None
    if overlap.equal:
        return Match(3, "exact", 1.0)
    if overlap.cut or overlap.most < MOST or overlap.least < LEAST or overlap.replaced(tied=False):
        return None
    return Match(4, "containment", round(overlap.most, 4))


def by_headers(a: Known, b: Known, overlap: Overlap) -> Match | None:
    """What headers tie, real or claimed, and the words do not contradict."""
    if not overlap.agrees(a, b):
        return None
    if a.message_id and a.message_id == b.message_id:
        return None if reissued(a, b, overlap) else Match(0, "message-id", 1.0)
    if same_sending(a, b) and (overlap.equal or not overlap.replaced(tied=True)):
        return Match(1, "headers", 1.0)
    if same_answer(a, b) and overlap.equal:
        return Match(1, "headers", 1.0)
    return Match(2, "subject", round(overlap.most, 4)) if same_claim(a, b) else None


def hopeless(a: Known, b: Known) -> bool:
    """Whether content cannot match, told from the identities alone: most candidates need no look at their words."""
    one, two = a.identity, b.identity
    if min(one.words, two.words) < SHORT or other_patch(a, b) or new_edition(a, b):
        return True
    if one.exact != two.exact and not a.claimed and not b.claimed and same_person(a.author, b.author):
        return True
    return sampled(one, two)[0] < HOPELESS


def other_patch(a: Known, b: Known) -> bool:
    """Whether two patch tuples differ; a patch without its subject is only another person's paste of it."""
    one, two = a.identity.patch, b.identity.patch
    return one != two and ((one != "" and two != "") or same_person(a.author, b.author))


def reissued(a: Known, b: Known, overlap: Overlap) -> bool:
    """Whether a program has given one Message-ID to two editions: another Date, and words replaced inside."""
    return a.date != b.date and not a.claimed and not b.claimed and not overlap.equal and overlap.replaced(tied=True)


def whole(a: Known, b: Known) -> Match | None:
    """A digest is a wrapper: only the same digest, word for word."""
    if a.identity.role != b.identity.role or a.identity.exact != b.identity.exact:
        return None
    if own(a.text, a.spans, a.identity.role) != own(b.text, b.spans, b.identity.role):
        return None
    same_id = bool(a.message_id) and a.message_id == b.message_id
    if same_id or a.identity.words >= SHORT or same_sending(a, b):
        return Match(0, "message-id", 1.0) if same_id else Match(3, "exact", 1.0)
    return None


def forwarded(a: Known, b: Known) -> Match | None:
    """A thin forward is matched by the identity of what it encloses. Its own words are its comment, and what it
    encloses is a message of its own, verified on its words: here nothing can get lost."""
    one, two = a.identity, b.identity
    if a.letter == b.letter:
        return Match(1, "forward", 1.0) if one.exact == two.exact else None
    if one.patch and two.patch and one.patch != two.patch:
        return None
    same_id = bool(a.message_id) and a.message_id == b.message_id
    equal = one.exact == two.exact and one.words == two.words
    most, least = sampled(one, two)
    if same_id:
        return Match(0, "message-id", 1.0) if equal or most >= AGREES else None
    if min(one.words, two.words) < SHORT:
        return None
    if equal:
        return Match(3, "exact", 1.0)
    return Match(4, "containment", round(most, 4)) if most >= MOST and least >= LEAST else None


def same_person(a: Person, b: Person) -> bool:
    """One address, or one full name where a list put another address on it."""
    if a.address and a.address.casefold() == b.address.casefold():
        return True
    return " " in a.name and a.name.casefold() == b.name.casefold()


def same_sending(a: Known, b: Known) -> bool:
    """The same author and second, and the same subject or words: one act of sending under two Message-IDs."""
    one, two = a.identity, b.identity
    return (
        a.date is not None
        and a.date == b.date
        and one.patch == two.patch
        and (one_subject(one.subject, two.subject) or (one.exact == two.exact and one.words >= SHORT))
        and same_person(a.author, b.author)
    )


def same_answer(a: Known, b: Known) -> bool:
    """One person who answers one message twice in a quarter of an hour, in the same words: relays write Dates anew."""
    return (
        a.in_reply_to != ""
        and a.in_reply_to == b.in_reply_to
        and a.date is not None
        and b.date is not None
        and abs(a.date - b.date) <= MOMENTS
        and a.identity.exact == b.identity.exact != 0
        and a.identity.patch == b.identity.patch
        and same_person(a.author, b.author)
    )


def one_subject(one: str, two: str) -> bool:
    """Whether two subjects are the same but for a tag without brackets that a list put before one: "(garden 12)"."""
    long, short = (one, two) if len(one) > len(two) else (two, one)
    return long == short or (short != "" and long.endswith(f" {short}"))


def same_claim(a: Known, b: Known) -> bool:
    """The author, subject and day that somebody claims of a message are those of the other: programs write the Date
    of what they forward without its zone, or no more than the day."""
    if not (a.claimed or b.claimed) or not a.identity.subject or a.date is None or b.date is None:
        return False
    return (
        abs(a.date - b.date) <= CLAIMED_DAY
        and a.identity.subject == b.identity.subject
        and a.identity.patch == b.identity.patch
        and same_person(a.author, b.author)
    )


def forbidden(a: Known, b: Known, overlap: Overlap) -> bool:
    """What content alone may never fold."""
    one, two = a.identity, b.identity
    same_author = same_person(a.author, b.author)
    same_subject = one.subject == two.subject
    if other_patch(a, b):
        return True
    if one.role == "reply" and two.role == "reply":
        sent_again = overlap.equal and same_author and same_subject and overlap.shorter >= SHORT_REPLY
        if a.in_reply_to and b.in_reply_to and a.in_reply_to != b.in_reply_to and not sent_again:
            return True
        if not (overlap.equal or same_author or a.claimed or b.claimed):
            return True  # what two people's replies share is what both quote without marks
        if overlap.shorter < SHORT_REPLY and not (same_subject and (same_author or a.claimed or b.claimed)):
            return True
    if a.forwards and b.forwards and a.forwards != b.forwards:
        return True  # who says the same of two messages has still forwarded two
    if same_author and not a.claimed and not b.claimed and not overlap.equal:
        return True  # who changes what he sends again has written something new
    if (answers(a, b) or answers(b, a)) and not (overlap.equal and same_author):
        return True
    return new_edition(a, b)


def answers(a: Known, b: Known) -> bool:
    """Whether the first answers the second by its header, or looks like it: its quote may have lost its marks, or it
    shows a text that it speaks about."""
    if a.in_reply_to and a.in_reply_to == b.message_id:
        return True
    if a.claimed or b.claimed or a.date is None or b.date is None or a.date <= b.date:
        return False
    one, two = a.identity, b.identity
    if one.role == "reply" and two.role == "text" and one.subject == two.subject:
        return True
    return a.in_reply_to != "" and one.words > ADDS * two.words


def new_edition(a: Known, b: Known) -> bool:
    """The same subject but for digits and dates: this week's report is not last week's, whoever sends it."""
    one, two = a.identity.subject, b.identity.subject
    return one != two and CHANGING.sub("#", one) == CHANGING.sub("#", two)


def relation_of(message: Known, into: Known, hit: Match) -> Relation:
    if message.relation in ("forward", "enclosed"):
        return message.relation
    if hit.tier <= 1:
        return "redelivery" if message.list == into.list else "crosspost"
    return "repost"


def comment_of(message: Known, into: Known, hit: Match) -> str | None:
    """The words that a folded copy adds: a forwarder's, and own lines of the copy that the canonical text has not."""
    added = "" if message.identity.role == "forward" else added_lines(message, into, tied=hit.tier <= 1)
    return "\n\n".join(words for words in (message.comment, added) if words)[:MAX_COMMENT] or None
