"""Joins the soft line breaks of format=flowed (RFC 3676), paragraph by paragraph and quote depth by quote depth."""

RULE_CHARACTERS = frozenset("-_=*~#+")
RULE_LENGTH = 5  # a line of that many such characters is drawn, not written: never joined to what stands before it


def unflow(text: str, delsp: bool = False) -> str:
    """The text with each paragraph on one line; quoted lines begin with as many ">" as they had, and a space."""
    out: list[str] = []
    paragraph: list[str] = []
    depth = 0
    for line in text.split("\n"):
        if not paragraph and line[:1] not in (" ", ">") and line[-1:] != " ":
            depth = 0
            out.append(line)  # most lines: fixed, and not quoted
            continue
        content = line.lstrip(">") if line.startswith(">") else line
        here = len(line) - len(content)
        content = content.removeprefix(" ")  # 4.4: space-stuffing
        signature = content == "-- "  # 4.3: the signature separator is never flowed, nor flowed to
        # 4.5: improperly flowed; a blank line after a soft break is one that its author sees
        if paragraph and (here != depth or signature or not content.strip() or _is_rule(content)):
            out.append(_quoted("".join(paragraph).rstrip(" "), depth))
            paragraph = []
        depth = here
        if content.endswith(" ") and not signature and content.strip():
            paragraph.append(content[:-1] if delsp else content)
            continue
        paragraph.append(content)
        out.append(_quoted("".join(paragraph), depth))
        paragraph = []
    if paragraph:
        out.append(_quoted("".join(paragraph).rstrip(" "), depth))
    return "\n".join(out)


def _quoted(content: str, depth: int) -> str:
    if not depth:
        return content
    return ">" * depth + " " + content if content else ">" * depth


def _is_rule(content: str) -> bool:
    content = content.strip()
    return len(content) >= RULE_LENGTH and content[0] in RULE_CHARACTERS and not content.strip(content[0])
