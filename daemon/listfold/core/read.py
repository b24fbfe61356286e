"""One letter to its Reading: parse, identify, unwrap, clean, fingerprint.

A letter is a tree of messages: what is enclosed as message/rfc822, what a digest holds, what a text forwards inline.
It is opened breadth first from a list, never by recursion, and closed from the end, so that a thin forward can take
the identity of what it forwards.

Ids (DESIGN.md, Ids) are made of the Message-ID, the Date in UTC seconds, and the first words of the first line of the
first text part as decoded, markup included: one line, because relays add footers below, seldom rewrap, and hardly
ever write above; and eight words of it, because that tells two letters with a reused Message-ID apart. A Date that
cannot be read counts as it is written. From is left out (lists rewrite it), and so is the subject (lists tag it).
"""

import re
from collections import deque
from dataclasses import replace

from listfold.core.block import View
from listfold.core.claimed import claimed_author, claimed_moment
from listfold.core.clean import Context, Seen, clean, look, merge, spans_of
from listfold.core.dates import parse_date, sane
from listfold.core.digests import digest_members
from listfold.core.fingerprint import OPENED, Role, identity, words_of
from listfold.core.headers import Headers, message_ids, moment, subject
from listfold.core.identify import identify
from listfold.core.mime import Parsed, parse
from listfold.core.pipermail import parse_page
from listfold.core.rule import own_rules
from listfold.core.unwrap import Inline, inlines, is_forward, is_reply
from listfold.frozen import dataclass
from listfold.model import Identity, Letter, ListName, Message, Person, Reading, Relation, Rules, Span, id_of

MAX_DEPTH = 20  # of messages in messages: forwards of forwards end at five or six
MAX_MEMBERS = 1000  # messages of one letter: no digest has more
MAX_INLINE = 1_000_000  # characters of inline forwards that are searched for further ones: each level costs them again
THIN = 12  # own words below which a forward is nothing but its forward (FOLDING.md, Guards)
OPENING_WORDS = 8
MAX_COMMENT = 20_000  # characters of a forwarder's words

IN_ANGLES = re.compile(r"<([^<>\s]{1,2000})>")
BARE_URL = re.compile(r"(?:https?://|mailto:)[^\s<>,]{1,2000}")


@dataclass(frozen=True, slots=True)
class Node:
    """One message of a letter on the way: where it stands, and what is known of it before it is cleaned."""

    path: str
    parsed: Parsed
    list: ListName
    author: Person
    relation: Relation = "original"
    notes: tuple[str, ...] = ()
    depth: int = 0
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """A message cleaned, with the places of what it encloses in the list of nodes."""

    node: Node
    spans: tuple[Span, ...]  # without what the list has taught: what folding and forwarding go by
    shown: tuple[Span, ...]  # with it
    words: int  # the forwarder's own, where something is forwarded
    comment: str | None  # and these words
    children: tuple[int, ...]
    digest: bool


def read(letter: Letter, rules: Rules) -> Reading:
    """Pure. Never raises on bad mail: what it raises is our bug."""
    parsed = parse_page(letter.raw) if letter.source == "pipermail" else None
    if parsed is None:
        parsed = parse(letter.raw)
    origin = identify(letter, parsed.headers, rules)
    if origin.held and letter.id not in rules.released:
        return Reading(letter.id, rules.version, (), held=origin.held, notes=(*parsed.notes, *origin.notes))
    root = Node("", parsed, origin.list, origin.author, notes=origin.notes)
    wrapped = original_of(parsed)
    if wrapped is not None and not comment_lines(parsed.text, clean(parsed.text, context_of(root, rules))):
        inner = identify(letter, wrapped.headers, rules)
        over = tuple(f for f in parsed.headers.fields if f[0].lower().startswith(("list-", "archived-at", "received")))
        wrapped = replace(wrapped, headers=Headers((*wrapped.headers.fields, *over)))
        root = Node("", wrapped, origin.list, inner.author, notes=(*origin.notes, "wrapped_by_list"))
    opened = open_all(root, letter, rules)
    messages: list[Message] = []
    for node in reversed(opened):
        messages.append(message_of(node, messages, len(opened)))
    return Reading(letter.id, rules.version, tuple(reversed(messages)))


def original_of(parsed: Parsed) -> Parsed | None:
    """The message that a list has wrapped because of DMARC (Mailman's "wrap message"): alone in its wrapper, with the
    same subject, the same Message-ID or Date, and another From."""
    if len(parsed.enclosed) != 1 or parsed.enclosed[0].digest:
        return None
    inner = parse(parsed.enclosed[0].raw)
    if inner.headers.get("From") == parsed.headers.get("From"):
        return None
    if subject(inner.headers.get("Subject")) != subject(parsed.headers.get("Subject")):
        return None
    outer_id, inner_id = parsed.headers.get("Message-ID"), inner.headers.get("Message-ID")
    same_date = parsed.headers.get("Date") != "" and date_seed(parsed.headers) == date_seed(inner.headers)
    return inner if (outer_id and outer_id == inner_id) or same_date else None


def open_all(root: Node, letter: Letter, rules: Rules) -> list[Opened]:
    """The letter's messages, the outer one first, each before what it encloses."""
    opened: list[Opened] = []
    waiting = deque([root])
    count = 1
    inline = 0
    while waiting:
        node = waiting.popleft()
        context = context_of(node, rules)
        seen = look(node.parsed.text, context)
        spans = spans_of(seen, replace(context, learned=()) if context.learned else context)
        children: list[Node] = []
        digest = False
        inline += len(node.parsed.text) if node.inline else 0
        if node.depth < MAX_DEPTH and inline <= MAX_INLINE:
            children, spans, digest = enclosed_in(node, seen.view, spans, letter, rules)
        else:
            node = replace(node, notes=(*node.notes, "nesting_capped"))
        if count + len(children) > MAX_MEMBERS:
            children = children[: MAX_MEMBERS - count]
            node = replace(node, notes=(*node.notes, "members_capped"))
        shown = with_learned(seen, spans, context)
        opened.append(
            Opened(
                node=node,
                spans=spans,
                shown=shown,
                words=len(words_of(comment_lines(node.parsed.text, spans))) if children else 0,
                comment=(comment_lines(node.parsed.text, shown)[:MAX_COMMENT] or None) if children else None,
                children=tuple(range(count, count + len(children))),
                digest=digest,
            )
        )
        waiting.extend(children)
        count += len(children)
    return opened


def enclosed_in(
    node: Node, view: View, spans: tuple[Span, ...], letter: Letter, rules: Rules
) -> tuple[list[Node], tuple[Span, ...], bool]:
    """(what a message encloses, its spans with what it forwards marked, whether it is a digest)."""
    parsed = node.parsed
    children: list[Node] = []
    digest = any(part.digest for part in parsed.enclosed)
    for part in parsed.enclosed:
        relation: Relation = "enclosed" if part.digest else "forward"
        children.append(enclosed_node(node, parse(part.raw), relation, len(children) + 1, letter, rules))
    if parsed.enclosed:
        return children, spans, digest
    raw_subject = parsed.headers.get("Subject")
    members = digest_members(parsed.text, raw_subject)
    found = members or inlines(view, spans, raw_subject, answers(parsed.headers))
    for one in found:
        relation = "enclosed" if members else "forward"
        children.append(inline_node(node, one, relation, len(children) + 1, letter, rules))
    return children, with_forwards(parsed.text, spans, found), bool(members)


def enclosed_node(outer: Node, parsed: Parsed, relation: Relation, number: int, letter: Letter, rules: Rules) -> Node:
    """A message/rfc822 part: its header is its own, its list the outer's when it names none."""
    stranger = replace(letter, recipients=(), list_hint="", sender="")
    origin = identify(stranger, parsed.headers, rules)
    known = origin.list if parsed.headers.get("List-Id") else outer.list
    return Node(path_of(outer, number), parsed, known, origin.author, relation, origin.notes, outer.depth + 1)


def inline_node(outer: Node, one: Inline, relation: Relation, number: int, letter: Letter, rules: Rules) -> Node:
    """A message that stands in the outer one's text; what structure told of its lines comes with it."""
    inside = tuple(
        replace(s, start=max(s.start, one.body) - one.body, end=min(s.end, one.end) - one.body)
        for s in outer.parsed.spans
        if s.start < one.end and s.end > one.body and s.kind != "quote"
    )
    parsed = Parsed(
        headers=one.headers,
        text=one.text,
        spans=inside,
        seams=tuple(n - one.body for n in outer.parsed.seams if one.body < n < one.end),
        html=outer.parsed.html,
    )
    if one.headers.get("List-Id"):
        stranger = replace(letter, recipients=(), list_hint="", sender="")
        known = identify(stranger, one.headers, rules).list
    else:
        known = outer.list
    author = claimed_author(one.headers.get("From"))
    return Node(path_of(outer, number), parsed, known, author, relation, (), outer.depth + 1, inline=True)


def path_of(outer: Node, number: int) -> str:
    return f"{outer.path}.{number}" if outer.path else str(number)


def with_forwards(text: str, spans: tuple[Span, ...], found: tuple[Inline, ...]) -> tuple[Span, ...]:
    """The spans, with the lines of each forward marked and nothing else marked on them."""
    marked: list[Span] = []
    for one in found:
        marked.append(Span("forward_header", one.start, one.body, OPENED))
        marked.append(Span("forwarded", one.body, one.end, OPENED))
        marked.append(Span("forward_header", one.end, one.after, OPENED))
    return merge(text.count("\n") + 1, spans, [span for span in marked if span.start < span.end]) if marked else spans


def with_learned(seen: Seen, spans: tuple[Span, ...], context: Context) -> tuple[Span, ...]:
    """The spans with what the list's own footers add to them: lines of the body, or of what is forwarded in it.

    Nothing else changes by what a list has taught: not what a message encloses, not its identity, not its id. All of
    it is marked `learned`, also a signature that only came to the end when the footer was known."""
    if not context.learned:
        return spans
    added = [
        s if s.rule.startswith("learned") else replace(s, rule=f"learned {s.rule}")
        for s in spans_of(seen, context)
        if s.cut
    ]
    forwarded = [s for s in spans if s.kind == "forwarded"]
    others = [s for s in spans if s.kind != "forwarded"]
    return merge(len(seen.view.lines), forwarded, [*others, *added])


def comment_lines(text: str, spans: tuple[Span, ...]) -> str:
    """What a message says itself: the lines that no span covers."""
    lines = text.split("\n")
    for s in spans:
        if s.kind != "body":
            for n in range(s.start, min(s.end, len(lines))):
                lines[n] = ""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def message_of(opened: Opened, later: list[Message], total: int) -> Message:
    """One message. `later` holds those behind it in the list of nodes, the last one first."""
    node, parsed = opened.node, opened.node.parsed
    headers = parsed.headers
    children = [later[total - 1 - place] for place in opened.children]
    raw_subject = headers.get("Subject")
    date, source, offset = moment(headers)
    if node.inline:
        date, offset = claimed_moment(headers.get("Date"))
        source = "header" if date is not None else "arrival"
    ids = message_ids(headers.get("Message-ID"))
    forwards = tuple(child.id for child in children if child.relation == "forward")
    thin = len(forwards) == 1 and len(children) == 1 and opened.words < THIN
    relation = node.relation
    if thin and relation == "original":
        relation = "forward"
    comment = opened.comment if thin else None
    role: Role = "digest" if opened.digest else role_of(opened, raw_subject)
    plain = subject(raw_subject)
    own: Identity = (
        replace(children[0].identity, role="forward") if thin else identity(parsed.text, opened.spans, role, plain)
    )
    for place, child in zip(opened.children, children, strict=True):
        if child.relation == "forward":
            later[total - 1 - place] = replace(child, comment=opened.comment)
    return Message(
        path=node.path,
        id=id_of(ids[0] if ids else "", date_seed(headers), opening_of(parsed)),
        message_id=ids[0] if ids else "",
        list=node.list,
        subject=plain,
        subject_original=raw_subject,
        author=node.author,
        date=date,
        date_source=source,
        offset=offset,
        in_reply_to=next(iter(message_ids(headers.get("In-Reply-To"))), ""),
        references=message_ids(headers.get("References")),
        text=parsed.text,
        spans=opened.shown,
        identity=own,
        attachments=parsed.attachments,
        notes=(*parsed.notes, *node.notes),
        relation=relation,
        claimed=node.path != "",
        forwards=forwards,
        comment=comment,
    )


def role_of(opened: Opened, raw_subject: str) -> Role:
    """A reply says so in its subject, or answers by its header and quotes."""
    headers = opened.node.parsed.headers
    if is_reply(raw_subject):
        return "reply"
    return "reply" if answers(headers) and any(s.kind == "quote" for s in opened.spans) else "text"


def answers(headers: Headers) -> bool:
    """Whether a header says that the message answers another, and not that it forwards it."""
    raw_subject = headers.get("Subject")
    named = bool(headers.get("In-Reply-To") or headers.get("References"))
    return (named or is_reply(raw_subject)) and not is_forward(raw_subject)


def date_seed(headers: Headers) -> str:
    """The Date field in UTC seconds, so that a relay which writes it anew changes nothing; else as it is written."""
    value = headers.get("Date")
    parsed = parse_date(value)
    return str(parsed[0]) if parsed is not None and sane(parsed[0]) else " ".join(value.split())


def opening_of(parsed: Parsed) -> str:
    """The first words of the first text part: of its first line where that is what is shown, of its markup where the
    text was made from that."""
    line = parsed.text.lstrip().partition("\n")[0].split()
    source = parsed.opening.split()
    words = line if source[: len(line)] == line[: len(source)] else source
    return " ".join(words[:OPENING_WORDS])


def context_of(node: Node, rules: Rules) -> Context:
    """What cleaning matches a message's blocks against."""
    parsed = node.parsed
    urls: list[str] = []
    for n, name in enumerate(parsed.headers.names):
        if name.startswith("list-") or name == "archived-at":
            value = parsed.headers.value(n)
            urls.extend(IN_ANGLES.findall(value) or BARE_URL.findall(value))
    return Context(
        list=node.list,
        author=node.author,
        subject=parsed.headers.get("Subject"),
        urls=tuple(urls),
        seams=parsed.seams,
        spans=parsed.spans,
        signed=parsed.signed,
        html=parsed.html,
        reply=answers(parsed.headers),
        learned=tuple(rules.learned.get(node.list.id, ())),
        rules=next((own_rules(rule.cleaning) for rule in rules.lists if rule.id == node.list.id), ()),
    )
