"""How a running service does, asked of its own `/readyz` and `/metrics`."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import httpx
from prometheus_client.parser import text_string_to_metric_families

TIMEOUT_SECONDS = 5.0


@dataclass
class Health:
    """`missing`: what the service lacks, in its own words. `lag`: by `group < topic`: (records, seconds)."""

    ready: bool = False
    missing: Mapping[str, str] = field(default_factory=dict)
    lag: dict[str, tuple[float, float]] = field(default_factory=dict)
    outbox_rows: float = 0.0
    outbox_age_seconds: float = 0.0
    dead_letters: dict[str, float] = field(default_factory=dict)

    @property
    def lag_records(self) -> float:
        return sum(records for records, _ in self.lag.values())

    @property
    def lag_seconds(self) -> float:
        return max((seconds for _, seconds in self.lag.values()), default=0.0)


def ask(url: str) -> Health:
    """The health of the service at `url`. One that does not answer is not ready; it is no error."""
    try:
        with httpx.Client(base_url=url, timeout=TIMEOUT_SECONDS, trust_env=False) as client:
            ready = client.get("/readyz")
            metrics = client.get("/metrics").text
        health = read_metrics(metrics)
        health.ready = ready.status_code == 200
        health.missing = ready.json().get("missing", {})
    except httpx.HTTPError as error:
        return Health(missing={"service": f"does not answer at {url} ({type(error).__name__})"})
    except (ValueError, AttributeError):
        return Health(missing={"service": f"what answers at {url} is not a service of Serap"})
    return health


def read_metrics(text: str) -> Health:
    """Lag, outbox and dead letters from a page of metrics. ValueError where it is none."""
    found: defaultdict[str, dict[tuple[str, ...], float]] = defaultdict(dict)
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found[sample.name][sample.labels.get("group", ""), sample.labels.get("topic", "")] = sample.value
    seconds = found["serap_consumer_lag_seconds"]
    return Health(
        lag={
            f"{group} < {topic}": (records, seconds.get((group, topic), 0.0))
            for (group, topic), records in found["serap_consumer_lag_records"].items()
        },
        outbox_rows=_total(found["serap_outbox_rows"].values()),
        outbox_age_seconds=_total(found["serap_outbox_age_seconds"].values()),
        dead_letters={topic: count for (_, topic), count in found["serap_dead_letters"].items()},
    )


def _total(values: Iterable[float]) -> float:
    return sum(values, 0.0)
