"""What DeFiLlama reports, in words: depegs (also those on one exchange), redemption runs, hacks."""

from __future__ import annotations

from datetime import date, timedelta

from alerts.rendering.cards.facts.figures import amount, percent, price, times
from alerts.rendering.cards.facts.phrase import Kind, Phrase, Values
from alerts.rendering.cards.facts.places import enumerated, subjects, ticker_words, venues_of, venues_words
from alerts.rendering.phrases import clean
from alerts.rendering.places import time_and_distance, time_text

# Without a reading beyond the threshold for so long, the coin is back within it.
_CALM_FOR = timedelta(minutes=15)


def _why_depeg(values: Values) -> str:
    coin = _coin(values)
    deviation, at = values.number("deviation"), values.number("price")
    worst, worst_price = values.number("worst_deviation"), values.number("worst_price")
    venues = venues_of(values.summary)
    where = f" on {venues_words(venues)}" if venues else ""
    if values.summary.over:
        if worst is None or worst_price is None:
            return f"{coin} was off its peg{where}."
        return f"{coin} was {_off(worst)} its peg{where} at worst, at {_dollars(worst_price)}."
    if deviation is None or at is None:
        return f"{coin} is off its peg{where}."
    if abs(deviation) < 0.00005:
        return f"{coin} trades at its peg{where}, at {_dollars(at)}."
    return f"{coin} is {_off(deviation)} its peg{where}, at {_dollars(at)}."


def _coin(values: Values) -> str:
    """ "TerraClassicUSD (USTC)"; the symbol alone where the name is unknown or the same."""
    symbol, name = subjects(values.summary), values.text("coin", 60)
    if not symbol or not name or name.upper() == symbol.upper():
        return symbol or name or "A stablecoin"
    return f"{name} ({symbol})"


def _off(deviation: float) -> str:
    return f"{percent(deviation)} {'above' if deviation > 0 else 'below'}"


def _dollars(value: float) -> str:
    return f"{value:.4f} USD" if value >= 0.1 else price(value, "USD")


def _readings(values: Values) -> str:
    confirmed, readings = values.flag("confirmed"), values.number("readings")
    if confirmed is None:
        return ""
    count = times(readings, "reading") if readings else ""
    if not confirmed:
        return f"not confirmed, {count} so far" if count else "not confirmed"
    return f"confirmed, {count} so far" if readings and readings > 2 else "confirmed by a second reading"


def _worst(values: Values) -> str:
    worst, now, at = values.number("worst_deviation"), values.number("deviation"), values.number("worst_price")
    if worst is None or now is None or (percent(worst) == percent(now) and (worst > 0) == (now > 0)):
        return ""
    return f"{_off(worst)}" + (f", at {_dollars(at)}" if at is not None else "")


def _off_peg_since(values: Values) -> str:
    since, minutes = values.moment("off_peg_since"), values.number("duration_minutes")
    if since is None:
        return ""
    last = since + timedelta(minutes=minutes or 0)
    calm = values.now - last > _CALM_FOR and minutes is not None
    return time_and_distance(since, values.now) + (
        f"; within its limit since {time_text(last, values.now)}" if calm else ""
    )


def _supply(values: Values) -> str:
    supply, change = values.number("supply"), values.number("supply_change_day")
    currency = values.text("currency", 12) or "USD"
    parts = [amount(supply, currency)] if supply is not None else []
    if change is not None and abs(change) >= 0.0005:
        parts.append(f"{'up' if change > 0 else 'down'} {percent(change)} in a day")
    return ", ".join(parts)


def _pair(values: Values) -> str:
    symbol, bid, ask = values.text("pair", 40), values.number("bid"), values.number("ask")
    if not symbol:
        return ""
    line = values.summary.at_risk[0] if values.summary.at_risk else None
    pair = ticker_words(symbol, line.token if line else "", venue=False)
    quote = pair.partition("/")[2] or "of the quote"
    prices = f", bid {price(bid, '')} and ask {price(ask, quote)}" if bid is not None and ask is not None else ""
    rate = values.number("quote_in_dollars")
    worth = f"; 1 {quote} is {price(rate, 'USD')}" if rate is not None and abs(rate - 1) > 0.00005 and prices else ""
    return pair + prices + worth


def _peg(values: Values) -> str:
    peg, currency = values.number("peg"), values.text("currency", 12)
    known_from = values.text("peg_known_from", 100)
    if peg is None or not currency or currency.upper() == "USD":
        return ""
    return f"1 {currency}, {price(peg, 'USD')}" + (f" by {known_from}" if known_from else "")


def _namesake(values: Values) -> str:
    return "a much larger coin has the same symbol, and is usually meant by it" if values.text("namesake_of") else ""


DEPEG = Kind(
    why=Phrase("", ("coin", "price", "deviation", "worst_deviation", "worst_price"), _why_depeg),
    facts=(
        Phrase("Namesake", ("namesake_of",), _namesake, past=True),
        Phrase("Readings", ("confirmed", "readings"), _readings, past=True),
        Phrase("Worst", ("worst_deviation", "worst_price", "deviation"), _worst),
        Phrase("Off its peg since", ("off_peg_since", "duration_minutes"), _off_peg_since),
        Phrase("Supply", ("supply", "supply_change_day", "currency"), _supply),
        Phrase("Pair", ("pair", "bid", "ask", "quote_in_dollars"), _pair),
        Phrase("Peg", ("peg", "currency", "peg_known_from"), _peg, past=True),
    ),
    unshown={"defillama_id": "an identifier", "track": "the detector's state; its figures have keys of their own"},
)


def _why_supply_run(values: Values) -> str:
    coin, change = _coin(values), values.number("supply_change_day")
    supply, before = values.number("supply"), values.number("supply_day_ago")
    worst = values.number("worst_supply_change_day")
    if values.summary.over:
        least = f" by as much as {percent(worst)} in a day" if worst is not None and worst < 0 else ""
        return f"The supply of {coin} fell{least}."
    if change is None or change >= 0:
        return f"The supply of {coin} falls."
    unit = subjects(values.summary) or "coins"
    sizes = (
        f", from {amount(before, '')} to {amount(supply, unit)}" if supply is not None and before is not None else ""
    )
    return f"The supply of {coin} fell {percent(change)} in a day{sizes}."


def _run_readings(values: Values) -> str:
    fallen = values.table("run").get("fallen")
    if isinstance(fallen, bool) or not isinstance(fallen, int):
        return ""
    if fallen < 2:
        return "not confirmed, 1 reading so far"
    return "confirmed by a second reading" if fallen == 2 else f"confirmed, {times(fallen, 'reading')} with such a fall"


def _worst_fall(values: Values) -> str:
    worst, change = values.number("worst_supply_change_day"), values.number("supply_change_day")
    if worst is None or change is None or worst >= 0 or percent(worst) == percent(change):
        return ""
    return f"down {percent(worst)} in a day"


SUPPLY_RUN = Kind(
    why=Phrase(
        "",
        ("coin", "supply", "supply_day_ago", "supply_change_day", "worst_supply_change_day"),
        _why_supply_run,
    ),
    facts=(
        Phrase("Readings", ("run",), _run_readings, past=True),
        Phrase("Worst", ("worst_supply_change_day", "supply_change_day"), _worst_fall),
    ),
    unshown={"defillama_id": "an identifier"},
)


def _why_hack(values: Values) -> str:
    name, what = hacked(values.summary.title), "bridge" if values.flag("bridge_hack") else ""
    name = name or subjects(values.summary) or "a protocol"
    # "The bridge of Ronin Bridge" says it twice.
    whose = f"the {what} of {name}" if what and what not in name.casefold() else name
    stolen, complete = values.number("amount_usd"), values.flag("amount_complete")
    day = values.text("day", 20)
    when = f" on {_day(day, values)}" if day else ""
    if stolen is None:
        stated = values.text("amount", 40)
        if not stated or stated == "amount unknown":
            return f"A hack hit {whose}{when}; the amount is not known."
        return f"A hack took {stated} from {whose}{when}."
    least = "" if complete is not False else "at least "
    return f"A hack took {least}{amount(stolen, 'USD')} from {whose}{when}."


def hacked(title: str) -> str:
    """The name that our titles of hacks begin with; "" for another title."""
    name, colon, rest = title.rpartition(": ")
    return clean(name, 80) if colon and rest.startswith(("hack, ", "bridge hack, ")) else ""


def _day(day: str, values: Values) -> str:
    try:
        found = date.fromisoformat(day)
    except ValueError:
        return day
    near = abs(values.now.date() - found) < timedelta(days=200)
    return f"{found.day} {found:%b}" + ("" if near else f" {found.year}")


def _networks(values: Values) -> str:
    names = values.names("chains") or [name for name in (values.text("networks", 200),) if name]
    return enumerated(names, 6)


def _coins_hit(values: Values) -> str:
    return enumerated(values.names("network_coins_hit"), 6)


def _returned(values: Values) -> str:
    returned = values.number("returned_usd")
    return amount(returned, "USD") if returned else ""


def _technique(values: Values) -> str:
    """Each technique, with its amount where there are several."""
    techniques, kinds = values.text("technique"), values.text("classification")
    rows = values.stored.get("techniques")
    parts = []
    for row in rows if isinstance(rows, (list, tuple)) else ():
        stolen = row.get("amount_usd") if isinstance(row, dict) else None
        name = row.get("technique") if isinstance(row, dict) else None
        if isinstance(name, str) and name and isinstance(stolen, (int, float)) and not isinstance(stolen, bool):
            parts.append(f"{clean(name, 80)} ({amount(stolen, 'USD')})")
    text = "; ".join(parts[:4]) if len(parts) > 1 else techniques
    if not kinds or kinds.lower() in text.lower():
        return text
    return f"{text} ({kinds.lower()})" if text and len(parts) < 2 else text or kinds


def _doubtful(values: Values) -> str:
    found = values.stored.get("doubtful_amounts")
    sizes = [size for size in found if isinstance(size, (int, float))] if isinstance(found, (list, tuple)) else []
    return f"left out as too large to be true: {enumerated([amount(size, 'USD') for size in sizes])}" if sizes else ""


def _unknown_chains(values: Values) -> str:
    chains = values.names("unknown_chains")
    return f"of {enumerated(chains)}: their coins are not known here" if chains else ""


HACK = Kind(
    why=Phrase("", ("amount", "amount_usd", "amount_complete", "bridge_hack", "day"), _why_hack, past=True),
    facts=(
        Phrase("How", ("technique", "techniques", "classification"), _technique, past=True),
        Phrase("Networks", ("networks", "chains"), _networks, past=True),
        Phrase("Coins of the networks hit", ("network_coins_hit",), _coins_hit, past=True),
        Phrase("Returned", ("returned_usd",), _returned, past=True),
        Phrase("Target", ("target",), lambda values: values.text("target", 100), past=True),
        Phrase("Doubtful amounts", ("doubtful_amounts",), _doubtful, past=True),
        Phrase("Unknown networks", ("unknown_chains",), _unknown_chains, past=True),
    ),
    unshown={"own_tokens": "the card lists the tokens that are affected"},
)
