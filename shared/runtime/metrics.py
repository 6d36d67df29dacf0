"""Every metric of Serap, each with its meaning. Labels never hold a person or free text."""

from prometheus_client import Counter, Gauge, Histogram

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_SLOW = (0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 3600)

# --- HTTP (rate, errors, duration)
HTTP_REQUESTS = Counter("serap_http_requests", "Answered requests, by route template", ["route", "method", "status"])
HTTP_SECONDS = Histogram("serap_http_request_seconds", "From request to answer", ["route", "method"], buckets=_FAST)

# --- intake
ASPIRATIONS = Counter("serap_aspirations", "Submissions, by channel and outcome: new, repeated, refused", ["channel", "outcome"])
GROUP_COMMIT = Histogram(
    "serap_group_commit_requests", "Requests that shared one transaction", buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
)

# --- consumers
CONSUMED = Counter(
    "serap_consumer_records", "Records done with: ok, dead (in the DLQ), skipped (unknown type)", ["topic", "group", "outcome"]
)
BATCHES = Counter(
    "serap_consumer_batches", "Batches by their first topic: ok, or retry (put back)", ["topic", "group", "outcome"]
)
BATCH_RECORDS = Histogram("serap_consumer_batch_records", "Records in a batch", ["group"], buckets=(1, 10, 100, 500, 1000))
BATCH_SECONDS = Histogram("serap_consumer_batch_seconds", "From a batch to its commit in PostgreSQL", ["group"], buckets=_FAST)
LAG_RECORDS = Gauge("serap_consumer_lag_records", "Log end minus committed offset", ["topic", "group"])
LAG_SECONDS = Gauge("serap_consumer_lag_seconds", "How long the oldest record not yet done has been waiting", ["topic", "group"])
PROGRESS = Gauge(
    "serap_consumer_last_progress_timestamp_seconds", "Unix time of the last batch that was finished", ["topic", "group"]
)

# --- outbox
OUTBOX_ROWS = Gauge("serap_outbox_rows", "Rows waiting to be sent")
OUTBOX_AGE = Gauge("serap_outbox_age_seconds", "Age of the oldest row waiting to be sent")
OUTBOX_SENT = Counter("serap_outbox_sent", "Rows acknowledged by the broker", ["topic"])
OUTBOX_REFUSED = Counter("serap_outbox_refused", "Rows the broker refused; they stay and are tried again", ["topic", "error"])
OUTBOX_REPUBLISHED = Counter("serap_outbox_republished", "Rows sent again because the broker lost its log", ["topic"])
DEAD_LETTERS = Gauge("serap_dead_letters", "Records in the DLQ that nobody has driven again or dropped", ["topic"])

# --- end to end
END_TO_END = Histogram("serap_end_to_end_seconds", "From acceptance to: assigned, notified, aggregated", ["stage"], buckets=_SLOW)
NOTIFICATIONS = Counter("serap_notifications", "Notifications that ended, by kind and outcome", ["kind", "outcome"])
REFUSED_COMMANDS = Counter("serap_refused_commands", "Commands the law of transitions refused", ["sender", "reason"])
DECISIONS = Counter("serap_routing_decisions", "First decisions: assigned or triaged", ["outcome"])
