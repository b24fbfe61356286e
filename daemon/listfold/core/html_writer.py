"""Lays out HTML events as lines of text: blocks, quotes, lists, tables, preformatted text, links."""

import re

VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr")
)
_BLOCKS = """
    address article aside body center dd details dialog dir div dt fieldset figcaption figure footer form header html
    legend main menu nav section summary tbody tfoot thead tr caption blockquote li
"""
BLOCKS = frozenset(_BLOCKS.split())
PARAGRAPHS = frozenset(("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "pre"))
CODE = frozenset(("script", "style"))  # never text
DROPPED = CODE | {"head", "template", "title", "svg", "math", "object", "applet"}  # text only if there is no other

MAX_QUOTE = 20  # ">" in front of a line; deeper text is shown at that depth, or lines would grow with the nesting
MAX_INDENT = 8  # levels that list items are set in
MAX_URL = 2048  # characters of a link's target that are shown
RULE = "_" * 32  # a horizontal rule as Outlook draws it in plain text

_SPACE = re.compile(r"[ \t\n\r\f]+")
_HIDDEN = re.compile(r"display\s?:\s?none|visibility\s?:\s?hidden|mso-hide\s?:\s?all", re.IGNORECASE)
_NO_MARGIN = re.compile(r"\bmargin(?:-top|-bottom)?\s?:\s?0(?:[a-z%]{0,3})(?:\s?;|$|\s)", re.IGNORECASE)
_NO_QUOTE = re.compile(r"\bborder(?:-left)?\s?:\s?(?:none|0)", re.IGNORECASE)


class Writer:
    """Takes events in document order; `text` gives what came of them."""

    def __init__(self, show_hidden: bool = False) -> None:
        self.left_out = False  # whether text was hidden by its style, or stood where no text is shown
        self._show_hidden = show_hidden
        self._lines: list[str] = []
        self._line: list[str] = []  # pieces of the line that is being written
        self._blank = False  # a blank line is wanted before the next text
        self._quotes: list[bool] = []  # open blockquotes: whether it quotes, or only indents
        self._depth = 0  # how many of them quote
        self._last_depth = 0
        self._pre = 0
        self._skip = ""  # the element that is left out, while inside it
        self._skip_depth = 0
        self._lists: list[int] = []  # number of the last item, -1 for bullets
        self._bullet = ""
        self._href = ""
        self._link: list[str] | None = None  # text of the open link

    def text(self) -> str:
        self._flush()
        while self._lines and not self._lines[-1].strip("> "):
            self._lines.pop()
        return "\n".join(self._lines)

    def write(self, text: str) -> None:
        if self._skip:
            if self._skip not in CODE and not text.isspace():
                self.left_out = True
            return
        if self._pre:
            first, *rest = text.split("\n")
            self._line.append(first)
            for line in rest:
                self._flush(always=True)
                self._line.append(line)
        else:
            text = _SPACE.sub(" ", text)
            if text[:1] == " " and (not self._line or self._line[-1].endswith(" ")):
                text = text[1:]
            if text:
                self._line.append(text)
        if self._link is not None:
            self._link.append(text)

    def open(self, tag: str, attributes: dict[str, str]) -> None:
        if self._skip:
            if tag == "body" and self._skip == "head":  # a head that nobody closed
                self._skip = ""
            elif tag == self._skip:
                self._skip_depth += 1
            return
        if self._left_out(tag, attributes):
            self._skip, self._skip_depth = tag, 1
            return
        if tag == "br":
            self._flush(always=True)
        elif tag in BLOCKS or tag in PARAGRAPHS:
            self._flush()
            self._open_block(tag, attributes)
        elif tag == "a":
            self._href, self._link = attributes.get("href", "").strip(), []
        elif tag == "img":
            alt = attributes.get("alt", "").strip()
            if alt:
                self.write(alt if len(alt) <= 2 else f"[{alt}]")
        elif tag == "hr":
            self._flush()
            self._line.append(RULE)
            self._flush()

    def close(self, tag: str) -> None:
        if self._skip:
            if tag == self._skip:
                self._skip_depth -= 1
                if not self._skip_depth:
                    self._skip = ""
            return
        if tag in ("td", "th"):
            if self._line:
                self._line.append("  ")
        elif tag == "a":
            self._close_link()
        elif tag in BLOCKS or tag in PARAGRAPHS:
            self._flush()
            self._close_block(tag)

    def _left_out(self, tag: str, attributes: dict[str, str]) -> bool:
        if tag in CODE:
            return True
        if self._show_hidden or tag in VOID or tag in ("html", "body"):
            return False
        return tag in DROPPED or "hidden" in attributes or _HIDDEN.search(attributes.get("style", "")) is not None

    def _open_block(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "blockquote":
            # Gmail's "indent more" is a blockquote without a border; a quote has one, or says nothing of borders.
            quotes = _NO_QUOTE.search(attributes.get("style", "")) is None
            self._quotes.append(quotes)
            self._depth += quotes
        elif tag == "p":
            # Outlook makes every line a paragraph without a margin: blank lines would tear signatures apart.
            flat = attributes.get("class", "").startswith("Mso") or _NO_MARGIN.search(attributes.get("style", ""))
            self._blank = self._blank or not flat
        elif tag == "li":
            if self._lists and self._lists[-1] >= 0:
                self._lists[-1] += 1
                self._bullet = f"{self._lists[-1]}. "
            else:
                self._bullet = "* "
        elif tag in PARAGRAPHS:
            self._blank = self._blank or not self._lists
            if tag in ("ul", "ol"):
                self._lists.append(0 if tag == "ol" else -1)
            self._pre += tag == "pre"

    def _close_block(self, tag: str) -> None:
        if tag == "blockquote":
            if self._quotes:
                self._depth -= self._quotes.pop()
        elif tag in PARAGRAPHS and tag != "p":
            if tag in ("ul", "ol") and self._lists:
                self._lists.pop()
            if tag == "pre" and self._pre:
                self._pre -= 1
            self._blank = self._blank or not self._lists
        self._bullet = "" if tag == "li" else self._bullet

    def _close_link(self) -> None:
        if self._link is None:
            return
        text, self._link = " ".join("".join(self._link).split()), None
        target = _target(self._href, text)
        if text and target:
            trailing = self._line[-1:] == [" "] or (self._line and self._line[-1].endswith(" "))
            self._line.append(f"<{target}>" if trailing else f" <{target}>")

    def _flush(self, always: bool = False) -> None:
        """End the line. An empty one is only written when `always` is set."""
        if not self._line and not always:
            return
        line = "".join(self._line).replace("\xa0", " ")
        self._line.clear()
        bare = line.rstrip()
        if bare == "--" and line != bare:
            bare = "-- "  # RFC 3676 4.3: the space is part of the delimiter
        prefix = "> " * min(self._depth, MAX_QUOTE)
        if not bare:
            if always:
                self._lines.append(prefix.rstrip())
                self._blank = False
            else:
                self._blank = True  # a paragraph of nothing but a no-break space
            return
        if self._blank and self._lines and self._lines[-1].strip("> "):
            self._lines.append(("> " * min(self._depth, self._last_depth, MAX_QUOTE)).rstrip())
        self._blank = False
        if self._lists:
            indent = "  " * min(len(self._lists) - bool(self._bullet), MAX_INDENT)
            bare = indent + self._bullet + bare
        elif self._bullet:
            bare = self._bullet + bare
        self._bullet = ""
        self._lines.append(prefix + bare)
        self._last_depth = self._depth


def _target(href: str, text: str) -> str:
    """What is shown of a link's target: nothing when its text says it already, or when it leads nowhere."""
    scheme, _, rest = href.partition(":")
    scheme = scheme.lower()
    if scheme == "mailto":
        address = rest.partition("?")[0]
        return "" if address.lower() in text.lower() else address[:MAX_URL]
    if scheme not in ("http", "https", "ftp", "news", "nntp"):
        return ""
    url = "".join(href.split())
    return "" if _bare(url) == _bare("".join(text.split())) else url[:MAX_URL].replace("<", "%3C").replace(">", "%3E")


def _bare(url: str) -> str:
    url = url.lower()
    return (
        url.partition("://")[2].removeprefix("www.").rstrip("/")
        if "://" in url
        else url.removeprefix("www.").rstrip("/")
    )
