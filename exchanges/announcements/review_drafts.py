"""From a parsed notice that nobody could judge to the draft of its review. Pure: no network, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from events.drafts import ReviewDraft
from exchanges.announcements.detect import DetectionContext
from exchanges.announcements.follow_ups import ReadArticle
from exchanges.announcements.text.blocks import article_text
from exchanges.venues import venue_name, venue_symbol
from markets.knowledge import MarketKnowledge
from markets.pairs import watched_pair

# No market could be read. A pair is of spot; a symbol without a separator may be a contract too.
_OF_PAIRS = ("spot",)
_OF_SYMBOLS = ("usdm", "coinm", "spot")
# More than any real notice has; a page that is no notice must not fill the table.
MAX_TITLE = 1_000
MAX_TEXT = 50_000
MAX_NAMES = 200


def review_draft(read: ReadArticle, context: DetectionContext) -> ReviewDraft | None:
    """The review of an article; None where the parser could judge it."""
    article, review = read.article, read.notice.review
    if review is None or read.notice.event:
        return None
    named = review.tickers[:MAX_NAMES]
    tickers = tuple(dict.fromkeys(_instruments(article.exchange, named, context.knowledge)))[:MAX_NAMES]
    tokens = tuple(dict.fromkeys(token.upper() for token in review.tokens if token))[:MAX_NAMES]
    return ReviewDraft(
        source=article.exchange,
        natural_key=read.key,
        title=article.title_line[:MAX_TITLE],
        text=article_text(article.body)[:MAX_TEXT],
        url=article.url,
        reason=review.reason.name.lower(),
        ending=review.ending,
        first=review.ending and _is_watched(tokens, tickers, context),
        tokens=tokens,
        tickers=tickers,
        venues=(venue_name(article.exchange, None),),
        released_at=article.released_at or context.now,
        payload=read.payload,
    )


def _instruments(exchange: str, tickers: Iterable[str], knowledge: MarketKnowledge) -> Iterator[str]:
    """Instruments as the notice writes them, as VENUE:SYMBOL: where lists have them, else where they would be."""
    for ticker in tickers:
        markets = _OF_PAIRS if "/" in ticker else _OF_SYMBOLS
        possible = [(venue_name(exchange, market), venue_symbol(exchange, ticker, market)) for market in markets]
        listed = [place for place in possible if knowledge.find(*place)]
        for venue, symbol in listed or possible[:1]:
            yield f"{venue}:{symbol}"


def _is_watched(tokens: Iterable[str], tickers: Iterable[str], context: DetectionContext) -> bool:
    if any(context.watch.currency(token) for token in tokens):
        return True
    return any(watched_pair("", ticker, context.watch, context.knowledge.find) for ticker in tickers)
