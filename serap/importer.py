"""Hands the rows of a file in at intake's counter, in batches, through the same door as every channel.

Every row has its own idempotency key, so whatever is sent again changes nothing: after an answer that got lost, after
Ctrl-C, after a second import of the same file.
"""

import json
import re
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Self

import httpx

from serap.csv_rows import Refused, Row
from serap.errors import OperatorError

MAX_LINES, MAX_BATCH_BYTES = 1000, 4_000_000
PATIENCE_SECONDS = 120.0
"""How long intake may take nothing in before the import gives up."""
FIRST_DELAY, LONGEST_DELAY = 0.5, 10.0
TIMEOUT_SECONDS = 60.0
_LATER = (409, 429, 503)
"""In flight, too fast, cannot store: the same line may be taken in later."""


@dataclass(slots=True)
class Tally:
    """What became of the rows so far. `rows` is the sum of the others."""

    rows: int = 0
    new: int = 0
    repeated: int = 0
    refused: int = 0

    def __str__(self) -> str:
        return ", ".join(f"{count:,} {name}" for name, count in asdict(self).items())


class NotNow(Exception):
    """Intake may take it in later. `seconds`: what it says itself; 0: nothing. `lost`: nobody knows whether it was stored."""

    def __init__(self, reason: str, seconds: float = 0.0, *, lost: bool = False) -> None:
        self.reason, self.seconds, self.lost = reason, seconds, lost
        super().__init__(reason)


class Door:
    """Intake's door for batches. `key`: `kid.secret`. `limit`: how many rows it takes at once."""

    def __init__(self, url: str, key: str) -> None:
        self.url, self.limit = url, MAX_LINES
        self._client = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {key}", "Content-Type": "application/x-ndjson", "Accept-Language": "en"},
            timeout=TIMEOUT_SECONDS,
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def hand_in(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        """One result for each row. NotNow; OperatorError where intake will never take them from us."""
        try:
            answer = self._client.post("/v1/aspirations:batch", content=b"\n".join(row.body for row in rows))
        except httpx.ConnectError as error:
            raise NotNow(f"it does not answer ({type(error).__name__})") from error
        except httpx.HTTPError as error:
            raise NotNow(f"its answer got lost ({type(error).__name__})", lost=True) from error
        if answer.status_code == 429 and (quota := _quota(answer)) < len(rows):
            self.limit = quota
            raise NotNow(f"the key is good for {quota} a minute")
        if answer.status_code in (429, 502, 503, 504):
            raise NotNow(f"it answers {answer.status_code}", _retry_after(answer), lost=answer.status_code != 429)
        if answer.status_code != 200:
            raise OperatorError(f"intake at {self.url} does not take it: {_problem(answer)}", _FIXES.get(answer.status_code, ""))
        results = [json.loads(line) for line in answer.text.splitlines()]
        if len(results) != len(rows):
            raise OperatorError(f"what answers at {self.url} is not Serap's intake", "Give the right address: --url")
        return results


_FIXES = {
    401: "Make a key: serap keys add import",
    403: "The key must be one of the channel: --channel",
    404: "Give the address of intake: --url",
    500: "See intake's log. The same command again goes on",
}


def import_rows(
    rows: Iterable[Row | Refused],
    door: Door,
    *,
    on_refused: Callable[[Refused], None],
    on_batch: Callable[[], None],
    on_wait: Callable[[str], None],
) -> Tally:
    """Hands in every row. `on_batch` is called after each batch, `on_wait` with words while intake takes nothing.

    OperatorError when it takes nothing for PATIENCE_SECONDS, or never will; what it took in before stays.
    """
    work = _Import(door, on_refused, on_wait)
    batch: list[Row] = []
    size = 0
    for row in rows:
        if isinstance(row, Refused):
            work.refuse(row)
            continue
        if batch and (len(batch) >= door.limit or size + len(row.body) > MAX_BATCH_BYTES):
            work.hand_in(batch)
            on_batch()
            batch, size = [], 0
        batch.append(row)
        size += len(row.body)
    if batch:
        work.hand_in(batch)
        on_batch()
    return work.tally


class _Import:
    """The work of one import: what is waiting, how long already, what came of it."""

    def __init__(self, door: Door, on_refused: Callable[[Refused], None], on_wait: Callable[[str], None]) -> None:
        self._door, self._on_refused, self._on_wait = door, on_refused, on_wait
        self.tally = Tally()

    def refuse(self, refused: Refused) -> None:
        self.tally.rows += 1
        self.tally.refused += 1
        self._on_refused(refused)

    def hand_in(self, batch: Sequence[Row]) -> None:
        """Until every row of the batch has been taken in, found there before, or refused."""
        waiting, lost_since = list(batch), ""
        delay, deadline = FIRST_DELAY, time.monotonic() + PATIENCE_SECONDS
        while waiting:
            part, rest = waiting[: self._door.limit], waiting[self._door.limit :]
            sent_at = datetime.now(UTC).isoformat()
            try:
                later = self._note(part, self._door.hand_in(part), lost_since)
                trouble = NotNow("it puts some rows off")
            except NotNow as error:
                later, trouble = part, error
                if error.lost:
                    lost_since = lost_since or sent_at
            except OperatorError as error:
                raise OperatorError(f"{error.what}; so far {self.tally}", error.fix) from error
            waiting = later + rest
            if len(later) < len(part):
                delay, deadline = FIRST_DELAY, time.monotonic() + PATIENCE_SECONDS
            if later:
                self._wait(trouble, delay, deadline)
                delay = min(LONGEST_DELAY, delay * 2)

    def _wait(self, trouble: NotNow, delay: float, deadline: float) -> None:
        seconds = trouble.seconds or delay
        if time.monotonic() + seconds > deadline:
            raise OperatorError(
                f"intake at {self._door.url} took nothing in for {PATIENCE_SECONDS:g} s: {trouble.reason}; so far {self.tally}",
                "The same command again goes on: nothing counts twice",
            )
        self._on_wait(f"intake takes nothing in: {trouble.reason}. Again in {seconds:.1f} s")
        time.sleep(seconds)

    def _note(self, part: Sequence[Row], results: Sequence[dict[str, Any]], lost_since: str) -> list[Row]:
        """Counts what came of the rows; returns those that are to be handed in again.

        After an answer that got lost, intake calls repeated what it took in then: it is new all the same.
        """
        later, ours = [], set[str]()
        for row, result in zip(part, results, strict=True):
            if result["result"] == "refused" and result["status"] in _LATER:
                later.append(row)
            elif result["result"] == "refused":
                why = result.get("detail") or result["title"]
                self.refuse(Refused(row.number, row.line, result["slug"], result.get("field"), why))
            else:
                taken_now = lost_since and _moment(result["received_at"]) >= _moment(lost_since) and result["id"] not in ours
                ours.add(result["id"])
                self.tally.rows += 1
                if result["result"] == "accepted" or taken_now:
                    self.tally.new += 1
                else:
                    self.tally.repeated += 1
        return later


def _moment(told: str) -> datetime:
    return datetime.fromisoformat(told)


def _retry_after(answer: httpx.Response) -> float:
    with suppress(KeyError, ValueError):
        return float(answer.headers["Retry-After"])
    return 0.0


def _quota(answer: httpx.Response) -> int:
    """How many a minute the key may hand in: more at once never may."""
    told = re.search(r"q=(\d+)", answer.headers.get("RateLimit-Policy", ""))
    return max(1, int(told[1])) if told else MAX_LINES


def _problem(answer: httpx.Response) -> str:
    """The words of a problem+json, or the status where it is none."""
    with suppress(ValueError, KeyError, TypeError, AttributeError):
        told = answer.json()
        return ": ".join(part for part in (told["title"], told.get("detail", "")) if part)
    return f"HTTP {answer.status_code}"
