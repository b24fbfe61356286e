"""A letter's words as HTML, and the lines that stand for what is folded away, attached or copied.

Strings are put together by hand: these are most of all that is written. Each text passes escaped() or linkify().
"""

import re
from collections.abc import Sequence

from listfold.publish.article import ITEM, Article, Block, short
from listfold.publish.digest import Copy, counted
from listfold.publish.linkify import escaped, linkify

_ADDRESS = re.compile(r" ?<[^<>]{1,120}>")  # an address in an attribution; the name before it says enough


def blocks(article: Article, *, addresses: bool) -> str:
    """A record's words as a page shows them: what surrounds them folded into a line that opens."""
    return "\n".join([_block(block, addresses) for block in article.blocks])


def flat(article: Article, *, addresses: bool) -> str:
    """A record's words for a feed reader, which may not know <details>: folded blocks are a line, and stay one."""
    out: list[str] = []
    for block in article.blocks:
        if block.kind == "prose":
            out.append(f"<p>{_lines(block.lines, addresses)}</p>")
        elif block.kind == "kept":
            out.append(f"<pre>{linkify(chr(10).join(block.lines), addresses=addresses)}</pre>")
        else:
            out.append(f"<blockquote><p><i>{escaped(folded(block))}</i></p></blockquote>")
    return "\n".join(out)


def folded(block: Block) -> str:
    """The line that stands for a folded block."""
    if block.kind == "patch":
        return f"Patch: {block.label}"
    lines = counted(block.total, "line")
    first = short(next((line.strip() for line in block.lines if line.strip()), ""), 70)
    match block.kind:
        case "quote":
            who = " ".join(_ADDRESS.sub(" ", block.label).split()).rstrip(" :") or "Quoted"
            return f"{short(who, 90)}, {lines}: “{first}”"
        case "log":
            return f"Log, {lines}: {first}"
        case _:
            return (
                f"Letter of {short(block.label, 90)}, {lines}"
                if block.label
                else f"Forwarded letter, {lines}: “{first}”"
            )


def copy_text(copy: Copy) -> str:
    """How a copy is told: "Also posted to Gardeners by Bo", "Forwarded to Growers by Cy with the words …"."""
    words = f" with the words “{' '.join(copy.words.split())}”" if copy.words else ""
    return copied(copy) + words


def copied(copy: Copy) -> str:
    """The same without the words."""
    how = copy.how if copy.where else copy.how.removesuffix(" to").removesuffix(" of")
    where = f" {copy.where}" if copy.where else ""
    by = f" by {copy.who}" if copy.who else ""
    return f"{how[:1].upper()}{how[1:]}{where}{by}"


def linked(url: str, html: str) -> str:
    return f'<a href="{escaped(url)}">{html}</a>' if url else html


def _block(block: Block, addresses: bool) -> str:
    if block.kind == "prose":
        return f'<p dir="auto">{_lines(block.lines, addresses)}</p>'
    text = linkify("\n".join(block.lines), addresses=addresses)
    if block.kind == "kept":
        return f'<pre tabindex="0">{text}</pre>'
    more = block.total - len(block.lines)
    rest = f"\n<i>… {counted(more, 'more line')}</i>" if more > 0 else ""
    head = f"<summary>{escaped(folded(block))}</summary>\n"
    if block.kind in ("patch", "log"):
        return f'<details class="{block.kind}">{head}<pre tabindex="0">{text}{rest}</pre></details>'
    return f'<details class="quote">{head}<blockquote class="kept" dir="auto">{text}{rest}</blockquote></details>'


def _lines(lines: Sequence[str], addresses: bool) -> str:
    """Logical lines of prose; those of an enumeration hang."""
    out: list[str] = []
    hung = True
    # No link spans lines: all of them are made at once.
    texts = linkify("\n".join([line.strip() for line in lines]), addresses=addresses).split("\n")
    for line, text in zip(lines, texts, strict=True):
        if ITEM.match(line):
            out.append(f'<span class="item">{text}</span>')
            hung = True
        else:
            out.append(text if hung else f"<br>\n{text}")
            hung = False
    return "".join(out)
