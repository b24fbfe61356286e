"""`make bench`: our figures beside those of the peers found here, in turn, in one run, as medians and ratios.

Machines differ and are never quiet: only the ratios say something. Peers come from Debian's packages of their names
(public-inbox, notmuch, mhonarc, postfix for smtp-source, smtp-sink and itself); the table says which are missing.

python tests/bench/run.py [--mbox FILE] [--letters N] [--rounds N]
"""

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
import doors
import imports
from latency import under_backlog
from mail import write_mbox

OUT = Path(__file__).parent / "out"
LARGE = 25_000_000  # bytes of the largest letter that providers let through
Rounds = dict[str, list[float]]


def rounds(name: str, times: int, work: Mapping[str, Callable[[Path], float]]) -> Rounds:
    """Each contender in turn, so that a busy moment is everybody's.

    What they wrote goes when all is measured: ext4 without a journal is slow to make files for minutes after others
    were deleted, and who comes next would pay for it."""
    found: Rounds = {who: [] for who in work}
    with tempfile.TemporaryDirectory(prefix="bench-") as home:
        for turn in range(times):
            for who, measure in work.items():
                folder = Path(home, f"{turn}-{who.replace('/', ' ')}")
                folder.mkdir()
                found[who].append(measure(folder))
                print(f"{name} {turn + 1}/{times} {who:<32} {found[who][-1]:7.2f} s", file=sys.stderr)
    return found


def table(title: str, found: Rounds, sizes: Mapping[str, str] = {}) -> str:
    ours = statistics.median(found["listfold"])
    lines = [f"## {title}", "", "| | median s | spread s | ours is faster by | |", "|---|---|---|---|---|"]
    for who, times in found.items():
        median = statistics.median(times)
        bar = "█" * max(1, round(12 * median / max(statistics.median(t) for t in found.values())))
        lines.append(
            f"| {who} | {median:.2f} {bar} | {min(times):.2f} to {max(times):.2f} | {median / ours:.2f} | "
            f"{sizes.get(who, '')} |"
        )
    return "\n".join(lines)


def importing(mbox: Path, times: int) -> tuple[str, Rounds]:
    last: dict[str, imports.Imported] = {}

    def measure(who: str, work: Callable[[Path, Path], imports.Imported]) -> Callable[[Path], float]:
        def once(folder: Path) -> float:
            last[who] = work(mbox, folder)
            return last[who].seconds

        return once

    found = rounds("import", times, {who: measure(who, work) for who, work in imports.found().items()})
    raw = mbox.stat().st_size
    sizes = {
        who: f"{one.size / raw:.2f} x the mbox on disk, {one.memory / 1e6:.0f} MB of memory"
        for who, one in last.items()
    }
    missing = sorted(set(imports.CONTENDERS) - set(found)) or "none"
    title = f"Import of {raw / 1e6:.1f} MB, cleaned, folded, indexed and published (ours); missing: {missing}"
    return table(title, found, sizes), found


def accepting(letters: int, times: int) -> tuple[str, Rounds]:
    missing = doors.missing()
    here = {who: door for who, door in doors.DOORS.items() if who not in missing}

    def measure(door: doors.Door) -> Callable[[Path], float]:
        def once(folder: Path) -> float:
            with door(folder) as port:
                return doors.source(port, letters)

        return once

    found = rounds("accept", times, {who: measure(door) for who, door in here.items()})
    title = f"Acceptance of {letters} letters of 4 kB, durable (ours, Postfix), 20 clients, a connection each"
    return table(f"{title}; missing: {missing or 'none'}", found), found


def large(times: int) -> str:
    """Letters of 25 MB one after the other."""
    rates = []
    for _ in range(times):
        with tempfile.TemporaryDirectory(prefix="bench-") as folder, doors.ours(Path(folder)) as port:
            rates.append(4 * LARGE / 1e6 / doors.source(port, 4, LARGE, clients=1))
    return f"Letters of 25 MB: {statistics.median(rates):.0f} MB/s (median of {times})."


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--mbox", type=Path, help="import this instead of a made one")
    words.add_argument("--letters", type=int, default=3000, help="of the made mbox, and accepted")
    words.add_argument("--rounds", type=int, default=3)
    args = words.parse_args()
    out = [f"2 cores or more are wanted; this machine has {os.cpu_count()}. Load now: {os.getloadavg()[0]:.1f}."]
    found: dict[str, Rounds] = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        mbox = args.mbox or write_mbox(Path(folder) / "made.mbox", args.letters)
        told, found["import"] = importing(mbox, args.rounds)
        out.append(told)
    if shutil.which("smtp-source", path=doors.PATH):
        told, found["accept"] = accepting(args.letters, args.rounds)
        out += [told, large(args.rounds), under_backlog(args.letters)]
    else:
        out.append("Acceptance: smtp-source (postfix) is missing.")
    text = "\n\n".join(out) + "\n"
    OUT.mkdir(exist_ok=True)
    (OUT / "bench.md").write_text(text)
    (OUT / "bench.json").write_text(json.dumps(found) + "\n")
    print(text)


if __name__ == "__main__":
    main()
