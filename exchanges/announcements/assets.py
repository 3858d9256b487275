"""The names in a notice as the assets that its exchange means by them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from exchanges.announcements.detect import is_follow_up
from exchanges.announcements.types import Article, Impact, ParsedNotice
from exchanges.venues import SIDE_MARKETS, venue_name
from markets.knowledge import MarketKnowledge


def with_assets(article: Article, reading: ParsedNotice, knowledge: MarketKnowledge) -> ParsedNotice:
    """The reading with assets for tokens, as of its release: LUNA in May 2022 is LUNC, a perpetual on DODOX is DODO.

    Names that are unknown, and the tickers, stay as the notice writes them. What ends or changes an event keeps the
    names as written too: the event may have been opened before its coin was renamed.
    """

    def asset(token: str, market: str | None) -> str:
        known = None if market in SIDE_MARKETS or market in ("multiple", "loan") else market
        return knowledge.asset(token, venue_name(article.exchange, known), article.released_at) if token else token

    def assets(tokens: Sequence[str], as_written: bool = False) -> tuple[str, ...]:
        resolved = [asset(token, reading.market) for token in tokens]
        return tuple(dict.fromkeys([*resolved, *(tokens if as_written else ())]))

    def concerned(impact: Impact) -> Impact:
        return replace(impact, token=asset(impact.token, impact.market or reading.market))

    return replace(
        reading,
        tokens=assets(reading.tokens, as_written=is_follow_up(reading)),
        lifted=assets(reading.lifted, as_written=True),
        whole_tokens=assets(reading.whole_tokens),
        impacts=tuple(map(concerned, reading.impacts)),
    )
