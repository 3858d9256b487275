"""The names in a notice as the assets that its exchange means by them, and what a finished renaming teaches. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from exchanges.announcements.detect import is_follow_up
from exchanges.announcements.text.names import bracketed
from exchanges.announcements.types import Article, Impact, ParsedNotice
from exchanges.venues import SIDE_MARKETS, venue_name
from markets.identity import NameRow
from markets.knowledge import MarketKnowledge

_RENAMED = re.compile(r"\b(?:re-?brand\w*|renam\w*|ticker change)\b", re.I)
# One new coin is not one old coin then, and the title does not say how many it is.
_OTHER_UNITS = re.compile(r"\b(?:redenominat\w*|re-?split|ratio)\b", re.I)


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


def renaming(article: Article, reading: ParsedNotice) -> NameRow | None:
    """The old name as the new coin's, on the exchange's spot market, from the notice's release; or None.

    Only what is completed counts: plans are put off, and what a coin is called before then is its old name.
    """
    title = article.title
    verb = _RENAMED.search(title)
    if reading.phase != "completed" or not verb or _OTHER_UNITS.search(title) or article.released_at is None:
        return None
    names = [(ticker, place) for ticker, _, place in bracketed(title)]
    if len(names) != 2 or not names[0][1] < verb.start() < names[1][1] or names[0][0] == names[1][0]:
        return None
    venue = venue_name(article.exchange, None)
    return NameRow(venue, names[0][0], names[1][0], valid_from=article.released_at)
