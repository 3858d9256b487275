"""What must hold: each bound of issue 16 with the figure that it bounds. The tests and the report read this table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from benchmarks.announcements.counts import Names, Share, f1_interval
from benchmarks.announcements.labelled import HOUSE, OTHER, SIX_LANGUAGES
from benchmarks.announcements.score import EVENT, LOOSE, REVIEW, Score, together

MOST_REVIEWS = 54
LEAST_SPEED = 200


@dataclass(frozen=True)
class Bound:
    """A figure that must be at least `least`, or at most `most`. counts: what it was counted from."""

    name: str
    value: float
    interval: tuple[float, float] | None = None
    least: float | None = None
    most: float | None = None
    counts: str = ""

    @property
    def holds(self) -> bool:
        return (self.least is None or self.value >= self.least) and (self.most is None or self.value <= self.most)


def of_share(name: str, share: Share, least: float | None = None, most: float | None = None) -> Bound:
    return Bound(name, share.value, share.interval, least, most, f"{share.right} of {share.total}")


def of_names(name: str, score: Score, field: str, least: float) -> Bound:
    return Bound(
        name, score.names(field).f1, f1_interval(score.each_names(field)), least, counts=str(score.names(field))
    )


def of_dates(name: str, names: Names, least: float) -> Bound:
    share = Share(names.right, names.right + names.wrong + names.missed)
    return Bound(name, share.value, share.interval, least, counts=str(names))


def blind_bounds(blind: Mapping[str, Score]) -> Iterator[Bound]:
    """On notices that nobody tuned on: those in other words together, and house formulas of every set."""
    everything = together("blind", blind.values())
    other = everything.part("other words", lambda row: row.style != HOUSE)
    house = everything.part("house formulas", lambda row: row.style == HOUSE)
    six = other.part("six languages", lambda row: row.language in SIX_LANGUAGES)
    english = other.part("English", lambda row: row.language == "en")
    yield of_share("precision", everything.precision, 0.97)
    yield of_share("recall", everything.recall, 0.97)
    yield of_share("category", everything.share("category"), 0.95)
    yield of_names("tokens, F1", everything, "tokens", 0.97)
    yield of_names("tickers, F1", everything, LOOSE, 0.97)
    yield of_dates("dates, right of labelled and named", everything.names("important_dates"), 0.95)
    yield of_share("recall without review, other words, six languages", six.recall_alone, 0.90)
    yield of_share("recall without review, other words, English", english.recall_alone, 0.90)
    yield of_share("recall without review, house formulas", house.recall_alone, 0.99)
    # A notice in a language that is not read is a review by order, harmless or not.
    read = everything.part("languages that are read", lambda row: row.language != OTHER)
    yield of_share("reviews of harmless notices that can be read", read.harmless_reviews, most=0.05)


def unlabelled_bounds(score: Score) -> Iterator[Bound]:
    """On the articles of nine months: reviews, and what is known to be harmless and taken for an event."""
    reviews = sum(one.verdict == REVIEW for one in score.outcomes)
    yield Bound("reviews of unlabelled articles", reviews, most=MOST_REVIEWS, counts=f"{score.rows} articles")
    yield Bound(
        "false alarms of unlabelled articles", score.count(False, EVENT), most=0, counts="of those with a label"
    )


def trial_bounds(score: Score) -> Iterator[Bound]:
    right = sum(not one.problems for one in score.outcomes)
    yield of_share("trials", Share(right, score.rows), 1.0)


def speed_bounds(scores: Mapping[str, Score]) -> Iterator[Bound]:
    everything = together("all", scores.values())
    yield Bound(
        "notices a second", everything.rows / max(everything.seconds, 1e-9), least=LEAST_SPEED, counts="one core"
    )
