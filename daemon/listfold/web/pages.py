"""Renders the reader's templates, over the same base page and style sheet as the published digests.

Autoescape is on, an unknown name is an error, and everything printed goes through `safetext.safe`.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from listfold import publish
from listfold.model import Person, Relation
from listfold.publish.chart import spark
from listfold.publish.scopes import folder_of
from listfold.web import links
from listfold.web.safetext import line, safe, shown
from listfold.web.snippet import marked

HERE = Path(__file__).parent / "templates"
HOUSE = Path(publish.__file__).parent / "templates"
RELATIONS: Mapping[Relation, str] = {
    "original": "original",
    "redelivery": "came again",
    "crosspost": "cross-posted",
    "forward": "forwarded",
    "enclosed": "in a digest",
    "repost": "posted again",
}


class Pages:
    """The template environment of one installation, made once."""

    def __init__(self, base_url: str) -> None:
        self.site = base_url.rstrip("/") + "/"
        self.root = links.root_of(base_url)
        css = "\n".join(file.read_text("utf-8") for file in (HOUSE / "style.css", HERE / "reader.css"))
        digest = base64.b64encode(hashlib.sha256(css.encode("utf-8")).digest()).decode("ascii")
        rules = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; form-action 'self'; base-uri 'none'"
        self.policy = f"{rules}; frame-ancestors 'none'"
        self._env = Environment(
            loader=FileSystemLoader([HERE, HOUSE]),
            autoescape=True,
            undefined=StrictUndefined,
            finalize=safe,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._env.globals |= {
            "base_url": Markup("{}").format(self.root),  # the reader links by path: any host name works
            "site": Markup("{}").format(self.site),
            "css": Markup(css),
            "csp": Markup(rules),
            "query": "",
            "path": links.path,
            "by_message_id": links.by_message_id,
            "folder": folder_of,
            "values": links.query,
            "shown": shown,
            "relations": RELATIONS,
            "reply": links.reply,
            "spark": spark,
        }
        self._env.filters |= {
            "line": line,
            "who": who,
            "day": day,
            "moment": moment,
            "number": "{:,}".format,
            "count": count,
            "marked": marked,
            "size": size,
        }

    def render(self, template: str, values: Mapping[str, Any], status: int = 200) -> Response:
        html = self._env.get_template(template).render(values)
        headers = {"Content-Security-Policy": self.policy, "Cache-Control": "no-cache"}
        return HTMLResponse(html, status, headers)


def who(person: Person) -> str:
    """A person for a page: the name, else the address (which `safe` mangles), else that nobody is named."""
    return line(person.name or person.address, 120) or "somebody"


def day(seconds: int | None) -> Markup:
    """`<time>` of a day in UTC: 30 Nov 2015."""
    return timed(seconds, None, "%-d %b %Y")


def moment(seconds: int | None, offset: str | None = None) -> Markup:
    """`<time>` to the minute, at the writer's own clock when the offset is known: Mon 30 Nov 2015, 22:01 −0700."""
    return timed(seconds, offset, "%a %-d %b %Y, %H:%M")


def timed(seconds: int | None, offset: str | None, form: str) -> Markup:
    try:
        utc = datetime.fromtimestamp(seconds, UTC) if seconds is not None else None
        if utc is None or not 1 < utc.year < 9999:  # a day's offset must not leave the calendar
            return Markup("undated")
    except (OverflowError, ValueError, OSError):
        return Markup("undated")
    zone = zone_of(offset)
    shown = utc.astimezone(zone or UTC).strftime(form)
    if "%H" in form:
        shown += f" {offset}".replace("-", "−") if zone else " UTC"
    return Markup(f'<time datetime="{utc.strftime("%Y-%m-%dT%H:%M:%SZ")}">{shown}</time>')  # nothing to be escaped


def zone_of(offset: str | None) -> timezone | None:
    """RFC 5322 zone `-0700`; None when there is none that a clock on earth shows."""
    found = re.fullmatch(r"[+-](\d\d)(\d\d)", offset or "", re.ASCII)
    if offset is None or found is None:
        return None
    east = timedelta(hours=int(found[1]), minutes=int(found[2]))
    return timezone(-east if offset[0] == "-" else east) if east <= timedelta(hours=14) else None


def count(number: int, one: str, many: str = "") -> str:
    """`1 letter`, `1,234 letters`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def size(octets: int) -> str:
    """`812 bytes`, `14 kB`, `2.3 MB`: decimal, as file managers have it."""
    if octets < 1000:
        return count(octets, "byte")
    return f"{octets / 1000:,.0f} kB" if octets < 1_000_000 else f"{octets / 1_000_000:,.1f} MB"
