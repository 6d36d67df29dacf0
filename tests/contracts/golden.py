"""Golden events: one file per example, read by the tests of both the producer's and the consumer's side.

`python -m tests.contracts.golden` writes them anew. A golden file that has to change tells that records in a log look
different from now on: say so in the commit.
"""

import json
from dataclasses import asdict
from pathlib import Path

from shared.contracts.envelope import Record
from tests.contracts.examples import examples

FOLDER = Path(__file__).parent / "golden"


def dumped(record: Record) -> str:
    """The text of a golden file. The value stands as JSON, for people; its fields keep the order that they have on the wire."""
    told = asdict(record)
    told["key"] = record.key.decode() if record.key is not None else None
    told["value"] = json.loads(record.value) if record.value is not None else None
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def loaded(path: Path) -> Record:
    """The record of a golden file, byte for byte as it lies in Kafka."""
    told = json.loads(path.read_text("utf-8"))
    value = None if told["value"] is None else json.dumps(told["value"], separators=(",", ":"), ensure_ascii=False).encode()
    return Record(told["topic"], told["key"].encode(), value, told["headers"])


def main() -> None:
    wanted = {f"{example.name}.json": dumped(example.record) for example in examples()}
    for path in FOLDER.glob("*.json"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
