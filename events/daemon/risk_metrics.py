"""Metrics of what is at risk and of whether each source can be trusted, for Prometheus. Read from the database.

Venue and source are labels. A token has a series while it is in `token_risk_view`, so the number of series is that of
the tokens at risk, at most `MOST_TOKENS`: the strictest ones, as a venue's halt can name thousands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily, Metric

from events.clock import FUTURE_SECONDS
from events.enums import Action
from events.models import SourceHealth, TokenRisk
from events.sources.health import STALE_AFTER_INTERVALS, STALE_AT_LEAST

MOST_TOKENS = 500
STATES = (
    SourceHealth.State.WAITING,
    SourceHealth.State.OK,
    SourceHealth.State.STALE,
    SourceHealth.State.DRIFT,
    SourceHealth.State.FAILING,
)
"""Their numbers in `ews_source_state`: 0 to 4."""


def rank_of(action: str) -> int:
    """1 (watch) to 5 (halt). A word of another release is taken for the strictest: unknown makes nobody braver."""
    return Action(action).severity + 1 if action in Action.values else len(Action)


def tokens() -> Iterator[Metric]:
    """The tokens at risk: how many, and the strictest action of each."""
    rows = [(rank_of(action), token) for token, action in TokenRisk.objects.values_list("token", "action")]
    yield GaugeMetricFamily("ews_tokens_at_risk", "Rows of token_risk_view.", value=len(rows))
    gauge = GaugeMetricFamily(
        "ews_token_action",
        "The strictest action of each token at risk, anywhere: 1 watch, 2 avoid new, 3 reduce only, 4 exit, 5 halt.",
        labels=["token"],
    )
    for rank, token in sorted(rows, key=lambda row: (-row[0], row[1]))[:MOST_TOKENS]:
        gauge.add_metric([token], rank)
    yield gauge


def source_states(sources: Sequence[SourceHealth], now: datetime) -> Iterator[Metric]:
    """Whether what each source says can be relied on at a moment, and the state that is stored."""
    usable = GaugeMetricFamily(
        "ews_source_usable",
        "1 while the source answers, its answer is no older than five intervals and its content is within its bound.",
        labels=["source"],
    )
    state = GaugeMetricFamily(
        "ews_source_state",
        "0 not polled yet, 1 answers, 2 silent or old content, 3 answers in an unknown shape, 4 fails.",
        labels=["source"],
    )
    for source in sources:
        usable.add_metric([source.source], float(_is_usable(source, now)))
        known = source.state in STATES
        state.add_metric([source.source], STATES.index(SourceHealth.State(source.state)) if known else len(STATES) - 1)
    yield from (usable, state)


def _is_usable(source: SourceHealth, now: datetime) -> bool:
    """Unknown is not usable: no answer yet, one of the future, content whose age is not known."""
    if source.state != SourceHealth.State.OK or source.last_success_at is None:
        return False
    age = (now - source.last_success_at).total_seconds()
    patience = max(source.interval_seconds * STALE_AFTER_INTERVALS, STALE_AT_LEAST.total_seconds())
    if not -FUTURE_SECONDS <= age <= patience:
        return False
    if source.content_bound_seconds is None:
        return True
    return source.content_at is not None and (now - source.content_at).total_seconds() <= source.content_bound_seconds


def venues_of_sources(rows: Iterable[tuple[str, str, str]]) -> Iterator[Metric]:
    """Which venue rests on which source, to join the two: `ews_source_usable * on (source) group_left (venue) …`.

    rows: venue, source, role.
    """
    info = GaugeMetricFamily(
        "ews_source_venue", "1 for each venue and what it rests on.", labels=["source", "venue", "role"]
    )
    for venue, source, role in sorted(rows):
        info.add_metric([source, venue, role], 1)
    yield info
