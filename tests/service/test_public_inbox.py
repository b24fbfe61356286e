"""A public-inbox made by Debian's own tools is read as the letters that were delivered to it."""

import json
import os
import subprocess
from pathlib import Path

from running import command
from service.test_import import box, config, mail
from tools import needs


def test_a_v2_inbox_made_by_public_inbox_equals_the_mbox(tmp_path: Path) -> None:
    """The same records, sightings and ids, but for the bytes: public-inbox leaves some header fields out."""
    init, mda = needs("public-inbox-init"), needs("public-inbox-mda")
    home = tmp_path / "home"
    (home / ".public-inbox").mkdir(parents=True)
    env = {"HOME": str(home), "PATH": os.environ["PATH"], "ORIGINAL_RECIPIENT": "gardeners@example.org"}
    inbox = home / "inbox"
    words = [init, "-V2", "gardeners", str(inbox), "https://example.org/inbox", "gardeners@example.org"]
    subprocess.run(words, env=env, check=True, capture_output=True, timeout=60)
    with (home / ".public-inbox/config").open("a") as settings:
        settings.write("[publicinboxmda]\n\tspamcheck = none\n")
    for n in range(0, 16, 2):
        subprocess.run([mda, "--no-precheck"], input=mail(n), env=env, check=True, capture_output=True, timeout=60)
    here, there = config(tmp_path / "here"), config(tmp_path / "there")
    (tmp_path / "old").mkdir()
    path = box(tmp_path, 0)
    path.write_bytes(
        b"".join(b"From a@example.org Tue Dec  1 05:01:53 2015\n" + mail(n) + b"\n" for n in range(0, 16, 2))
    )
    report = json.loads(command("import", str(inbox), "--json", *here))
    assert (report["found"], report["new"], report["unreadable"]) == (8, 8, [])
    command("import", str(path), *there)
    assert _plain(*here) == _plain(*there)


def _plain(*where: str) -> list[dict[str, object]]:
    rows = [json.loads(line) for line in command("export", *where).splitlines()]
    for row in rows:
        for sighting in row["sightings"]:
            sighting["received"] = sighting["sha256"] = None
    return rows
