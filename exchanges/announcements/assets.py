"""Names and assets: the tokens of a notice as the assets that its exchange means, and renamings learnt from notices.

Pure.
"""

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
# One new coin is then not one old coin, and the title does not give the ratio.
_OTHER_UNITS = re.compile(r"\b(?:redenominat\w*|re-?split|ratio)\b", re.I)


def with_assets(article: Article, notice: ParsedNotice, knowledge: MarketKnowledge) -> ParsedNotice:
    """The notice with assets for tokens, as of its release: LUNA in May 2022 is LUNC, a perpetual on DODOX is DODO.

    Unknown names and all tickers stay as written. A follow-up and a tag removal keep the written names beside the
    assets: the event that they concern may have been opened before its coin was renamed.
    """

    def asset(token: str, market: str | None) -> str:
        known = None if market in SIDE_MARKETS or market in ("multiple", "loan") else market
        return knowledge.asset(token, venue_name(article.exchange, known), article.released_at) if token else token

    def assets(tokens: Sequence[str], as_written: bool = False) -> tuple[str, ...]:
        resolved = [asset(token, notice.market) for token in tokens]
        return tuple(dict.fromkeys([*resolved, *(tokens if as_written else ())]))

    def concerned(impact: Impact) -> Impact:
        return replace(impact, token=asset(impact.token, impact.market or notice.market))

    return replace(
        notice,
        tokens=assets(notice.tokens, as_written=is_follow_up(notice)),
        untagged=assets(notice.untagged, as_written=True),
        entire_tokens=assets(notice.entire_tokens),
        impacts=tuple(map(concerned, notice.impacts)),
        review=replace(notice.review, tokens=assets(notice.review.tokens)) if notice.review else None,
    )


def renaming(article: Article, notice: ParsedNotice) -> NameRow | None:
    """The row of the table of names for a finished renaming: old name → new coin, on spot, from the release; or None.

    Only a completed renaming counts: a planned one may be postponed, and until then the old name is the coin's name.
    """
    title = article.title
    verb = _RENAMED.search(title)
    if notice.phase != "completed" or not verb or _OTHER_UNITS.search(title) or article.released_at is None:
        return None
    names = [(ticker, place) for ticker, _, place in bracketed(title)]
    if len(names) != 2 or not names[0][1] < verb.start() < names[1][1] or names[0][0] == names[1][0]:
        return None
    venue = venue_name(article.exchange, None)
    return NameRow(venue, names[0][0], names[1][0], valid_from=article.released_at)
