"""A person's act, rehearsed: done by the code that will do it, read as bots would read it, and rolled back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from events.models import Effect, InstrumentRisk, TokenRisk
from events.outcomes import Outcome

NO_ROW = "no row"
SHOWN = 60


@dataclass(frozen=True)
class Change:
    """What bots read of a token or a pair, before and after: "no row", or an action.

    more: what else of the row changes, each as (what, before, after).
    """

    name: str
    before: str
    after: str
    more: tuple[tuple[str, str, str], ...] = ()

    @property
    def changes(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True)
class Rehearsal:
    """tokens, pairs: rows of the views by name. cards: sentences of who would get which card."""

    outcome: Outcome
    tokens: tuple[Change, ...]
    pairs: tuple[Change, ...]
    cards: tuple[str, ...]

    @property
    def more_tokens(self) -> int:
        """How many are not shown: a page names `SHOWN`."""
        return max(0, len(self.tokens) - SHOWN)

    @property
    def more_pairs(self) -> int:
        return max(0, len(self.pairs) - SHOWN)


_REHEARSING: ContextVar[bool] = ContextVar("rehearsing", default=False)


def is_rehearsing() -> bool:
    """Whether what is done now is rolled back as a rehearsal: what is counted outside the database leaves it out."""
    return _REHEARSING.get()


@contextmanager
def _uncounted() -> Iterator[None]:
    token = _REHEARSING.set(True)
    try:
        yield
    finally:
        _REHEARSING.reset(token)


def rehearse(act: Callable[[], Outcome], cards: Callable[[int], Sequence[str]]) -> Rehearsal:
    """Do an act, read the views and the cards, and roll all of it back. Raises what the act raises.

    cards: event id → sentences, asked while the act is done. Readers of the view are not made to wait; a writer of
    events waits for one refresh.
    """
    with transaction.atomic(), _uncounted():
        outcome = act()
        event_id = outcome.event.pk if outcome.event is not None else 0
        # The view follows at commit; here it follows now, and the rollback takes that back too.
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        tokens, tickers = _concerned(event_id)
        after = _read(tokens, tickers)
        sentences = tuple(cards(event_id))
        transaction.set_rollback(True)
    earlier_tokens, earlier_tickers = _concerned(event_id)
    before = _read(tokens | earlier_tokens, tickers | earlier_tickers)
    return Rehearsal(outcome, _changes(before[0], after[0], tokens), _changes(before[1], after[1], tickers), sentences)


def _concerned(event_id: int) -> tuple[set[str], set[str]]:
    effects = list(Effect.objects.filter(event_id=event_id))
    return {effect.token for effect in effects}, {ticker for effect in effects for ticker in effect.tickers}


Rows = dict[str, dict[str, str]]
"""Name of a token or a pair → what its row says: the action, and what else bots decide by."""


def _read(tokens: set[str], tickers: set[str]) -> tuple[Rows, Rows]:
    of_tokens: Rows = {
        row.token: {
            "": row.action,
            "risk": row.risk_level,
            "trading status": row.trading_status,
            "end of trading": _time(row.trading_ends_at),
            "elsewhere": row.asset_action or "no order",
            **{f"on {venue}": action for venue, action in row.venue_actions.items()},
        }
        for row in TokenRisk.objects.filter(token__in=tokens)
    }
    of_pairs: Rows = {
        row.ticker: {"": row.action, "trading status": row.trading_status, "end of trading": _time(row.trading_ends_at)}
        for row in InstrumentRisk.objects.filter(ticker__in=tickers)
    }
    return of_tokens, of_pairs


def _time(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else "none"


def _changes(before: Rows, after: Rows, concerned: set[str]) -> tuple[Change, ...]:
    return tuple(_change(name, before.get(name), after.get(name)) for name in sorted(concerned | before.keys()))


def _change(name: str, before: dict[str, str] | None, after: dict[str, str] | None) -> Change:
    if before is None or after is None:
        return Change(name, before[""] if before else NO_ROW, after[""] if after else NO_ROW)
    others = sorted((before.keys() | after.keys()) - {""})
    pairs = [(what, before.get(what, "no order"), after.get(what, "no order")) for what in others]
    return Change(name, before[""], after[""], tuple(one for one in pairs if one[1] != one[2]))
