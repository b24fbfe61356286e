"""/-/metrics of a running daemon: what an operator's graphs and alarms are made of."""

import re
import time
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from running import CONFIG, Running, until
from service.test_daemon import mail

Figures = dict[tuple[str, str], float]  # (sample, its label's value) -> value


def figures(daemon: Running) -> Figures:
    families = text_string_to_metric_families(daemon.get("/-/metrics"))
    return {(s.name, next(iter(s.labels.values()), "")): s.value for family in families for s in family.samples}


def test_how_long_letters_take_is_told(tmp_path: Path) -> None:
    """Each letter once: from its 250 to the archive, and in a reader process."""
    with Running(tmp_path) as daemon:
        for n in range(3):
            daemon.send(mail(f"t{n}", f"Number {n} about compost, and what to do with {n} worms."))
        daemon.settled()
        until(lambda: figures(daemon)["listfold_archived_seconds_count", ""] == 3)
        daemon.command("rebuild")  # reads all of them again
        found = figures(daemon)
    assert found["listfold_archived_seconds_count", ""] == 3
    assert 0 < found["listfold_archived_seconds_sum", ""] < 60
    assert found["listfold_read_seconds_count", ""] >= 6
    assert found["listfold_read_seconds_sum", ""] > 0


def test_disk_and_stores_are_told(tmp_path: Path) -> None:
    """Sizes as they are on the disk, and the reserve that the configuration asks for."""
    config = CONFIG.replace("min_free_disk = 0", "min_free_disk = 4096")
    with Running(tmp_path, config) as daemon:
        daemon.send(mail("one", "The dahlias went black overnight, all forty of them."))
        daemon.settled()
        found = figures(daemon)
        files = {"letters": daemon.data / "letters.db", "archive": (daemon.data / "archive.db").resolve()}
        for store, path in files.items():
            assert found["listfold_store_bytes", store] == path.stat().st_size
            assert found["listfold_wal_bytes", store] > 0
    assert found["listfold_disk_reserve_bytes", ""] == 4096
    assert found["listfold_disk_free_bytes", ""] > 4096


def test_the_last_letter_of_each_public_list_is_told(tmp_path: Path) -> None:
    """A private list has no name over HTTP, not even here."""
    with Running(tmp_path) as daemon:
        daemon.command("lists", "add", "board.example.org", "--private")
        (address,) = re.findall(r"\(private\)\n    subscribe (\S+)", daemon.command("lists"))
        daemon.send(mail("one", "The dahlias went black overnight, all forty of them."))
        daemon.send(mail("two", "The board meets on Monday.").replace(b"gardeners", b"board"), address)
        daemon.settled()
        text = daemon.get("/-/metrics")
        found = figures(daemon)
        assert daemon.status()["lists"] == 2
    assert time.time() - found["listfold_list_last_letter_timestamp_seconds", "gardeners.example.org"] < 60
    assert "board" not in text


def test_learned_footers_are_told(tmp_path: Path) -> None:
    """None at first; one when the list has taught its footer."""
    footer = "--~--~-\nYou get this because you are a friend of plants, see https://plants.example.org/friends\n"
    with Running(tmp_path) as daemon:
        assert figures(daemon)["listfold_footers_learned", ""] == 0
        for n in range(8):
            raw = mail(f"f{n}", f"Number {n} about compost, and what to do with {n} worms.\n\n{footer}")
            raw = raw.partition(b"\r\n____")[0].replace(b"anna@", f"member{n}@".encode())
            daemon.send(raw)
        until(lambda: figures(daemon)["listfold_footers_learned", ""] == 1)
