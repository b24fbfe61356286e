"""Every command, configuration key and metric is documented, and what the documents say is there."""

import argparse
import json
import re
from importlib import import_module
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from listfold import metrics
from listfold.cli.words import parser
from listfold.service.config import ListFile, Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text()
TRACKED = ("README.md", "ARCHITECTURE.md", "CHANGELOG.md", "Makefile", "pyproject.toml", ".ci/run")


def commands() -> dict[str, argparse.ArgumentParser]:
    (every,) = (a for a in parser()._actions if isinstance(a, argparse._SubParsersAction))
    return dict(every.choices)


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_and_its_words_are_in_the_readme(name: str) -> None:
    """A command nobody reads of is not there."""
    (line,) = re.findall(rf"^\| `listfold {name}\b.*$", README, re.MULTILINE)
    options = {o for action in commands()[name]._actions for o in action.option_strings if o.startswith("--")}
    missing = {o for o in options - {"--help", "--config", "--data"} if f"`{o}`" not in line and o not in line}
    assert missing == set()


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_has_a_function_that_runs_it(name: str) -> None:
    """It is named in a text and imported when it is called."""
    room, verb = commands()[name].get_default("run").split(".")
    assert callable(getattr(import_module(f"listfold.cli.{room}"), verb))


def keys() -> list[str]:
    out = []
    for name, field in Settings.model_fields.items():
        inner = getattr(field.annotation, "model_fields", None)
        if name != "lists":
            out += [f"{name}.{key}" for key in inner] if inner else [name]
    return out


@pytest.mark.parametrize("key", keys())
def test_every_configuration_key_is_in_the_readme(key: str) -> None:
    """With its table, as it stands in the file."""
    table, _, name = key.rpartition(".")
    rows = [row for row in README.splitlines() if row.startswith("| `") and f"`{name}`" in row]
    assert [row for row in rows if not table or f"`[{table}]`" in row], key


def test_every_key_of_a_list_is_in_the_readme() -> None:
    """What config/lists.d takes."""
    assert [key for key in ListFile.model_fields if f"`{key}`" not in README] == []


def test_every_metric_is_in_the_readme() -> None:
    """By its whole name."""
    names = {metric.name for metric in metrics.REGISTRY.collect()}
    assert [name for name in sorted(names) if f"`{name}`" not in README] == []


def test_every_dependency_has_a_reason() -> None:
    """One line each in ARCHITECTURE.md."""
    text = (ROOT / "pyproject.toml").read_text()
    named = re.findall(r'^    "([a-z-]+)', text, re.MULTILINE)
    table = ARCHITECTURE.partition("## Dependencies")[2]
    assert [name for name in named if name not in table and name != "Environment"] == []


def test_the_record_schema_is_a_schema() -> None:
    """What parse and export print is held to it in tests/service."""
    schema = json.loads((ROOT / "daemon/listfold/record.schema.json").read_text())
    Draft202012Validator.check_schema(schema)


def test_no_lock_names_a_host() -> None:
    """Locks hold names, versions and hashes, no index."""
    for lock in ROOT.glob("*.lock"):
        assert re.findall(r"https?://|--index|--extra-index", lock.read_text()) == [], lock.name


def test_rooms_of_the_map_are_there() -> None:
    """ARCHITECTURE.md names each room, and none that is gone."""
    rooms = {p.name for p in (ROOT / "daemon/listfold").iterdir() if p.is_dir() and (p / "__init__.py").exists()}
    assert set(re.findall(r"^\| `([a-z]+)/`", ARCHITECTURE, re.MULTILINE)) == rooms
    for path in re.findall(r"`((?:[a-z]+/)?[a-z_]+\.py)`", ARCHITECTURE):
        assert list((ROOT / "daemon/listfold").rglob(path)) or list((ROOT / "tests").rglob(Path(path).name)), path
