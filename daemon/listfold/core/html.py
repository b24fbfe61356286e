"""Makes readable text of HTML mail, in linear time and without losing any of it.

Strategy: lexbor makes a tree of it, unless the markup is over one of the caps below (lexbor needs more than linear
time for deep nesting and for many attributes); then a plain scan over the tags stands in. Both give the same events
(open, text, close) to one writer, so that nesting costs a stack entry and never a call.
"""

import re
from collections.abc import Iterator
from html import unescape
from typing import Literal

from selectolax.lexbor import LexborHTMLParser, LexborNode

from listfold.core.html_writer import VOID, Writer

MAX_MARKUP = 1 << 20  # characters that lexbor is given; above, the scan
MAX_DEPTH = 256  # open elements at once: lexbor needs 12 s and more for 100,000 of them
MAX_REOPENED = 100_000  # formatting elements left open, summed over the tags after them: a parser may reopen each
MAX_ATTRIBUTES = 512  # of one tag: 100,000 of them cost lexbor 12 s and more

Event = tuple[Literal["open", "text", "close"], str, dict[str, str]]

_NAME = re.compile(r"<(/?)([a-zA-Z][^\s/<>]*)")
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/<>]*)([^<>]*)>|<[!?/][^<>]*>")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_ATTRIBUTE = re.compile(r"([a-zA-Z-]{1,32})\s?=\s?(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_NONE: dict[str, str] = {}
_RAW = frozenset(("script", "style"))
_FORMATTING = frozenset(
    ("a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u")
)
# Elements that end by themselves when the next one of their kind begins: they do not nest without one that counts.
_UNCOUNTED = VOID | {"p", "li", "dd", "dt", "tr", "td", "th", "tbody", "thead", "tfoot", "option"}


def to_text(markup: str) -> str:
    """The text of an HTML document: quotes as "> " lines, links with their URL where it is not their text."""
    writer = Writer()
    _feed(writer, markup)
    text = writer.text()
    if writer.left_out and not text.strip():  # everything was hidden: better shown than lost
        writer = Writer(show_hidden=True)
        _feed(writer, markup)
        text = writer.text()
    return text


def _feed(writer: Writer, markup: str) -> None:
    root = None if _over_caps(markup) else LexborHTMLParser(markup).root
    for kind, value, attributes in _scanned(markup) if root is None else _walked(root):
        if kind == "text":
            writer.write(value)
        elif kind == "open":
            writer.open(value, attributes)
        else:
            writer.close(value)


def _over_caps(markup: str) -> bool:
    """Whether the markup is longer, deeper or fuller of attributes than lexbor is fast at. Badly nested tags count
    as open, so that the estimate errs towards the scan."""
    if len(markup) > MAX_MARKUP or markup.rfind("<!--") > markup.rfind("-->"):
        return True  # a comment that never ends would hide all the rest
    stack: list[str] = []
    formatting = reopened = 0
    for match in _NAME.finditer(markup):
        name = match[2].lower()
        if match[1]:
            if stack and stack[-1] == name:
                stack.pop()
                formatting -= name in _FORMATTING
            continue
        end = markup.find(">", match.end(), match.end() + MAX_ATTRIBUTES * 2)
        if end < 0:
            # A tag longer than so many attributes need at least: count them, and trust no odd quotes.
            end = markup.find(">", match.end())
            inside = _QUOTED.sub("", markup[match.end() : end]) if end >= 0 else "'"
            if '"' in inside or "'" in inside or len(inside.split()) + inside.count("/") > MAX_ATTRIBUTES:
                return True
        reopened += formatting
        if name not in _UNCOUNTED:
            stack.append(name)
            formatting += name in _FORMATTING
        if len(stack) > MAX_DEPTH or reopened > MAX_REOPENED:
            return True
    return False


def _walked(root: LexborNode) -> Iterator[Event]:
    node: LexborNode | None = root
    top = root.mem_id
    while node is not None:
        child = None
        if node.is_text_node:
            yield "text", node.text_content or "", _NONE
        elif node.is_element_node:
            yield "open", node.tag or "", {key: value or "" for key, value in node.attributes.items()}
            child = node.first_child
        if child is not None:
            node = child
            continue
        while node is not None:
            if node.is_element_node:
                yield "close", node.tag or "", _NONE
            if node.mem_id == top:
                return
            following = node.next
            if following is not None:
                node = following
                break
            node = node.parent


def _scanned(markup: str) -> Iterator[Event]:
    """The same events by a scan over the tags alone. What looks like no tag is text."""
    done = position = 0
    comments = True  # whether any "-->" is still to come
    ends = dict.fromkeys(_RAW, True)
    small = ""
    while (start := markup.find("<", position)) >= 0:
        if comments and markup.startswith("<!--", start):
            end = markup.find("-->", start)
            comments = end >= 0
            if comments:
                if start > done:
                    yield "text", unescape(markup[done:start]), _NONE
                done = position = end + 3
                continue
        match = _TAG.match(markup, start)
        if match is None:
            position = start + 1
            continue
        if start > done:
            yield "text", unescape(markup[done:start]), _NONE
        done = position = match.end()
        name = (match[2] or "").lower()
        if match[1]:
            yield "close", name, _NONE
        elif name:
            yield "open", name, _attributes(match[3])
            if name in VOID or match[3].endswith("/"):
                yield "close", name, _NONE
            elif ends.get(name):
                small = small or markup.lower()
                end = small.find("</" + name, position) if len(small) == len(markup) else -1
                ends[name] = end >= 0
                if end < 0:
                    yield "close", name, _NONE  # code without an end: its text is shown rather than all the rest lost
                else:
                    done = position = end
            elif name in _RAW:
                yield "close", name, _NONE
    if done < len(markup):
        yield "text", unescape(markup[done:]), _NONE


def _attributes(text: str) -> dict[str, str]:
    """The first attributes of a tag: more than a writer looks at are not read."""
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(text):
        found.setdefault(match[1].lower(), unescape(match[2] or match[3] or match[4] or ""))
        if len(found) >= 32:
            break
    return found
