"""Train the second opinion and write its file: `python -m benchmarks.train_second_opinion`.

Without an option nothing is written: the figures are printed, cross-validated over families of titles. `--write`
trains on everything and writes the file of the package. `--check` trains again and compares with that file. `--curve`
prints how many of the unlabelled articles would go to a person at each threshold; one that is in the training is scored
by a model that has not seen it.

The training set: the labelled captures, each with its body where a capture has it and without, and the notices that
`benchmarks.paraphrases` makes. Weights: logistic regression with an L2 penalty, in plain numpy.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.announcements.labelled import CAPTURES, DEVELOPMENT, is_apart, rows
from benchmarks.paraphrases.east_asia import EAST_ASIA
from benchmarks.paraphrases.english import ENGLISH
from benchmarks.paraphrases.tr_ru_vi import TR_RU_VI
from exchanges.announcements import opinion, reviews
from exchanges.announcements.opinion import BODY_BITS, TITLE_BITS, Model, features, packed, prepared, unpacked
from exchanges.announcements.reader import read_parts
from exchanges.announcements.reviews import text_of
from exchanges.announcements.text.blocks import blocks
from exchanges.announcements.text.clauses import clauses
from exchanges.announcements.types import ReviewReason
from markets.symbols import SymbolSplitter

SEED = 16
ENGLISH_ROUNDS, OTHER_ROUNDS = 24, 16
FOLDS = 5
STEPS, PENALTY = 300, 1e-5
LABELLED = ("labelled_titles.jsonl", "labelled_articles.jsonl")
BODIES = ("binance/a13club_articles_2025-07_2026-04.jsonl.gz", "binance/binance_article_details_2017-2021.jsonl.gz")
UNLABELLED = BODIES[0]
MONTHS = 9
THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98)

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Row:
    """A notice of the training. family: rows of one family are in one fold. source: its language, or "captures"."""

    title: str
    text: str
    event: bool
    family: str
    source: str


class Features:
    """The n-grams of many notices as one sparse matrix: row by row, title columns first, then body columns."""

    def __init__(self, notices: Sequence[tuple[str, str]]) -> None:
        columns: list[npt.NDArray[np.int64]] = []
        values: list[Floats] = []
        lengths = []
        for title, text in notices:
            length = 0
            for number, found in enumerate(features(title, text)):
                if len(found):
                    distinct, counts = np.unique(found, return_counts=True)
                    columns.append(distinct.astype(np.int64) + number * (1 << TITLE_BITS))
                    values.append(counts / np.sqrt(len(found)))
                    length += len(distinct)
            lengths.append(length)
        self.columns = np.concatenate(columns)
        self.values = np.concatenate(values)
        self.rows = np.repeat(np.arange(len(notices)), lengths)
        self.count = len(notices)

    def times(self, weights: Floats) -> Floats:
        return np.bincount(self.rows, self.values * weights[self.columns], self.count).astype(np.float64)

    def transposed_times(self, errors: Floats) -> Floats:
        return np.bincount(self.columns, self.values * errors[self.rows], _WIDTH).astype(np.float64)


_WIDTH = (1 << TITLE_BITS) + (1 << BODY_BITS)


def trained(notices: Sequence[Row], steps: int = STEPS, inputs: dict[str, str] | None = None) -> Model:
    """The model of these notices: Nesterov's accelerated gradient on the whole set, so that the order is no matter."""
    matrix = Features([(row.title, row.text) for row in notices])
    wanted = np.array([row.event for row in notices], dtype=np.float64)
    weight = np.ones(len(notices))
    for label in (0.0, 1.0):
        # Both answers weigh the same.
        weight[wanted == label] /= weight[wanted == label].sum()
    weight /= weight.sum()
    weights, constant = np.zeros(_WIDTH), 0.0
    ahead, ahead_constant = weights, constant
    # The steepest curvature of the loss is at most a quarter of the largest squared row (2: title and body, times how
    # often one n-gram repeats) plus the penalty.
    squares = np.bincount(matrix.rows, matrix.values**2, matrix.count) + 1
    step = 1 / (0.25 * float((weight * squares).sum()) + PENALTY)
    for number in range(1, steps + 1):
        errors = weight * (_probability(matrix.times(ahead) + ahead_constant) - wanted)
        following = ahead - step * (matrix.transposed_times(errors) + PENALTY * ahead)
        following_constant = ahead_constant - step * float(errors.sum())
        pace = (number - 1) / (number + 2)
        ahead = following + pace * (following - weights)
        ahead_constant = following_constant + pace * (following_constant - constant)
        weights, constant = following, following_constant
    border = 1 << TITLE_BITS
    return Model(weights[:border].astype(np.float32), weights[border:].astype(np.float32), constant, inputs or {})


def _probability(scores: Floats) -> Floats:
    return 1 / (1 + np.exp(-np.clip(scores, -30, 30)))


def probabilities(model: Model, notices: Sequence[tuple[str, str]]) -> Floats:
    """What a model says to notices: as `opinion.opinion`, for any model."""
    weights = np.concatenate([model.title, model.body]).astype(np.float64)
    return _probability(Features(notices).times(weights) + model.constant)


# --------------------------------------------------------------------------------------------------------- notices


def made(english: int = ENGLISH_ROUNDS, others: int = OTHER_ROUNDS) -> list[Row]:
    """The notices of the grammar."""
    return [
        Row(notice.title, notice.text, notice.event, f"{language.name} {_family(notice.title)}", language.name)
        for language in (ENGLISH, *EAST_ASIA, *TR_RU_VI)
        for notice in language.notices(SEED, english if language is ENGLISH else others)
    ]


def captured(captures: Path) -> list[Row]:
    """The labelled captures that the title or the body decides clearly, with and without their bodies."""
    bodies = {row["title"].strip(): row["body"] for name in BODIES for row in rows(captures / name)}
    found: dict[tuple[str, str], Row] = {}
    for name in LABELLED:
        for label in rows(captures / name):
            title = label["title"].strip()
            body = label.get("body") or bodies.get(title)
            texts = [text_of(clauses(blocks(body)))] if body else []
            if not is_apart(label):
                texts.append("")
            for text in texts:
                found[title, text] = Row(title, text, label["event"], _family(title), "captures")
    return list(found.values())


def developed() -> list[Row]:
    """The notices of the development sets: written for this project, and tuned on."""
    return [
        Row(
            row["title"].strip(),
            text_of(clauses(blocks(row["body"]))) if row["body"] else "",
            row["event"],
            f"development {row['id']}",
            "development",
        )
        for file in sorted(DEVELOPMENT.glob("*.jsonl"))
        for row in rows(file)
    ]


def _family(title: str) -> str:
    """Titles that differ in names and figures only are of one family."""
    return " ".join(re.sub(r"[\W\d_¤§]+", " ", prepared(title, 300)).split())[:40]


def inputs_of(notices: Iterable[Row], captures: Path | None) -> dict[str, str]:
    """Digests of what a model is trained on: the notices that were made, the captures, and the settings."""
    lengths = [opinion.SHORTEST, opinion.LONGEST, opinion.MAX_TITLE, opinion.MAX_BODY]
    settings = [TITLE_BITS, BODY_BITS, *lengths, SEED, STEPS, PENALTY]
    written = json.dumps([[row.title, row.text, row.event] for row in notices if row.source != "captures"])
    found = {"made": _digest(written.encode()), "settings": _digest(json.dumps(settings).encode())}
    if captures is not None:
        content = b"".join((captures / name).read_bytes() for name in (*LABELLED, *BODIES))
        found["captures"] = _digest(content)
    return found


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


# --------------------------------------------------------------------------------------------------------- figures


def cross_validated(notices: Sequence[Row]) -> Floats:
    """For each notice, what a model says that has seen none of its family."""
    fold = np.array([_fold(row.family) for row in notices])
    result = np.zeros(len(notices))
    for number in range(FOLDS):
        model = trained([row for row, its in zip(notices, fold, strict=True) if its != number])
        held_out = np.flatnonzero(fold == number)
        result[held_out] = probabilities(model, [(notices[at].title, notices[at].text) for at in held_out])
    return result


def _fold(family: str) -> int:
    return int(_digest(family.encode()), 16) % FOLDS


def figures(notices: Sequence[Row], found: Floats) -> Iterator[str]:
    """Lines: by source, how many events are found and how many harmless notices would go to a person."""
    groups: dict[str, list[tuple[bool, float]]] = defaultdict(list)
    for row, value in zip(notices, found, strict=True):
        source = f"captures, {'with body' if row.text else 'title only'}" if row.source == "captures" else row.source
        groups[source].append((row.event, float(value)))
    yield f"{'source':<24}{'events':>8}{'harmless':>10}   " + "".join(f"{'at ' + str(at):>14}" for at in THRESHOLDS)
    for source, answers in groups.items():
        events = np.array([value for event, value in answers if event])
        harmless = np.array([value for event, value in answers if not event])
        cells = (f"{(events >= at).mean():.2f}/{(harmless >= at).mean():.3f}" for at in THRESHOLDS)
        yield f"{source:<24}{len(events):>8}{len(harmless):>10}   " + "".join(f"{cell:>14}" for cell in cells)


def unlabelled(captures: Path) -> list[dict[str, Any]]:
    return rows(captures / UNLABELLED)


def curve(notices: Sequence[Row], captures: Path) -> Iterator[str]:
    """Lines: at each threshold, how many unlabelled articles that the rules take for harmless go to a person."""
    splitter = SymbolSplitter()
    articles = []
    for row in unlabelled(captures):
        parts = clauses(blocks(row["body"]))
        notice = read_parts("binance", row["title"], row["body"], None, splitter)
        if notice.review is not None and notice.review.reason is ReviewReason.SECOND_OPINION:
            notice = replace(notice, review=None)
        if reviews.is_open_to_doubt(notice):
            articles.append((row["title"].strip(), text_of(parts)))
    fold = np.array([_fold(_family(title)) for title, _ in articles])
    values = np.zeros(len(articles))
    for number in range(FOLDS):
        model = trained([row for row in notices if _fold(row.family) != number])
        held_out = np.flatnonzero(fold == number)
        values[held_out] = probabilities(model, [articles[at] for at in held_out])
    yield f"{len(articles)} unlabelled articles that the rules take for harmless, {MONTHS} months"
    for at in THRESHOLDS:
        count = int((values >= at).sum())
        yield f"  at {at:.2f}: {count} to a person, {count / MONTHS:.1f} a month"
    for at in np.argsort(-values)[:40]:
        yield f"  {values[at]:.3f}  {articles[at][0]}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--captures", type=Path, default=CAPTURES, help="folder of the captured announcements")
    parser.add_argument("--write", action="store_true", help="train on everything and write the file of the package")
    parser.add_argument("--check", action="store_true", help="train again and compare with the file of the package")
    parser.add_argument("--curve", action="store_true", help="reviews of the unlabelled articles at each threshold")
    options = parser.parse_args()
    if not options.captures.is_dir():
        parser.error(f"--captures {options.captures}: no such folder")
    notices = [*captured(options.captures), *developed(), *made()]
    if options.write or options.check:
        content = packed(trained(notices, inputs=inputs_of(notices, options.captures)))
        if options.check:
            return _compared(unpacked(content), opinion.shipped())
        opinion.FILE.parent.mkdir(exist_ok=True)
        opinion.FILE.write_bytes(content)
        print(f"{opinion.FILE}: {len(content)} bytes, trained on {len(notices)} notices")
    elif options.curve:
        print("\n".join(curve(notices, options.captures)))
    else:
        print("\n".join(figures(notices, cross_validated(notices))))
    return 0


def _compared(again: Model, shipped: Model) -> int:
    """0 where both are one model, but for the last step of a weight: a processor may add in another order."""
    apart = max(
        float(np.abs(again.title - shipped.title).max() / np.abs(shipped.title).max()),
        float(np.abs(again.body - shipped.body).max() / np.abs(shipped.body).max()),
        abs(again.constant - shipped.constant),
    )
    print(f"inputs {'the same' if again.inputs == shipped.inputs else 'differ'}, weights at most {apart:.4f} apart")
    return 0 if again.inputs == shipped.inputs and apart < 0.01 else 1


if __name__ == "__main__":
    sys.exit(main())
