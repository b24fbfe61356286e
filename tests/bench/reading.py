"""Measures what readers wait for, over an archive of generated letters: pages, search, and publishing one live letter.

    python tests/bench/reading.py FOLDER [RECORDS]

The archive is built once in FOLDER and used again. Letters are made of invented words with the frequencies of a
language (Zipf), in threads of every size, one of them of 500, over twenty lists and five years.
"""

import gc
import itertools
import random
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from starlette.testclient import TestClient

sys.path.insert(0, str(Path(__file__).parent.parent))
from kept import keep
from listfold.archive.reader import Reader
from listfold.archive.store import LINK, current
from listfold.archive.writer import Writer
from listfold.core.fold import decide
from listfold.core.read import read
from listfold.model import Letter, Rules
from listfold.publish.site import Site, Touched
from listfold.web.app import make_app

LISTS = 20
YEARS = 5
END = int(datetime(2026, 11, 20, 15, tzinfo=UTC).timestamp())
WORDS = 12_000
LONG = 500  # letters of the longest thread
ROUNDS = 300


def vocabulary(dice: random.Random) -> tuple[list[str], list[float]]:
    syllables = [a + b for a in "bdfghklmnprstvwz" for b in ("a", "e", "i", "o", "u", "an", "er", "ol")]
    words = {"".join(dice.choices(syllables, k=dice.choice((1, 2, 2, 3, 3, 4)))) for _ in range(WORDS * 3)}
    chosen = sorted(words)
    dice.shuffle(chosen)
    return chosen[:WORDS], [1 / (rank + 3) for rank in range(WORDS)]


def letters(count: int) -> Iterator[Letter]:
    """Letters by arrival; every fifteenth is an answer in the one long thread until that has LONG."""
    dice = random.Random(7)
    words, weights = vocabulary(dice)
    people = [
        (f"{a.title()} {b.title()}", f"{a}.{b}@example.org")
        for a, b in zip(words[50:850], words[900:1700], strict=True)
    ]
    open_threads: list[tuple[int, str, str]] = []  # list, subject, the latest Message-ID
    long, long_id = 0, ""
    for n in range(1, count + 1):
        moment = END - int((count - n) * (YEARS * 365 * 86400 / count)) - dice.randrange(600)
        text = " ".join(dice.choices(words, weights, k=dice.randrange(30, 260)))
        name, address = dice.choice(people)
        message_id = f"<{n}.bench@example.net>"
        in_long = long < LONG and n > count // 2 and n % 15 == 0
        if in_long and long:
            where, subject, parent = 0, "The long one", long_id if dice.random() < 0.6 else "<first.bench@example.net>"
        elif not in_long and open_threads and dice.random() < 0.7:
            where, subject, parent = dice.choice(open_threads[-60:])
        else:
            where = min(int(dice.expovariate(0.25)), LISTS - 1)
            subject, parent = " ".join(dice.choices(words, weights, k=4)), ""
        if in_long:
            message_id = message_id if long else "<first.bench@example.net>"
            where, subject, long, long_id = 0, "The long one", long + 1, message_id
        else:
            open_threads.append((where, subject, message_id))
            del open_threads[:-200]
        lines = [text[k : k + 72] for k in range(0, len(text), 72)]
        quoted = "" if not parent else "On Monday somebody wrote:\n> " + lines[-1] + "\n\n"
        date = datetime.fromtimestamp(moment - 30, UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")
        head = [
            f"From: {name} <{address}>",
            f"To: list{where}@lists.example.org",
            f"Subject: {'Re: ' if parent else ''}{subject}",
            f"Message-ID: {message_id}",
            f"Date: {date}",
            f"List-Id: List {where} <list{where}.lists.example.org>",
            *([f"In-Reply-To: {parent}", f"References: {parent}"] if parent else []),
        ]
        raw = ("\n".join(head) + "\n\n" + quoted + "\n".join(lines) + f"\n\n-- \n{name}\n").encode()
        yield Letter(raw, "smtp", moment, "", (f"list{where}@lists.example.org",), id=n)


def build(folder: Path, count: int) -> None:
    rules = Rules()
    folder.mkdir(parents=True, exist_ok=True)
    keep(folder, [])
    writer = Writer(current(folder), rules, decide)
    start = time.monotonic()
    made = letters(count)
    while batch := list(itertools.islice(made, 500)):
        keep(folder, batch)
        writer.apply([(letter, read(letter, rules)) for letter in batch])
        if batch[-1].id % 10_000 == 0:
            print(f"{batch[-1].id} in {time.monotonic() - start:.0f} s", file=sys.stderr)
    writer.published(writer.touched(), {"closed": END})
    writer.close()


def timed(name: str, work: Callable[[int], object], rounds: int = ROUNDS) -> None:
    taken = []
    for n in range(rounds):
        start = time.perf_counter()
        work(n)
        taken.append((time.perf_counter() - start) * 1000)
    taken.sort()
    print(f"{name:42} median {taken[len(taken) // 2]:7.1f} ms   p99 {taken[int(len(taken) * 0.99)]:7.1f} ms")


def pages(folder: Path) -> None:
    dice = random.Random(11)
    words, weights = vocabulary(random.Random(7))
    with Reader(folder / LINK, public=True) as reader:
        lists = [row.id for row in reader.lists()]
        long = reader.resolve("<first.bench@example.net>")[0]
        sample = [arrival.record.id for arrival in reader.arrivals(None, END - 30 * 86400, END)]
    with TestClient(make_app(folder, "http://127.0.0.1/")) as client:

        def get(path: str) -> None:
            answer = client.get(path)
            assert answer.status_code == 200, (path, answer.status_code)

        get("/-/")
        timed("health (what the client itself costs)", lambda n: get("/-/healthz"))
        timed("all lists", lambda n: get("/-/"))
        timed("list, first page of threads", lambda n: get(f"/-/list/{lists[n % len(lists)]}"))
        timed("list, page 10 of threads", lambda n: get(f"/-/list/{lists[0]}?page=10"))
        timed(f"thread of {LONG}, its pages in turn", lambda n: get(f"/-/thread/{long}?page={n % 5 + 1}"))
        timed("record", lambda n: get(f"/-/record/{sample[n % len(sample)]}"))
        timed(f"record in a thread of {LONG}", lambda n: get(f"/-/record/{long}"))
        one = [dice.choices(words, weights)[0] for _ in range(ROUNDS)]
        timed("search, one word as often as people write it", lambda n: get(f"/-/search?q={one[n]}"))
        two = ["+".join(dice.choices(words[30:], weights[30:], k=2)) for _ in range(ROUNDS)]
        timed("search, two words", lambda n: get(f"/-/search?q={two[n]}"))
        timed("search, newest first", lambda n: get(f"/-/search?sort=newest&q={two[n]}"))
        timed("search, from: and after:", lambda n: get(f"/-/search?q=from:{words[50 + n]}+after:2025"))
        timed("search, the commonest word", lambda n: get(f"/-/search?q={words[0]}"), 20)


def publishing(folder: Path) -> None:
    with Reader(folder / LINK) as reader:
        made = Site(reader, folder, "http://127.0.0.1/", "bench,2026", ("day", "week"), ZoneInfo("UTC"))
        site_lists = [row.id for row in reader.lists()]
        hour = END // 3600 * 3600
        made.publish([Touched(site_lists[0], hour)], END)
        from listfold.publish.issue import issue_at

        week = issue_at("week", END, ZoneInfo("UTC"))
        timed("digest of the week, its model", lambda n: made.issue(site_lists[0], week, END), 50)
        found = made.issue(site_lists[0], week, END)
        for form in ("html", "text", "mime", "json"):
            timed(f"digest of the week as {form}", lambda n, form=form: made.render(found, form), 20)
        timed("publish one touched hour of a list", lambda n: made.publish([Touched(site_lists[0], hour)], END), 20)
        fresh = Site(reader, folder, "http://127.0.0.1/", "bench,2026", ("day", "week"), ZoneInfo("UTC"))
        timed("the same, nothing remembered", lambda n: fresh.publish([Touched(site_lists[0], hour)], END), 1)


def main(folder: Path, count: int) -> None:
    if not (folder / LINK).exists():
        build(folder, count)
    gc.freeze()  # as the command does: a full collection of what was imported is 30 ms of somebody's page
    print(f"load {Path('/proc/loadavg').read_text().split()[0]}, {count} letters")
    pages(folder)
    publishing(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 100_000)
