"""How well announcements are read, on the labelled captures: `python -m benchmarks.announcements [--captures DIR]
[--unlabelled]`.

Event: precision and recall. Category, phase, market, trading status: share right of the rows that are events by
label and by us. Tokens and tickers: F1 over all names of those rows; `tokens_optional` are neither right nor wrong.
Where a label says that only the body names them (`needs_body`), what the title alone gives is not held against us
if it is nothing. Dates: of the articles' labelled `important_dates`, the share found; every further date that is
not among `other_dates` counts as a wrong one, so the share is found / (labelled + wrong). Rows whose note begins
with "borderline" or "BODY" are scored apart. Tickers are compared without slashes too ("loose"), because labels
keep what a notice wrote where we answer BASE/QUOTE.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from exchanges.announcements.explain import iso
from exchanges.announcements.reader import read
from exchanges.announcements.types import Article, BodyUnreadable, ParsedNotice
from markets.symbols import SymbolSplitter

CAPTURES = Path(__file__).resolve().parent.parent.parent / "shared" / "captures" / "announcements"
APART = ("borderline", "BODY")


@dataclass
class Names:
    """Counts of names found, found in vain, and missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def count(self, got: set[str], want: set[str], optional: set[str] | frozenset[str] = frozenset()) -> bool:
        got = got - optional
        want = want - optional
        self.right += len(got & want)
        self.wrong += len(got - want)
        self.missed += len(want - got)
        return got == want

    def __str__(self) -> str:
        return f"{self.f1:.4f}  ({self.right} right, {self.wrong} wrong, {self.missed} missed)"

    @property
    def f1(self) -> float:
        total = 2 * self.right + self.wrong + self.missed
        return 2 * self.right / total if total else 1.0


@dataclass
class Score:
    """Counts over one set of rows, with a line for every miss."""

    name: str
    rows: int = 0
    true_events: int = 0
    false_events: int = 0
    missed_events: int = 0
    shares: dict[str, list[int]] = field(default_factory=dict)
    tokens: Names = field(default_factory=Names)
    tickers: Names = field(default_factory=Names)
    loose_tickers: Names = field(default_factory=Names)
    dates: Names = field(default_factory=Names)
    misses: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        found = self.true_events + self.false_events
        return self.true_events / found if found else 1.0

    @property
    def recall(self) -> float:
        labelled = self.true_events + self.missed_events
        return self.true_events / labelled if labelled else 1.0

    @property
    def date_share(self) -> float:
        total = self.dates.right + self.dates.wrong + self.dates.missed
        return self.dates.right / total if total else 1.0

    def share(self, name: str) -> float:
        right, total = self.shares.get(name, [0, 0])
        return right / total if total else 1.0

    def check(self, name: str, got: Any, want: Any, alternatives: Iterable[Any] = ()) -> bool:
        counts = self.shares.setdefault(name, [0, 0])
        right = got == want or got in alternatives
        counts[0] += right
        counts[1] += 1
        return right

    def lines(self) -> Iterator[str]:
        yield f"{self.name}: {self.rows} rows, {self.true_events + self.missed_events} events"
        yield f"  event      precision {self.precision:.4f}  recall {self.recall:.4f}"
        for name, (right, total) in self.shares.items():
            yield f"  {name:<10} {right}/{total} = {right / total:.4f}"
        yield f"  tokens     F1 {self.tokens}"
        yield f"  tickers    F1 {self.tickers}; loose {self.loose_tickers.f1:.4f}"
        if self.dates.right or self.dates.missed:
            counts = f"({self.dates.right} right, {self.dates.wrong} wrong, {self.dates.missed} missed)"
            yield f"  dates      {self.date_share:.4f}  {counts}"
        for miss in self.misses:
            yield f"    miss: {miss}"


def rows(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON-lines file, packed or not."""
    opener: Callable[..., Any] = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def moment(text: str) -> datetime:
    parsed = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def is_apart(row: dict[str, Any]) -> bool:
    return str(row.get("note") or "").startswith(APART)


def score_titles(name: str, labelled: Iterable[dict[str, Any]], splitter: SymbolSplitter) -> Score:
    """Titles alone, as a list without bodies gives them."""
    score = Score(name)
    for row in labelled:
        released = moment(row["date"]) if row.get("date") else None
        notice = read(Article(row["exchange"], "", row["title"], None, released), splitter)
        if not _event(score, row, notice):
            continue
        problems = _common(score, row, notice)
        if not score.check("phase", notice.phase, row["phase"]):
            problems.append(f"phase {notice.phase}, labelled {row['phase']}")
        if not score.check("market", notice.market, row["market"]):
            problems.append(f"market {notice.market}, labelled {row['market']}")
        _report(score, row, problems)
    return score


_WALLET_STATES = frozenset({"deposits_suspended", "withdrawals_suspended", "wallet_suspended"})


def score_articles(name: str, labelled: Iterable[dict[str, Any]], splitter: SymbolSplitter) -> Score:
    """Articles with their bodies."""
    score = Score(name)
    for row in labelled:
        notice = read(Article(row["exchange"], "", row["title"], row["body"], moment(row["released_at"])), splitter)
        if not _event(score, row, notice):
            continue
        problems = _common(score, row, notice)
        for what, got in (("market", notice.market), ("status", notice.trading_status)):
            want = row["market"] if what == "market" else row["trading_status"]
            if what == "status" and want == "deposits_suspended" and got in _WALLET_STATES:
                # The labels were made when there was one word for all three.
                want = got
            if not score.check(what, got, want):
                problems.append(f"{what} {got}, labelled {want}")
        dates = {iso(date.at) for date in notice.important_dates}
        if not score.dates.count(
            dates, set(row["important_dates"]), set(row["other_dates"]) - set(row["important_dates"])
        ):
            problems.append(f"dates {sorted(dates)}, labelled {row['important_dates']}")
        _report(score, row, problems)
    return score


def _event(score: Score, row: dict[str, Any], notice: ParsedNotice) -> bool:
    score.rows += 1
    if notice.event and row["event"]:
        score.true_events += 1
        return True
    if notice.event:
        score.false_events += 1
        score.misses.append(f"{row['title']!r}: taken for an event by {notice.rule}")
    elif row["event"]:
        score.missed_events += 1
        score.misses.append(f"{row['title']!r}: event not seen ({notice.rule})")
    return False


def _common(score: Score, row: dict[str, Any], notice: ParsedNotice) -> list[str]:
    problems = []
    if not score.check("category", notice.category, row["category"], row.get("category_alt") or ()):
        problems.append(f"category {notice.category}, labelled {row['category']}")
    optional = set(row.get("tokens_optional") or ())
    if not score.tokens.count(set(notice.tokens), set(row["tokens"]), optional):
        problems.append(f"tokens {sorted(notice.tokens)}, labelled {sorted(row['tokens'])}")
    if not score.tickers.count(set(notice.tickers), set(row["tickers"])):
        problems.append(f"tickers {sorted(notice.tickers)}, labelled {sorted(row['tickers'])}")
    score.loose_tickers.count(
        {ticker.replace("/", "") for ticker in notice.tickers}, {ticker.replace("/", "") for ticker in row["tickers"]}
    )
    return problems


def _without_slashes(tickers: Iterable[str]) -> set[str]:
    return {ticker.replace("/", "") for ticker in tickers}


def _report(score: Score, row: dict[str, Any], problems: list[str]) -> None:
    if problems:
        score.misses.append(f"{row['title']!r}: " + "; ".join(problems))


def print_labelled(captures: Path) -> None:
    splitter = SymbolSplitter()
    titles = rows(captures / "labelled_titles.jsonl")
    articles = rows(captures / "labelled_articles.jsonl")
    for score in (
        score_titles("titles", [row for row in titles if not is_apart(row)], splitter),
        score_titles(
            "titles, borderline or only clear from the body", [row for row in titles if is_apart(row)], splitter
        ),
        score_articles("articles", [row for row in articles if not is_apart(row)], splitter),
        score_articles("articles, borderline", [row for row in articles if is_apart(row)], splitter),
    ):
        print("\n".join(score.lines()))


def print_unlabelled(captures: Path) -> None:
    """What is taken for an event among the unlabelled articles, by month of capture."""
    splitter = SymbolSplitter()
    months: dict[str, list[str]] = {}
    total = 0
    for row in rows(captures / "binance" / "a13club_articles_2025-07_2026-04.jsonl.gz"):
        total += 1
        stamp = re.search(r"_(\d{14})\.md$", row["file"])
        released = datetime.strptime(stamp[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC) if stamp else None
        try:
            notice = read(Article("binance", row["file"], row["title"], row["body"], released), splitter)
        except BodyUnreadable as fault:
            months.setdefault("unreadable", []).append(f"{row['title']}: {fault}")
            continue
        if notice.event:
            month = released.strftime("%Y-%m") if released else "without a month"
            names = ", ".join(notice.tickers or notice.tokens)
            dates = ", ".join(iso(date.at)[:16] for date in notice.important_dates)
            months.setdefault(month, []).append(
                f"{notice.category}/{notice.phase} [{notice.rule}] {row['title']} -> {names} @ {dates}"
            )
    print(f"{sum(map(len, months.values()))} of {total} articles are taken for events")
    for month in sorted(months):
        print(f"{month}: {len(months[month])}")
        for line in sorted(months[month]):
            print(f"  {line}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--captures", type=Path, default=CAPTURES, help="folder of the captured announcements")
    parser.add_argument(
        "--unlabelled", action="store_true", help="list what is taken for events among the unlabelled articles"
    )
    options = parser.parse_args()
    if not options.captures.is_dir():
        parser.error(f"--captures {options.captures}: no such folder")
    if options.unlabelled:
        print_unlabelled(options.captures)
    else:
        print_labelled(options.captures)


if __name__ == "__main__":
    main()
