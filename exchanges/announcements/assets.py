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

    def resolved(token: str, market: str | None) -> str:
        known = None if market in SIDE_MARKETS or market in ("multiple", "loan") else market
        return knowledge.asset(token, venue_name(article.exchange, known), article.released_at) if token else token

    come = {*notice.targets, *(resolved(token, notice.market) for token in notice.targets)}

    def asset(token: str, market: str | None) -> str:
        found = resolved(token, market)
        # The old name of a coin that is renamed elsewhere already is what leaves: the coin stays.
        return token if found in come else found

    def assets(tokens: Sequence[str], as_written: bool = False) -> tuple[str, ...]:
        found = [asset(token, notice.market) for token in tokens]
        return tuple(dict.fromkeys([*found, *(tokens if as_written else ())]))

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


def renamings(article: Article, notice: ParsedNotice) -> tuple[NameRow, ...]:
    """The rows of the table of names for the changes of ticker of a notice: old name → new coin, on spot.

    A finished change counts from the release, a planned one from the day on that the notice gives: until then the old
    name is the coin's name. A plan without a date gives no row, nor does a cancelled one.
    """
    if article.released_at is None or notice.phase in (None, "cancelled"):
        return ()
    venue = venue_name(article.exchange, None)
    if notice.phase == "completed":
        pairs, at = notice.renamed or _renamed_by_title(article.title), article.released_at
    else:
        # Contracts often end days before the spot pairs, which have the old name until then.
        ends = [(impact.market in (None, "spot"), impact.at) for impact in notice.impacts if impact.at]
        known = max(ends, default=(False, None))[1]
        if known is None and notice.phase == "immediate":
            known = article.released_at
        if known is None:
            return ()
        pairs, at = notice.renamed, known
    return tuple(NameRow(venue, old, new, valid_from=at) for old, new in pairs)


def _renamed_by_title(title: str) -> tuple[tuple[str, str], ...]:
    verb = _RENAMED.search(title)
    names = [(ticker, place) for ticker, _, place in bracketed(title)]
    if not verb or _OTHER_UNITS.search(title) or len(names) != 2:
        return ()
    (old, first), (new, second) = names
    return ((old, new),) if first < verb.start() < second and old != new else ()
