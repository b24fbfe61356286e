"""Made list mail for benchmarks: threads, replies with quotes, a footer, words with a natural skew."""

import mailbox
import random
from email.utils import formatdate
from pathlib import Path

CONSONANTS, VOWELS = "bdfghjklmnprstvz", "aeiou"
SYLLABLES = [c + v for c in CONSONANTS for v in VOWELS]
FOOTER = (
    "_______________________________________________\nGardeners mailing list\nGardeners@example.org\n"
    "https://lists.example.org/mailman/listinfo/gardeners\n"
)
START = 1_400_000_000


def vocabulary(chance: random.Random, size: int = 8000) -> list[str]:
    return ["".join(chance.choices(SYLLABLES, k=chance.randint(1, 4))) for _ in range(size)]


def text(chance: random.Random, words: list[str], count: int) -> str:
    """`count` words with a Zipf-like skew, in lines of twelve."""
    drawn = [words[min(int(chance.paretovariate(0.7)) - 1, len(words) - 1)] for _ in range(count)]
    return "\n".join(" ".join(drawn[n : n + 12]) for n in range(0, count, 12))


def letters(count: int, seed: int = 1) -> list[bytes]:
    chance = random.Random(seed)
    words = vocabulary(chance)
    made: list[tuple[str, str]] = []
    out = []
    for n in range(count):
        parent = chance.choice(made[-200:]) if made and chance.random() < 0.7 else None
        own = text(chance, words, int(40 + chance.paretovariate(1.2) * 60) % 900)
        subject = text(chance, words, 5)
        body, extra = own, ""
        if parent:
            quoted = "\n".join("> " + line for line in parent[1].split("\n")[:20])
            body = f"On a day somebody wrote:\n{quoted}\n\n{own}"
            extra = f"In-Reply-To: <{parent[0]}>\nReferences: <{parent[0]}>\n"
            subject = "Re: " + subject
        name = f"{n}.{seed}@example.org"
        made.append((name, own))
        author = f"Member {n % 211} <m{n % 211}@example.org>"
        out.append(
            f"From: {author}\nTo: gardeners@example.org\nSubject: [Gardeners] {subject}\nMessage-ID: <{name}>\n{extra}"
            f"Date: {formatdate(START + n * 900)}\nList-Id: Gardeners <gardeners.example.org>\n"
            f"MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{body}\n\n{FOOTER}".encode()
        )
    return out


def write_mbox(path: Path, count: int) -> Path:
    with path.open("wb") as box:
        for raw in letters(count):
            box.write(b"From mboxrd@z Thu Jan  1 00:00:00 1970\n" + raw + b"\n")
    return path


def write_maildir(mbox: Path, folder: Path) -> None:
    """The same letters as a Maildir, for a peer that reads only those."""
    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir(parents=True)
    for n, message in enumerate(mailbox.mbox(mbox)):
        (folder / "cur" / f"{n}.bench:2,S").write_bytes(message.as_bytes())
