"""What listfold counts: one registry, each metric with its help text and unit, set where the thing happens."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()

ACCEPTED = Counter("listfold_letters_accepted", "Letters made durable", ["source"], registry=REGISTRY)
AGAIN = Counter("listfold_letters_again", "Letters that were there already", registry=REGISTRY)
REFUSED = Counter("listfold_letters_refused", "Letters and recipients not taken", ["reply"], registry=REGISTRY)
SESSIONS = Gauge("listfold_sessions", "SMTP and LMTP sessions open now", registry=REGISTRY)
COMMIT = Histogram("listfold_commit_seconds", "Time of one group commit", registry=REGISTRY)
PENDING = Gauge("listfold_letters_pending", "Accepted letters not read yet", registry=REGISTRY)
READ = Counter("listfold_letters_read", "Letters read into the archive", registry=REGISTRY)
HELD = Counter("listfold_letters_held", "Letters that wait for a person", ["reason"], registry=REGISTRY)
ALARMS = Counter("listfold_membership_alarms", "Notices that our membership ends or is probed", registry=REGISTRY)
SILENT = Gauge("listfold_lists_silent", "Lists without a letter for far longer than their rhythm", registry=REGISTRY)
FAILED = Counter("listfold_letters_failed", "Letters that could not be read", registry=REGISTRY)
APPLY = Histogram("listfold_apply_seconds", "Time of one archive transaction", registry=REGISTRY)
FOLDED = Counter("listfold_messages_folded", "Messages folded into a record", ["relation"], registry=REGISTRY)
WORKER_DEATHS = Counter("listfold_worker_deaths", "Reader processes that died or were killed", registry=REGISTRY)
PUBLISHED = Counter("listfold_pages_written", "Published files written", registry=REGISTRY)


def folded() -> int:
    """Messages folded since the process began, of every relation."""
    samples = (sample for metric in FOLDED.collect() for sample in metric.samples)
    return int(sum(sample.value for sample in samples if sample.name.endswith("_total")))
