"""Measures the word classifier on a labelled CSV: agency accuracy, macro-F1, top three, coverage and precision by threshold.

    .venv/bin/python bench/eval_routing.py FILE.csv --text text --agency agency [--city cities/tangerang] [--confusions 20]

Prints figures only, never a sentence of the file.
"""

import argparse
import csv
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from services.routing.domain.classify import DEFAULT_THRESHOLD, Judgement, WordClassifier
from shared.city import load_city

THRESHOLDS = (0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


def main() -> None:
    """Reads the file, classifies all of it at once, prints the tables."""
    options = _options()
    csv.field_size_limit(10_000_000)
    with options.file.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row[options.text] and row[options.agency]]
    texts, labels = [row[options.text] for row in rows], [row[options.agency] for row in rows]
    classifier = WordClassifier(load_city(options.city))
    started = time.perf_counter()
    judgements = classifier.classify(texts)
    seconds = time.perf_counter() - started
    _overall(labels, judgements)
    print(f"speed      {len(texts) / seconds:,.0f} texts/s\n")
    _by_threshold(labels, judgements)
    _by_agency(labels, judgements)
    _confusions(labels, judgements, options.confusions)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("file", type=Path)
    parser.add_argument("--text", default="text", help="column with the text")
    parser.add_argument("--agency", default="agency", help="column with the agency's code")
    parser.add_argument("--city", type=Path, default=Path("cities/tangerang"))
    parser.add_argument("--confusions", type=int, default=0, help="how many of the commonest mistakes to list")
    return parser.parse_args()


def _overall(labels: Sequence[str], judgements: Sequence[Judgement]) -> None:
    right = sum(judged.agency == label for label, judged in zip(labels, judgements, strict=True))
    among = sum(any(a == label for _, a, _ in j.alternatives) for label, j in zip(labels, judgements, strict=True))
    scores = [_f1(label, labels, judgements)[2] for label in set(labels)]
    print(f"rows       {len(labels):,}\naccuracy   {right / len(labels):.3f}\ntop three  {among / len(labels):.3f}")
    print(f"macro-F1   {sum(scores) / len(scores):.3f}  over the {len(scores)} agencies of the file")


def _f1(agency: str, labels: Sequence[str], judgements: Sequence[Judgement]) -> tuple[float, float, float]:
    """Precision, recall, F1 of one agency; 0 where undefined."""
    hits = sum(j.agency == agency == label for label, j in zip(labels, judgements, strict=True))
    said, true = sum(j.agency == agency for j in judgements), labels.count(agency)
    precision, recall = hits / said if said else 0.0, hits / true if true else 0.0
    return precision, recall, 2 * precision * recall / (precision + recall) if hits else 0.0


def _by_threshold(labels: Sequence[str], judgements: Sequence[Judgement]) -> None:
    print("threshold  coverage  precision")
    for threshold in sorted({*THRESHOLDS, DEFAULT_THRESHOLD}):
        sure = [j.agency == label for label, j in zip(labels, judgements, strict=True) if j.agency and j.confidence >= threshold]
        mark = "  <- default" if threshold == DEFAULT_THRESHOLD else ""
        print(f"{threshold:9.2f}  {len(sure) / len(labels):8.3f}  {sum(sure) / max(len(sure), 1):9.3f}{mark}")


def _by_agency(labels: Sequence[str], judgements: Sequence[Judgement]) -> None:
    print("\nagency              rows  precision  recall     F1")
    for agency, rows in Counter(labels).most_common():
        precision, recall, f1 = _f1(agency, labels, judgements)
        print(f"{agency:18}  {rows:4}  {precision:9.2f}  {recall:6.2f}  {f1:5.2f}")


def _confusions(labels: Sequence[str], judgements: Sequence[Judgement], listed: int) -> None:
    wrong = Counter((label, j.agency or "-", j.topic) for label, j in zip(labels, judgements, strict=True) if j.agency != label)
    for (label, said, topic), rows in wrong.most_common(listed):
        print(f"{rows:4}  {label} taken for {said} ({topic})")


if __name__ == "__main__":
    main()
