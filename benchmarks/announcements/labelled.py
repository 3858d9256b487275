"""The labelled sets: captures, trials, the blind sets of the project and its development set, as rows of one form."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
SHARED = PROJECT.parent / "shared"
CAPTURES = SHARED / "captures" / "announcements"
TRIALS = SHARED / "trials" / "announcements.jsonl"
OURS = PROJECT / "tests" / "exchanges" / "announcements"
BLIND = OURS / "blind"
DEVELOPMENT = OURS / "development"
UNLABELLED = "binance/a13club_articles_2025-07_2026-04.jsonl.gz"

HOUSE = "house"
OTHER = "other"
SIX_LANGUAGES = frozenset({"zh", "zh-hant", "ko", "ja", "tr", "ru", "vi"})
WALLET_STATES = frozenset({"deposits_suspended", "withdrawals_suspended", "wallet_suspended"})
_APART = ("borderline", "BODY")


@dataclass(frozen=True)
class Row:
    """A notice, and what is right for it.

    record: the notice as `explain` reads it.
    event: None where nobody has labelled it.
    categories: each is right, the first is the label. values: other fields that must be equal.
    names: by field, what must be named; optional: by field, what may be. A field that is in neither is not compared.
    """

    record: Mapping[str, Any]
    event: bool | None
    label: str = ""
    language: str = "en"
    style: str = ""
    categories: tuple[str | None, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    names: Mapping[str, frozenset[str]] = field(default_factory=dict)
    optional: Mapping[str, frozenset[str]] = field(default_factory=dict)
    never: frozenset[str] = frozenset()

    @property
    def title(self) -> str:
        return str(self.record["title"])


def rows(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON-lines file, compressed or not."""
    opener: Callable[..., Any] = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def moment(text: str) -> datetime:
    parsed = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def is_apart(row: Mapping[str, Any]) -> bool:
    """Whether its label is borderline, or cannot be seen from what the row has."""
    return str(row.get("note") or "").startswith(_APART)


def captured_titles(captures: Path = CAPTURES, apart: bool = False) -> list[Row]:
    """Titles alone, as from a list without bodies."""
    labelled = [row for row in rows(captures / "labelled_titles.jsonl") if is_apart(row) == apart]
    return [
        row_of({**row, "body": None, "released_at": row["date"]}, ("phase", "market"), dates=False) for row in labelled
    ]


def captured_articles(captures: Path = CAPTURES, apart: bool = False) -> list[Row]:
    labelled = [row for row in rows(captures / "labelled_articles.jsonl") if is_apart(row) == apart]
    return [row_of(row, ("market", "trading_status")) for row in labelled]


def of_project(path: Path) -> list[Row]:
    """A set that we wrote ourselves: blind, or for development."""
    return [row_of(row, ("phase", "market", "trading_status")) for row in rows(path)]


def blind_sets() -> dict[str, list[Row]]:
    return {path.stem: of_project(path) for path in sorted(BLIND.glob("*.jsonl"))}


def development_sets() -> dict[str, list[Row]]:
    return {f"development {path.stem}": of_project(path) for path in sorted(DEVELOPMENT.glob("*.jsonl"))}


def trials(path: Path = TRIALS) -> list[Row]:
    """Notices of which only the fields that are named in `expect` count."""
    found = []
    for row in rows(path):
        expect = row["expect"]
        row = {**row, **expect, "other_dates": expect.get("may_dates", ())}
        values = [name for name in ("phase", "market", "trading_status") if name in expect]
        found.append(row_of(row, values, dates="important_dates" in expect))
    return found


def unlabelled(captures: Path = CAPTURES) -> list[Row]:
    """The articles that nobody has labelled, but for those whose title has a clear label. label: the month."""
    known = {row.title: row for row in captured_titles(captures)}
    found = []
    for row in rows(captures / UNLABELLED):
        stamp = re.search(r"_(\d{14})\.md$", row["file"])
        released = datetime.strptime(stamp[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC).isoformat() if stamp else None
        record = _record({**row, "exchange": "binance", "released_at": released})
        month = released[:7] if released else "without a month"
        found.append(Row(record, known[row["title"]].event if row["title"] in known else None, month))
    return found


def row_of(row: Mapping[str, Any], values: Iterable[str], dates: bool = True) -> Row:
    """A labelled line as a row. values: the fields with one value that are compared."""
    names = {name: frozenset(row[name]) for name in ("tokens", "tickers") if name in row}
    optional = {"tokens": frozenset(row.get("tokens_optional") or ())}
    if dates:
        names["important_dates"] = frozenset(row["important_dates"])
        optional["important_dates"] = frozenset(row.get("other_dates") or ()) - names["important_dates"]
    return Row(
        record=_record(row),
        event=bool(row["event"]),
        label=str(row.get("id", "")),
        language=row.get("language") or "en",
        style=row.get("style") or "",
        categories=(row.get("category"), *(row.get("category_alt") or ())),
        values={name: row[name] for name in values},
        names=names,
        optional=optional,
        never=frozenset(row.get("never") or ()),
    )


def _record(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row.get(name) for name in ("exchange", "title", "body", "released_at")}
