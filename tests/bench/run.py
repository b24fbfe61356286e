"""`make bench`: our figures beside those of the peers found here, in turn, in one run, as medians and ratios.

Machines differ and are never quiet: only the ratios say something. Peers come from Debian's packages of their names
(public-inbox, notmuch, mhonarc, postfix for smtp-source and smtp-sink); the table says which are missing.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from mail import write_maildir, write_mbox

sys.path.insert(0, str(Path(__file__).parent.parent))
from running import Running  # the tests' own way to run a daemon

HERE = Path(__file__).parent
PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
STOCK = """
import asyncio, sys
from aiosmtpd.smtp import SMTP
class Nothing:
    async def handle_DATA(self, server, session, envelope):
        return "250 OK"
async def main():
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(Nothing(), hostname="x"), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""


def run(*words: str, env: dict[str, str] | None = None) -> float:
    """Seconds that a command takes; it has to succeed."""
    began = time.monotonic()
    subprocess.run(words, check=True, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.monotonic() - began


def size(folder: Path) -> int:
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file() and not p.is_symlink())


def import_ours(mbox: Path, folder: Path) -> float:
    return run(sys.executable, "-m", "listfold", "import", "--data", str(folder), str(mbox))


def import_public_inbox(mbox: Path, folder: Path) -> float:
    home = folder / "home"
    home.mkdir()
    env = {**os.environ, "HOME": str(home), "PI_CONFIG": str(home / "config")}
    run("public-inbox-init", "-V2", "bench", str(folder / "inbox"), "http://example.org/", "l@example.org", env=env)
    return run("perl", str(HERE / "public_inbox.pl"), str(mbox), env=env)


def import_notmuch(mbox: Path, folder: Path) -> float:
    write_maildir(mbox, folder / "mail")
    config = folder / "config"
    config.write_text(f"[database]\npath={folder / 'mail'}\n[user]\nname=x\nprimary_email=x@example.org\n")
    return run("notmuch", "new", "--no-hooks", env={**os.environ, "NOTMUCH_CONFIG": str(config)})


def import_mhonarc(mbox: Path, folder: Path) -> float:
    return run("mhonarc", "-quiet", "-outdir", str(folder), str(mbox))


IMPORTS: dict[str, tuple[str, Callable[[Path, Path], float]]] = {
    "listfold": ("", import_ours),
    "public-inbox": ("public-inbox-init", import_public_inbox),
    "notmuch": ("notmuch", import_notmuch),
    "mhonarc": ("mhonarc", import_mhonarc),
}


def source(port: int, letters: int) -> float:
    """smtp-source: 20 clients, 4 kB letters, a new connection for each."""
    return run(
        shutil.which("smtp-source", path=PATH) or "", "-d", "-s", "20", "-m", str(letters), "-l", "4096",
        "-f", "a@example.org", "-t", "gardeners@example.org", f"127.0.0.1:{port}",
    )  # fmt: skip


def accept_ours(letters: int, folder: Path) -> float:
    with Running(folder) as daemon:
        return source(daemon.smtp[1], letters)


def accept_stock(letters: int, folder: Path) -> float:
    with subprocess.Popen([sys.executable, "-c", STOCK], stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        try:
            return source(int(server.stdout.readline()), letters)
        finally:
            server.kill()


def rounds(name: str, times: int, work: dict[str, Callable[[Path], float]]) -> dict[str, list[float]]:
    """Each contender in turn, so that a busy moment is everybody's."""
    found: dict[str, list[float]] = {who: [] for who in work}
    for turn in range(times):
        for who, measure in work.items():
            with tempfile.TemporaryDirectory(prefix="bench-") as folder:
                found[who].append(measure(Path(folder)))
            print(f"{name} {turn + 1}/{times} {who:<24} {found[who][-1]:7.2f} s", file=sys.stderr)
    return found


def table(title: str, found: dict[str, list[float]]) -> str:
    ours = statistics.median(found["listfold"])
    lines = [f"## {title}", "", "| | median s | spread s | ours is faster by |", "|---|---|---|---|"]
    for who, times in found.items():
        median = statistics.median(times)
        lines.append(f"| {who} | {median:.2f} | {min(times):.2f} to {max(times):.2f} | {median / ours:.2f} |")
    return "\n".join(lines)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--mbox", type=Path, help="import this instead of a made one")
    words.add_argument("--letters", type=int, default=2000, help="of the made mbox, and accepted")
    words.add_argument("--rounds", type=int, default=3)
    args = words.parse_args()
    out = [f"2 cores or more are wanted; this machine has {os.cpu_count()}. Load now: {os.getloadavg()[0]:.1f}."]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        mbox = args.mbox or write_mbox(Path(folder) / "made.mbox", args.letters)
        here = {who: work for who, (program, work) in IMPORTS.items() if not program or shutil.which(program)}
        out.append(
            f"Import of {mbox.stat().st_size / 1e6:.1f} MB. Missing: {sorted(set(IMPORTS) - set(here)) or 'none'}."
        )
        found = rounds("import", args.rounds, {who: lambda f, w=work: w(mbox, f) for who, work in here.items()})
        out.append(table("Import, cleaned, folded, indexed and published (ours) against each peer's own", found))
    if shutil.which("smtp-source", path=PATH):
        contenders = {
            "listfold": lambda f: accept_ours(args.letters, f),
            "stock aiosmtpd, storing nothing": lambda f: accept_stock(args.letters, f),
        }
        found = rounds("accept", args.rounds, contenders)
        out.append(table(f"Acceptance of {args.letters} letters of 4 kB, durable (ours), 20 clients", found))
    else:
        out.append("Acceptance: smtp-source (postfix) is missing.")
    text = "\n\n".join(out) + "\n"
    (HERE / "out").mkdir(exist_ok=True)
    (HERE / "out" / "bench.md").write_text(text)
    (HERE / "out" / "bench.json").write_text(json.dumps(found) + "\n")
    print(text)


if __name__ == "__main__":
    main()
