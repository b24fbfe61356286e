"""Reads listfold.toml and lists.d into one frozen Settings, or tells every fault at once.

A fault is one line, `FILE: key: what is wrong`, so that an operator mends all of them in one go. Nothing here opens
a socket or a store: the rooms are handed plain values by service/app.py.
"""

import os
import re
import tomllib
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import ErrorDetails

from listfold.errors import ConfigError
from listfold.intake.limits import Limits
from listfold.model import ListRule, OwnRule
from listfold.service.job import Imprint

HERE = Path("config/listfold.toml")
SYSTEM = Path("/etc/listfold/listfold.toml")

GREETINGS = 10  # commands of a session beside its recipients: EHLO twice, STARTTLS, MAIL, DATA, and some air
LIMITS = Limits()  # the defaults of [smtp] are the intake room's own
LIST_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,199}")  # a folder's name: 255 bytes is ext4's limit
SITE_FILES = frozenset({"index.html", "digest.atom", "digest.json", "messages.atom", "messages.json"})
RECIPIENT = re.compile(r"\*|(\*|[^\s@*]+)@[^\s@*]+")

# What pydantic calls it, and what an operator is told.
PLAIN_WORDS = {"extra_forbidden": "unknown key", "missing": "this key is needed"}


def _address(value: str) -> str:
    """A listening address: host:port, [v6]:port, unix:PATH or systemd:NAME."""
    scheme, _, rest = value.partition(":")
    if scheme in ("unix", "systemd"):
        if not rest:
            raise ValueError(f"'{value}' needs a {'path' if scheme == 'unix' else 'name'} after the colon")
        return value
    host, colon, port = value.rpartition(":")
    bare_v6 = ":" in host and not (host.startswith("[") and host.endswith("]"))
    if not colon or not host or bare_v6 or not re.fullmatch(r"[0-9]{1,5}", port) or int(port) > 65535:
        raise ValueError(f"'{value}' is not host:port, [v6]:port, unix:PATH or systemd:NAME")
    return value


def _base_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"'{value}' is not an http or https address")
    return value if value.endswith("/") else value + "/"


def _timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as e:
        raise ValueError(f"'{value}' is not a time zone such as 'Europe/Berlin'") from e
    return value


def _recipient(value: str) -> str:
    if not RECIPIENT.fullmatch(value):
        raise ValueError(f"'{value}' is not an address, '*@domain' or '*'")
    return value.lower()


def _network(value: str) -> str:
    try:
        return str(ip_network(value))
    except ValueError as e:
        raise ValueError(f"'{value}' is not a network such as 192.0.2.0/24") from e


def _list_id(value: str) -> str:
    if not LIST_ID.fullmatch(value):
        raise ValueError(f"'{value}' is not a list id (lower-case letters, digits, '.', '_', '-')")
    if value in SITE_FILES:
        raise ValueError(f"'{value}' is the name of a published file")
    return value


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Listen = Annotated[str, AfterValidator(_address)]
Recipient = Annotated[str, AfterValidator(_recipient)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Smtp(_Table):
    """[smtp]: who may talk, and how much."""

    listen: tuple[Listen, ...] = ("127.0.0.1:8025",)
    hostname: str = Field(default="", pattern=r"^[A-Za-z0-9.-]{0,255}$")  # "" is the host of base_url
    recipients: tuple[Recipient, ...] = ("*",)
    max_size: int = Field(default=LIMITS.max_size, ge=64 * 1024, le=64 * 1024 * 1024)  # RFC 5321 4.5.3.1.7: >= 64K
    max_sessions: int = Field(default=LIMITS.sessions, ge=1, le=10_000)
    max_sessions_per_client: int = Field(default=LIMITS.per_address, ge=1, le=10_000)
    max_recipients: int = Field(default=LIMITS.recipients, ge=100, le=10_000)  # RFC 5321 4.5.3.1.8: at least 100
    max_hops: int = Field(default=LIMITS.hops, ge=10, le=1000)
    max_commands: int = Field(default=LIMITS.commands, ge=100, le=1_000_000)
    max_junk_commands: int = Field(default=LIMITS.junk, ge=10, le=1_000_000)
    max_errors: int = Field(default=LIMITS.errors, ge=1, le=10_000)
    max_in_flight: int = Field(default=LIMITS.in_flight, ge=64 * 1024, le=64 * 1024**3)
    timeout: int = Field(default=int(LIMITS.idle), ge=10, le=3600)
    session_timeout: int = Field(default=int(LIMITS.session), ge=1, le=86400)
    data_timeout: int = Field(default=int(LIMITS.data_idle), ge=1, le=3600)
    data_deadline: int = Field(default=int(LIMITS.data_deadline), ge=1, le=86400)
    min_data_rate: int = Field(default=int(LIMITS.data_rate), ge=0, le=10_000_000)
    min_data_rate_after: int = Field(default=int(LIMITS.data_rate_after), ge=1, le=86400)
    min_free_disk: int = Field(default=256 * 1024 * 1024, ge=0)
    authserv_id: str = Field(default="", pattern=r"^[A-Za-z0-9._-]{0,255}$")  # RFC 8601 2.5
    require_auth: bool = False
    tls_listen: tuple[Listen, ...] = ()
    tls_cert: str = ""
    tls_key: str = ""
    clients: tuple[Annotated[str, AfterValidator(_network)], ...] = ()

    def limits(self) -> Limits:
        """What the doors go by; the limits that have no key keep their defaults."""
        return Limits(
            sessions=self.max_sessions,
            per_address=self.max_sessions_per_client,
            commands=self.max_commands,
            junk=self.max_junk_commands,
            errors=self.max_errors,
            session=float(self.session_timeout),
            idle=float(self.timeout),
            recipients=self.max_recipients,
            max_size=self.max_size,
            hops=self.max_hops,
            data_idle=float(self.data_timeout),
            data_deadline=float(self.data_deadline),
            data_rate=float(self.min_data_rate),
            data_rate_after=float(self.min_data_rate_after),
            in_flight=self.max_in_flight,
        )


class Lmtp(_Table):
    """[lmtp]: for the mail server on this machine."""

    listen: tuple[Listen, ...] = ("unix:lmtp.sock",)


class Web(_Table):
    """[web]: the reader."""

    listen: tuple[Listen, ...] = ("127.0.0.1:8080",)


class Digest(_Table):
    """[digest]: the issues that are made of every list."""

    periods: tuple[Literal["day", "week", "month"], ...] = ("day", "week")
    timezone: Annotated[str, AfterValidator(_timezone)] = "UTC"
    maildir: str = ""  # a Maildir into which each closed issue is dropped as a letter


class Pipeline(_Table):
    """[pipeline]: reading of letters."""

    workers: int = Field(default=0, ge=0, le=256)  # 0: as many as there are cores


class Settings(_Table):
    """All of the configuration, with its defaults."""

    data_dir: Path = Path("var")
    base_url: Annotated[str, AfterValidator(_base_url)] = "http://127.0.0.1:8080/"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    smtp: Smtp = Smtp()
    lmtp: Lmtp = Lmtp()
    web: Web = Web()
    digest: Digest = Digest()
    pipeline: Pipeline = Pipeline()
    lists: tuple[ListRule, ...] = Field(default=(), exclude=True)  # of lists.d, never a key of the file

    @property
    def loopback(self) -> bool:
        """Nobody but this machine can talk to us: lists may then come into being by themselves."""
        listeners = (*self.smtp.listen, *self.smtp.tls_listen, *self.lmtp.listen, *self.web.listen)
        host = urlsplit(self.base_url).hostname or ""
        return all(_is_local(address) for address in listeners) and _is_local_host(host)

    def imprint(self, tag: str) -> Imprint:
        """What pages go by; `tag` is the installation's own."""
        return Imprint(
            data_dir=self.data_dir,
            base_url=self.base_url,
            tag=tag,
            periods=self.digest.periods,
            timezone=self.digest.timezone,
            maildir=self.digest.maildir,
        )


class Cleaning(_Table):
    """One of a list's own cleaning rules."""

    name: str = Field(min_length=1, max_length=100)
    kind: Literal["footer", "disclaimer"] = "footer"
    phrase: str = Field(min_length=4, max_length=1000)
    example: str = Field(min_length=4)
    weight: Literal[1, 2, 3] = 3

    @field_validator("phrase")
    @classmethod
    def _means_something(cls, value: str) -> str:
        if max(map(len, value.strip("^$").split("*"))) < 4:
            raise ValueError(f"'{value}' would match nearly every line: four characters in a row are needed")
        return value


class ListFile(_Table):
    """One file of lists.d."""

    id: Annotated[str, AfterValidator(_list_id)]
    name: str = ""
    address: Annotated[tuple[Recipient, ...], BeforeValidator(_as_list)] = ()
    aliases: Annotated[tuple[str, ...], BeforeValidator(_as_list)] = ()
    visibility: Literal["public", "private"] = "public"
    raw: bool = False
    no_archive: Literal["auto", "honour", "ignore"] = "auto"
    post: str = ""
    cleaning: tuple[Cleaning, ...] = ()

    def rule(self) -> ListRule:
        return ListRule(
            id=self.id,
            name=self.name,
            addresses=self.address,
            aliases=self.aliases,
            visibility=self.visibility,
            raw=self.raw,
            no_archive=self.no_archive,
            post=self.post,
            cleaning=tuple(OwnRule(**rule.model_dump()) for rule in self.cleaning),
        )


def load(path: Path | None = None, data_dir: Path | None = None) -> Settings:
    """The settings of `path`, or of the first default place that has a file, or all defaults.

    `data_dir` overrides the key. A relative data directory is relative to the current directory.
    Raises ConfigError with one line a fault.
    """
    if path is None:
        path = next((place for place in (HERE, SYSTEM) if place.is_file()), None)
    faults: list[str] = []
    tables = {} if path is None else _toml(path, faults)
    if "lists" in tables:
        faults.append(f"{path}: lists: unknown key")
        del tables["lists"]
    if data_dir is not None:
        tables["data_dir"] = str(data_dir)
    lists = () if path is None else _lists(path.parent / "lists.d", faults)
    settings = Settings()
    try:
        settings = Settings.model_validate(tables)
    except ValidationError as e:
        faults += [_line(path, fault) for fault in e.errors()]
    else:
        if os.path.isfile(settings.data_dir):  # noqa: PTH113 - which says no where we may not look
            named = path if data_dir is None else None
            faults.append(f"{named or 'command line'}: data_dir: {settings.data_dir} is not a folder")
        if "*" in settings.smtp.recipients and not settings.loopback:
            faults.append(
                f"{path}: smtp.recipients: '*' takes mail for everybody, and an address here is public: "
                "name the recipients or their domain ('*@lists.example.org')"
            )
        if bool(settings.smtp.tls_cert) != bool(settings.smtp.tls_key):
            faults.append(f"{path}: smtp.tls_cert: tls_cert and tls_key go together")
        elif settings.smtp.tls_listen and not settings.smtp.tls_cert:
            faults.append(f"{path}: smtp.tls_listen: needs tls_cert and tls_key")
        if settings.smtp.max_commands < settings.smtp.max_recipients + GREETINGS:
            faults.append(f"{path}: smtp.max_commands: has to be above max_recipients by {GREETINGS}")
        if settings.smtp.max_in_flight < settings.smtp.max_size:
            faults.append(f"{path}: smtp.max_in_flight: has to be at least max_size")
        if settings.smtp.require_auth and not settings.smtp.authserv_id:
            faults.append(f"{path}: smtp.require_auth: needs authserv_id, the mail server whose word is believed")
    if faults:
        raise ConfigError("\n".join(faults))
    return settings.model_copy(update={"data_dir": Path.cwd() / settings.data_dir, "lists": lists})


def _toml(path: Path, faults: list[str]) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as e:
        faults.append(f"{path}: cannot be read: {e.strerror}")
    except UnicodeDecodeError as e:
        faults.append(f"{path}: byte {e.start} is not UTF-8")
    except tomllib.TOMLDecodeError as e:
        faults.append(f"{path}: {e}")
    return {}


def _lists(folder: Path, faults: list[str]) -> tuple[ListRule, ...]:
    """The rules of lists.d in the order of their file names; an id or a recipient belongs to one list only."""
    rules: list[ListRule] = []
    owner: dict[str, Path] = {}
    for path in sorted(folder.glob("*.toml")):
        tables = _toml(path, faults)
        if not tables:
            continue
        try:
            rule = ListFile.model_validate({"id": path.stem.lower(), **tables}).rule()
        except ValidationError as e:
            faults += [_line(path, fault) for fault in e.errors()]
            continue
        for key, name in (("id", rule.id), *(("address", address) for address in rule.addresses)):
            if owner.setdefault(f"{key} {name}", path) != path:
                faults.append(f"{path}: {key}: '{name}' is in {owner[f'{key} {name}'].name} already")
        rules.append(rule)
    return tuple(rules)


def _line(path: Path | None, fault: ErrorDetails) -> str:
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in fault["loc"]).lstrip(".")
    text = PLAIN_WORDS.get(fault["type"], fault["msg"].removeprefix("Value error, "))
    return f"{path or 'command line'}: {key}: {text[:1].lower()}{text[1:]}"


def _is_local(address: str) -> bool:
    """Whether nobody from outside can reach a listener; what systemd hands over cannot be known here, so it is not."""
    if address.startswith("unix:"):
        return True
    return not address.startswith("systemd:") and _is_local_host(address.rpartition(":")[0].strip("[]"))


def _is_local_host(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
