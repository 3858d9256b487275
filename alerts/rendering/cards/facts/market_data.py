"""What is measured on markets, in words: price moves, low liquidity, books that lose depth, large orders."""

from __future__ import annotations

import re

from alerts.rendering.cards.facts.figures import amount, from_to, percent, plain, price, times
from alerts.rendering.cards.facts.phrase import Kind, Phrase, Values, stored_moment
from alerts.rendering.cards.facts.places import enumerated, quote_of, subjects, ticker_words
from alerts.rendering.phrases import clean
from alerts.rendering.places import time_and_distance
from crypto_ews.ui.text import distance

_TITLE_WINDOW = re.compile(r" within (\d+ (?:min|h)) to ([\d.e+-]+) USD$")
# A price that differs by less from the one at the last alert is the same alert's.
_SAME_PRICE = 1e-4


def _why_volatility(values: Values) -> str:
    token = subjects(values.summary) or "a watched coin"
    move, now, extreme = values.number("move"), values.number("price"), values.number("extreme")
    if move is None or now is None:
        return f"The price of {token} {'moved' if values.summary.over else 'moves'} further than its windows allow."
    token = token[:1].upper() + token[1:] if token == "a watched coin" else token
    verb = "rose" if move > 0 else "fell"
    window = _window(values, now)
    within = f" within {window}" if window else ""
    prices = f" {from_to(extreme, now, 'USD')}" if extreme is not None else f" to {price(now, 'USD')}"
    return f"{token} {verb} {percent(move)}{within},{prices}."


def _window(values: Values, now: float) -> str:
    """The window that the title names where it is of this price, which is the narrowest; else the widest broken one."""
    found = _TITLE_WINDOW.search(values.summary.title)
    if found and found[2] == f"{now:.6g}":
        return found[1]
    windows = values.names("windows")
    return windows[-1] if windows else ""


def _since_last_alert(values: Values) -> str:
    now, last = values.number("price"), values.table("last_alert")
    before, at = last.get("price"), stored_moment(last.get("at"))
    if now is None or isinstance(before, bool) or not isinstance(before, (int, float)) or before <= 0:
        return ""
    change = now / before - 1
    if abs(change) < _SAME_PRICE:
        return ""
    when = f", {ago}" if at and (ago := distance(at, values.now)) != "now" else ""
    return f"{'up' if change > 0 else 'down'} {percent(change)} from {price(before, 'USD')}{when}"


def _more_windows(values: Values) -> str:
    windows = values.names("windows")
    return f"{enumerated(windows, 9)}" if len(windows) > 1 else ""


def _pair(values: Values) -> str:
    ticker = values.text("pair")
    return ticker_words(ticker, _token(values)) if ticker else ""


def _token(values: Values) -> str:
    lines = values.summary.at_risk
    return clean(lines[0].token, 40) if lines else ""


VOLATILITY = Kind(
    why=Phrase("", ("move", "price", "extreme", "windows"), _why_volatility),
    facts=(
        Phrase("Since the last alert", ("price", "last_alert"), _since_last_alert),
        Phrase("Moved too far within", ("windows",), _more_windows, past=True),
        Phrase("Measured on", ("pair",), _pair, past=True),
    ),
    unshown={"direction": "the sentence says whether it rose or fell"},
)


def _why_liquidity(values: Values) -> str:
    token, market = subjects(values.summary) or "A watched coin", values.text("market")
    depth, lowest = values.number("depth_usd"), values.number("lowest_depth_usd")
    if values.summary.over:
        if lowest is None:
            return f"{token} had little liquidity."
        return f"{token} had as little as {amount(lowest, 'USD')} of depth within 2 % of the price."
    if depth is None:
        return f"{token} has little liquidity."
    best = f" on its deepest market, {market}" if market else ""
    return f"{token} has {amount(depth, 'USD')} of {_weaker_side(values)} within 2 % of the price{best}."


def _weaker_side(values: Values) -> str:
    up, down = values.number("depth_up_usd"), values.number("depth_down_usd")
    return "depth" if up is None or down is None else "bids" if down <= up else "asks"


def _threshold(values: Values) -> str:
    threshold = values.number("threshold_usd")
    return f"{amount(threshold, 'USD')} on the weaker side" if threshold is not None else ""


def _other_side(values: Values) -> str:
    up, down = values.number("depth_up_usd"), values.number("depth_down_usd")
    if up is None or down is None:
        return ""
    return f"{amount(up, 'USD')} of asks" if down <= up else f"{amount(down, 'USD')} of bids"


def _lowest(values: Values) -> str:
    depth, lowest = values.number("depth_usd"), values.number("lowest_depth_usd")
    if lowest is None or depth is None or lowest >= depth:
        return ""
    return amount(lowest, "USD")


def _volume(values: Values) -> str:
    volume = values.number("volume_24h_usd")
    return amount(volume, "USD") if volume is not None else ""


LIQUIDITY = Kind(
    why=Phrase("", ("depth_usd", "market", "lowest_depth_usd", "depth_up_usd", "depth_down_usd"), _why_liquidity),
    facts=(
        Phrase("Alert threshold", ("threshold_usd",), _threshold, past=True),
        Phrase("Other side", ("depth_up_usd", "depth_down_usd"), _other_side),
        Phrase("Lowest since it opened", ("depth_usd", "lowest_depth_usd"), _lowest),
        Phrase("Volume in 24 h", ("volume_24h_usd",), _volume),
    ),
)


def _why_depth(values: Values) -> str:
    book = _book(values)
    depth, share = values.number("depth"), values.number("percent_of_median")
    if depth is None:
        return f"{book} has lost depth." if not values.summary.over else f"{book} had lost depth."
    normal = f", {percent(share / 100)} of normal" if share is not None else ""
    size = f"{amount(depth, _quote(values))} within ±1 % of the mid{normal}"
    if values.summary.over:
        return f"{book} had lost depth; at its last reading it had {size}."
    return f"{book} has only {size}." if share is None or share < 100 else f"{book} has {size}."


def _book(values: Values) -> str:
    ticker = values.text("pair")
    return f"The book of {ticker_words(ticker, _token(values)) if ticker else subjects(values.summary) or 'a pair'}"


def _quote(values: Values) -> str:
    return values.text("quote", 20) or quote_of(values.text("pair"), _token(values)) or "of the quote"


def _median(values: Values) -> str:
    median = values.number("median_24h")
    return f"{amount(median, _quote(values))}, the median of 24 h" if median is not None else ""


def _depth_notified(values: Values) -> str:
    before, depth = values.number("told_depth"), values.number("depth")
    if before is None or depth is None or before == depth:
        return ""
    return amount(before, _quote(values))


DEPTH_DROP = Kind(
    why=Phrase("", ("depth", "percent_of_median", "pair", "quote"), _why_depth),
    facts=(
        Phrase("Normal depth", ("median_24h", "quote", "pair"), _median, past=True),
        Phrase("Depth at the last alert", ("told_depth", "depth", "quote", "pair"), _depth_notified),
    ),
)


_ORDERS = {"bid": "buy", "ask": "sell"}


def _why_whale(values: Values) -> str:
    ticker, side = values.text("pair"), values.text("side", 20)
    where = ticker_words(ticker, _token(values)) if ticker else subjects(values.summary) or "a pair"
    order = f"{_ORDERS.get(side, side)} order".strip()
    value, at, what = values.number("value"), values.number("price"), values.text("what", 80)
    quote = _quote(values)
    if value is None or at is None:
        return f"Large {order}s {'stood' if values.summary.over else 'stand'} in the book of {where}."
    size = f"{amount(value, quote)} at {price(at, quote)}"
    if what.startswith("came"):
        verb = "kept coming back to" if values.summary.over else "keeps coming back to"
        return f"A large {order} of {size} {verb} the book of {where}: it {what}."
    return f"A large {order} of {size} {'stood' if values.summary.over else 'stands'} in the book of {where}."


def _score(values: Values) -> str:
    score = values.number("score")
    return f"{plain(score, 2)} of 6" if score is not None else ""


def _from_mid(values: Values) -> str:
    distance_percent = values.number("distance_percent")
    return f"{percent(distance_percent / 100)} from the mid" if distance_percent is not None else ""


def _order_size(values: Values) -> str:
    size = values.number("size")
    return amount(size, _token(values) or "of the coin") if size is not None else ""


def _in_the_book(values: Values) -> str:
    since = values.moment("since")
    return time_and_distance(since, values.now) if since else ""


def _orders_now(values: Values) -> str:
    orders = values.number("standing_now")
    side = _ORDERS.get(values.text("side", 20), "")
    return (
        f"{times(orders, ' '.join(filter(None, ('large', side, 'order'))))} in the book" if orders is not None else ""
    )


def _spoofs(values: Values) -> str:
    spoofs = values.number("possible_spoofs")
    return f"{times(spoofs, 'order')} pulled within seconds, in the last 10 min" if spoofs else ""


WHALE = Kind(
    why=Phrase("", ("pair", "side", "quote", "price", "value", "what"), _why_whale),
    facts=(
        Phrase("Score", ("score",), _score, past=True),
        Phrase("Distance", ("distance_percent",), _from_mid),
        Phrase("Size", ("size",), _order_size, past=True),
        Phrase("First seen", ("since",), _in_the_book, past=True),
        Phrase("Now", ("standing_now", "side"), _orders_now),
        Phrase("Possible spoofs", ("possible_spoofs",), _spoofs),
    ),
)
