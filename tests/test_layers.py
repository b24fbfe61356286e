"""The rooms and who may import whom (DESIGN.md, Rooms), read from the source with ast."""

import ast
from pathlib import Path

import pytest

HOUSE = Path(__file__).parent.parent / "daemon" / "listfold"

EVERYBODY = {"model", "errors", "frozen", ""}  # "" is listfold itself: its version
STORES = {"metrics", "sqlite"}
MAY_IMPORT = {
    "frozen": set(),
    "model": set(),
    "errors": set(),
    "metrics": set(),
    "sqlite": set(),
    "heap": set(),
    "core": set(),
    "letters": STORES,
    "archive": STORES | {"heap"},
    "intake": {"letters", "metrics"},
    "frames": set(),
    "worker": {"core", "frames"},
    "workers": {"frames", "metrics"},
    "pipeline": {"core", "letters", "archive", "workers", "metrics"},
    "publish": {"archive", "metrics"},
    "web": {"publish", "archive", "metrics"},
    "service": {
        "sqlite",
        "heap",
        "pipeline",
        "frames",
        "workers",
        "core",
        "letters",
        "archive",
        "intake",
        "publish",
        "web",
        "metrics",
    },
    "cli": {"service", "intake"},
    "__main__": {"cli"},
}
NOT_IN_CORE = {"os", "pathlib", "socket", "asyncio", "sqlite3", "time", "random", "logging", "structlog"}
NAMES_NOT_WANTED = {"utils", "helpers", "base", "interfaces", "util", "helper", "common", "misc"}

FILES = sorted(HOUSE.rglob("*.py"))


def room_of(path: Path) -> str:
    parts = path.relative_to(HOUSE).with_suffix("").parts
    return "" if parts == ("__init__",) else parts[0]


def imports(path: Path) -> set[str]:
    """Full names of the modules that a file imports, at any depth of it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(HOUSE)))
def test_a_room_imports_only_what_lies_below_it(path: Path) -> None:
    """Down only: each room names the rooms that it may know."""
    room = room_of(path)
    rooms = {name.split(".")[1] for name in imports(path) if name.startswith("listfold.")}
    rooms = {"" if name.startswith("__") else name for name in rooms}
    assert rooms - EVERYBODY - MAY_IMPORT.get(room, set()) - {room} == set()


@pytest.mark.parametrize("path", [p for p in FILES if room_of(p) == "publish"], ids=lambda p: p.name)
def test_publish_and_web_see_only_the_archives_reader(path: Path) -> None:
    """Pages are made from what the reader gives, never from tables."""
    names = {name for name in imports(path) if name.startswith("listfold.archive")}
    assert {name for name in names if not name.startswith("listfold.archive.reader")} == set()


@pytest.mark.parametrize("path", [p for p in FILES if room_of(p) == "core"], ids=lambda p: p.name)
def test_core_is_pure(path: Path) -> None:
    """No I/O, clock, configuration, log or async in core."""
    assert {name.split(".")[0] for name in imports(path)} & NOT_IN_CORE == set()


def test_only_the_stores_know_sqlite() -> None:
    """A PostgreSQL implementation comes next: nothing outside the two rooms may know that it is SQLite."""
    allowed = {"letters", "archive", "sqlite"}
    who = {room_of(path) for path in FILES if "sqlite3" in {n.split(".")[0] for n in imports(path)}}
    assert who - allowed == set()


def test_one_level_of_rooms_with_names_that_say_something() -> None:
    """`ls` tells where a letter goes."""
    for path in FILES:
        parts = path.relative_to(HOUSE).with_suffix("").parts
        assert len(parts) <= 2, path
        assert not set(parts) & NAMES_NOT_WANTED, path


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(HOUSE)))
def test_a_file_says_its_job_in_its_first_line(path: Path) -> None:
    """A file opens with one sentence that says its job."""
    if path.name == "__init__.py" and not path.read_text().strip():
        return
    doc = ast.get_docstring(ast.parse(path.read_text()))
    assert doc
    assert doc.split("\n\n")[0].rstrip().endswith((".", ":")), path
