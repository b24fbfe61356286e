"""History out and in again: an export holds all that is needed for the same records, sightings and ids."""

import json
from pathlib import Path

import pytest

from running import Running, command, run

ODD = (
    b"From: anna@example.org\r\nList-Id: <gardeners.example.org>\r\nMessage-ID: <1@example.org>\r\n"
    b"Date: Tue, 1 Dec 2015 05:01:53 +0000\r\nSubject: From the ridge\r\n\r\n"
    b"From the ridge one sees it all:\r\n>From below nothing.\r\n\r\nFrom anna Tue Dec  1 05:01:53 2015\r\nX: y\r\n",
    b"From: ben@example.org\nList-Id: <cooks.example.org>\nMessage-ID: <2@example.org>\nContent-Length: 400\n"
    b"Date: Tue, 1 Dec 2015 06:01:53 +0000\nSubject: No line at the end\n\nA pot is a pot, whatever you cook in it",
    b"From: cleo@example.org\nMessage-ID: <3@example.org>\nSubject: No date, no list\n\nWho am I writing to?\n\n\n",
    b"no header at all, \xff\xfe and a bare \r in it",
)


def config(folder: Path) -> tuple[str, str]:
    folder.mkdir()
    path = folder / "listfold.toml"
    path.write_text(f'data_dir = "{folder}/data"\n[pipeline]\nworkers = 1\n[smtp]\nmin_free_disk = 0\n')
    return "--config", str(path)


def filled(folder: Path) -> Running:
    """Live mail over two recipients, the same bytes twice among it, and an import over a hint."""
    daemon = Running(folder)
    with daemon:
        for raw in ODD:
            daemon.send(raw.replace(b"\n", b"\r\n").replace(b"\r\r", b"\r"))
        daemon.send(ODD[0], "elsewhere@example.org")
        (folder / "one.eml").write_bytes(ODD[1])
        (folder / "odd.eml").write_bytes(ODD[2])
        daemon.command("import", str(folder / "one.eml"), str(folder / "odd.eml"), "--list", "potters")
        daemon.settled()
    return daemon


@pytest.mark.parametrize("form", ["mbox", "maildir"])
def test_an_export_comes_back_the_same(tmp_path: Path, form: str) -> None:
    """Live letters stay live, imported ones imported; recipients, received times, hints and odd bytes are kept."""
    daemon = filled(tmp_path)
    before = daemon.command("export")
    daemon.command("export", "--format", form, "--out", str(tmp_path / "out"))
    there = config(tmp_path / "there")
    report = json.loads(command("import", str(tmp_path / "out"), "--json", *there))
    assert (report["found"], report["new"], report["unreadable"]) == (7, 7, [])
    assert command("export", *there) == before
    assert command("verify", *there) == ""
    command("export", "--format", form, "--out", str(tmp_path / "again"), *there)
    rows = [(tmp_path / name / "envelopes.jsonl").read_text() for name in ("out", "again")]
    assert rows[0] == rows[1]


def test_a_part_can_be_chosen(tmp_path: Path) -> None:
    """By list, time, author or search, for records and for raw letters alike."""
    daemon = filled(tmp_path)
    chosen = {
        ("--list", "cooks.example.org"): ["<2@example.org>"],
        ("--since", "2015-12-01T05:30", "--until", "2015-12-01T07:00"): ["<2@example.org>"],
        ("--author", "Anna@example.org"): ["<1@example.org>"],
        ("--search", "pot -ridge"): ["<2@example.org>"],
        ("--search", "ridge", "--author", "ben@example.org"): [],
    }
    for n, (words, expected) in enumerate(chosen.items()):
        rows = [json.loads(line) for line in daemon.command("export", *words).splitlines()]
        assert sorted({row["message_id"] for row in rows}) == expected, words
        daemon.command("export", *words, "--format", "mbox", "--out", str(tmp_path / str(n)))
        envelopes = (tmp_path / str(n) / "envelopes.jsonl").read_text().splitlines()
        shown = {s["sha256"] for row in rows for s in row["sightings"]}
        assert {json.loads(line)["sha256"] for line in envelopes} == shown


def test_an_operators_list_stands_in_front_of_an_exports(tmp_path: Path) -> None:
    """`--list` is said now, the envelope was said once."""
    there = config(tmp_path / "there")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "1.eml").write_bytes(ODD[2])
    command("import", str(tmp_path / "out"), *there)
    command("export", "--format", "mbox", "--out", str(tmp_path / "box"), *there)
    other = config(tmp_path / "other")
    command("import", str(tmp_path / "box"), "--list", "Potters", *other)
    (record,) = [json.loads(line) for line in command("export", *other).splitlines()]
    assert record["list"]["id"] == "potters"


@pytest.mark.parametrize("form", ["mbox", "maildir"])
def test_a_private_list_stays_private(tmp_path: Path, form: str) -> None:
    """What was decided of a list is in no envelope: an import asks that it is decided there, too."""
    daemon = Running(tmp_path)
    with daemon:
        address = daemon.command("lists", "add", "council@example.org", "--private").split()[0]
        daemon.send(ODD[0].replace(b"gardeners", b"council").replace(b"\r", b"").replace(b"\n", b"\r\n"), address)
        daemon.send(ODD[1].replace(b"\n", b"\r\n"))
        daemon.settled()
    (open_,) = [row["id"] for row in json.loads(daemon.command("lists", "--json")) if row["visibility"] == "public"]
    daemon.command("export", "--format", form, "--list", open_, "--out", str(tmp_path / "public"))
    assert b"council" not in (tmp_path / "public/envelopes.jsonl").read_bytes()
    for archive in daemon.data.glob("archive*"):  # the letters and the decisions are enough
        archive.unlink()
    daemon.command("export", "--format", form, "--out", str(tmp_path / "out"))
    there = config(tmp_path / "there")
    done = run("import", str(tmp_path / "out"), *there)
    assert done.returncode == 1
    assert done.stderr.decode().splitlines() == [
        f"listfold: {tmp_path}/out/envelopes.jsonl: council.example.org is private there: "
        "`listfold lists add council.example.org --private` first"
    ]
    command("lists", "add", "council.example.org", "--private", *there)
    report = json.loads(command("import", str(tmp_path / "out"), "--json", *there))
    assert (report["found"], report["new"], report["unreadable"]) == (2, 2, [])
    assert not [path for path in (tmp_path / "there/data/public").rglob("*") if "council" in str(path)]
    assert command("export", "--list", "council.example.org", *there).count("\n") == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--until", "soon"), "--until soon: not a date such as 2015-11-30"),
        (("--list", "nobody.example.org"), "nobody.example.org: no such list"),
        (("--out", "here"), "--out is for --format mbox and maildir; jsonl goes to standard output"),
    ],
)
def test_what_cannot_be_exported_is_told(tmp_path: Path, words: tuple[str, ...], told: str) -> None:
    daemon = filled(tmp_path)
    done = run("export", *words, "--config", str(daemon.config))
    assert done.returncode != 0
    assert done.stderr.decode() == f"listfold: {told}\n"


def test_damaged_envelopes_lose_no_letter(tmp_path: Path) -> None:
    """A line that is none of ours is passed over; its letter is imported as any other."""
    daemon = filled(tmp_path)
    daemon.command("export", "--format", "mbox", "--out", str(tmp_path / "out"))
    rows = (tmp_path / "out" / "envelopes.jsonl").read_text().splitlines()
    rows[1:3] = ["{", '{"sha256": 7}', "[[[[", "null"]
    (tmp_path / "out" / "envelopes.jsonl").write_text("\n".join(rows))
    report = json.loads(command("import", str(tmp_path / "out"), "--json", *config(tmp_path / "there")))
    assert (report["found"], report["unreadable"]) == (7, [])
