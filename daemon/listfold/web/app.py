"""Puts the read-only reader together: published files at `/`, its own pages under `/-/`, errors and headers."""

import ipaddress
import threading
from collections.abc import Callable
from pathlib import Path

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from listfold.archive.store import LINK
from listfold.errors import NotFound
from listfold.metrics import REGISTRY
from listfold.web import figures, headers, links, routes
from listfold.web.pages import Pages
from listfold.web.published import published
from listfold.web.readers import Readers
from listfold.web.routes import Site, site_of

log = structlog.get_logger()

ERRORS = {
    400: ("This address cannot be read", "Something in it is not as it should be."),
    404: ("Nothing here", "No list, thread or letter has this address. Search may find what you look for."),
    405: ("Only reading", "The archive is read here; it takes nothing in."),
    410: ("Taken down", "This letter was here, and was removed on purpose. It will not come back."),
    500: ("Our fault", "This page could not be made. The fault is in our log; the letter is safe."),
    503: ("Not yet", "The archive is not there yet. Please try again in a moment."),
}
ROBOTS = "User-agent: *\nDisallow: /-/search\nDisallow: /-/metrics\nDisallow: /mid/\n"
SCRAPE = threading.Lock()  # between looking and printing nobody else clears a gauge
FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


def always() -> bool:
    return True


def make_app(data_dir: Path, base_url: str, *, ready: Callable[[], bool] = always) -> Starlette:
    """The reader over one data directory. `ready` is what /-/readyz tells; nothing here writes anything."""
    app = Starlette(
        routes=[
            Route("/-/", routes.lists),
            Route("/-/lists", routes.lists),
            Route("/-/list/{id}", routes.list_),
            Route("/-/list/{id}/missing", routes.missing),
            Route("/-/thread/{id:path}", routes.thread),
            Route("/-/record/{id}/text", routes.text),
            Route("/-/record/{id:path}", routes.record),
            Route("/-/search", routes.search),
            Route("/-/mid/{id:path}", routes.any_id),
            Route("/-/healthz", healthz),
            Route("/-/readyz", readyz),
            Route("/-/metrics", metrics),
            Route("/robots.txt", robots),
            Route("/mid/{id:path}", short_mid),
            Route("/{path:path}", files),
        ],
        middleware=[Middleware(headers.SafeHeaders)],
        exception_handlers={HTTPException: refused, NotFound: absent, Exception: failed},
    )
    app.state.site = Site(data_dir, Pages(base_url), Readers(data_dir / LINK))
    app.state.ready = ready
    return app


def files(request: Request) -> Response:
    """What is published, and before anything is: the lists, or how to send a first letter."""
    site = site_of(request)
    path = request.path_params["path"]
    found = published(site.public, path, request)
    if found is not None:
        return found
    if path:
        raise HTTPException(404)
    try:
        rows = site.readers.get().lists()
    except NotFound:
        rows = []
    return routes.lists(request) if rows else site.pages.render("welcome.html", {})


def short_mid(request: Request) -> Response:
    """`/mid/<message-id>`, as public-inbox has it; what a list that is called `mid` published goes first."""
    site = site_of(request)
    found = published(site.public, "mid/" + request.path_params["id"], request)
    return found or RedirectResponse(site.pages.root + links.path("mid", request.path_params["id"]), 301)


def healthz(request: Request) -> Response:
    """The process answers."""
    return PlainTextResponse("ok\n")


def readyz(request: Request) -> Response:
    """The daemon says whether it is up."""
    return PlainTextResponse("ready\n") if request.app.state.ready() else PlainTextResponse("not ready\n", 503)


def metrics(request: Request) -> Response:
    """Counters for Prometheus, to this machine only: a request that a proxy passed on came from somewhere else."""
    if not loopback(request) or any(name in request.headers for name in FORWARDED):
        raise HTTPException(404)
    site = site_of(request)
    with SCRAPE:
        figures.disk(site.data_dir)
        try:
            figures.lists(site.readers.get())
        except NotFound:
            pass  # no archive yet
        return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)


def loopback(request: Request) -> bool:
    if request.client is None:  # a UNIX socket: a proxy's
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def robots(request: Request) -> Response:
    return PlainTextResponse(ROBOTS)


def refused(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    given = error.headers if isinstance(error, HTTPException) else None
    return error_page(request, status, dict(given or {}))


def absent(request: Request, error: Exception) -> Response:
    return error_page(request, 503, {"Retry-After": "5"})


def failed(request: Request, error: Exception) -> Response:
    """Our bug or a broken disk: told in the log, never on the page. Starlette raises it on, past our middleware."""
    log.error("web.failed", path=request.url.path, error=type(error).__name__)
    return error_page(request, 500, headers.SAFE | {"Connection": "close"})


def error_page(request: Request, status: int, extra: dict[str, str]) -> Response:
    title, says = ERRORS.get(status, ERRORS[400])
    response = site_of(request).pages.render("error.html", {"title": title, "says": says, "status": status}, status)
    for name, value in extra.items():
        if name.lower() != "content-security-policy":
            response.headers[name] = value
    return response
