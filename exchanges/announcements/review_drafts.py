"""From a parsed notice that nobody could judge to the draft of its review. Pure: no network, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from events.drafts import ReviewDraft, text_digest
from exchanges.announcements.detect import DetectionContext
from exchanges.announcements.follow_ups import ReadArticle
from exchanges.announcements.text.blocks import article_text
from exchanges.announcements.types import Article
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
    """The review of an article, which may be an event beside it; None where the parser could judge all of it."""
    article, review = read.article, read.notice.review
    if review is None:
        return None
    named = review.tickers[:MAX_NAMES]
    tickers = tuple(dict.fromkeys(_instruments(article.exchange, named, context.knowledge)))[:MAX_NAMES]
    tokens = tuple(dict.fromkeys(token.upper() for token in review.tokens if token))[:MAX_NAMES]
    return ReviewDraft(
        source=article.exchange,
        natural_key=read.key,
        title=_title(article),
        text=_text(article),
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


def _storable(text: str) -> str:
    """The text without what no database takes: one such character must not cost a round its events."""
    return text.replace("\x00", "").encode("utf-8", "ignore").decode()


def reviewed_digest(article: Article) -> str:
    """The digest that a review of the article has: what a person decided holds for the same one."""
    return text_digest(_title(article), _text(article))


def _title(article: Article) -> str:
    return _storable(article.title_line[:MAX_TITLE])


def _text(article: Article) -> str:
    return _storable(article_text(article.body)[:MAX_TEXT])


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
