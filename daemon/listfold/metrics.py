"""What listfold counts: one registry, each metric with its help text and unit, set where the thing happens."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()

ACCEPTED = Counter("listfold_letters_accepted", "Letters made durable", ["source"], registry=REGISTRY)
AGAIN = Counter("listfold_letters_again", "Letters that were there already", registry=REGISTRY)
REFUSED = Counter("listfold_letters_refused", "Letters and recipients not taken", ["reply"], registry=REGISTRY)
SESSIONS = Gauge("listfold_sessions", "SMTP and LMTP sessions open now", registry=REGISTRY)
ARCHIVED = Histogram(
    "listfold_archived_seconds",
    "Time from the 250 for a letter until it was in the archive",
    buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200),
    registry=REGISTRY,
)
COMMIT = Histogram("listfold_commit_seconds", "Time of one group commit", registry=REGISTRY)
PENDING = Gauge("listfold_letters_pending", "Accepted letters not read yet", registry=REGISTRY)
READ = Counter("listfold_letters_read", "Letters read into the archive", registry=REGISTRY)
READING = Histogram(
    "listfold_read_seconds",
    "Time that a reader process took for one letter",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30),
    registry=REGISTRY,
)
HELD = Counter("listfold_letters_held", "Letters that wait for a person", ["reason"], registry=REGISTRY)
ALARMS = Counter("listfold_membership_alarms", "Notices that our membership ends or is probed", registry=REGISTRY)
SILENT = Gauge("listfold_lists_silent", "Lists without a letter for far longer than their rhythm", registry=REGISTRY)
MISSING = Gauge(
    "listfold_letters_missing",
    "Letters that a list has most likely missed; the 100 public lists that miss the most",
    ["list"],
    registry=REGISTRY,
)
LOSING = Gauge("listfold_lists_losing", "Lists that lately miss far more letters than before", registry=REGISTRY)
FAILED = Counter("listfold_letters_failed", "Letters that could not be read", registry=REGISTRY)
APPLY = Histogram("listfold_apply_seconds", "Time of one archive transaction", registry=REGISTRY)
FOLDED = Counter("listfold_messages_folded", "Messages folded into a record", ["relation"], registry=REGISTRY)
WORKER_DEATHS = Counter("listfold_worker_deaths", "Reader processes that died or were killed", registry=REGISTRY)
STORE = Gauge("listfold_store_bytes", "Size of a store's file", ["store"], registry=REGISTRY)
WAL = Gauge("listfold_wal_bytes", "Size of a store's write-ahead log", ["store"], registry=REGISTRY)
DISK_FREE = Gauge("listfold_disk_free_bytes", "What is left of the disk of data_dir", registry=REGISTRY)
DISK_RESERVE = Gauge(
    "listfold_disk_reserve_bytes", "What is left free of it: no letter is taken below", registry=REGISTRY
)
FOOTERS = Gauge("listfold_footers_learned", "Footers in force that lists have taught", registry=REGISTRY)
LAST = Gauge(
    "listfold_list_last_letter_timestamp_seconds",
    "When the last letter of a list arrived; the 100 public lists with the newest ones",
    ["list"],
    registry=REGISTRY,
)
PUBLISHED = Counter("listfold_pages_written", "Published files written", registry=REGISTRY)


def folded() -> int:
    """Messages folded since the process began, of every relation."""
    samples = (sample for metric in FOLDED.collect() for sample in metric.samples)
    return int(sum(sample.value for sample in samples if sample.name.endswith("_total")))
