"""The names of an instrument in trading programs, and the table in which `can_trade` looks them up.

native: the exchange's own symbol. ccxt: `BTC/USDT`, `BTC/USDT:USDT`, `BTC/USD:BTC-241227` (docs.ccxt.com, "Contract
naming conventions"). hummingbot: `BTC-USDT`, on spot and perpetual connectors alike. cryptofeed: `BTC-USDT`,
`BTC-USDT-PERP`. nautilus: `BTCUSDT-PERP.BINANCE`. alias: other names that the exchange itself has for a pair.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from markets.knowledge import InstrumentRow, is_dated_type
from markets.models import Instrument, InstrumentName
from markets.venues import name_in_ccxt

NATIVE, CCXT, HUMMINGBOT, CRYPTOFEED, NAUTILUS, ALIAS = (
    "native", "ccxt", "hummingbot", "cryptofeed", "nautilus", "alias",
)  # fmt: skip
_DERIVATIVES = ("_USDM", "_COINM")
# The symbol of a dated contract ends with its day: BTCUSDT_240927, BTC-USD-240927.
_DAY = re.compile(r"[_-](\d{6})$")
_OTHER_THAN_LETTERS_AND_DIGITS = re.compile(r"[^A-Z0-9]")


# Names are built from rows of lists as well as rows of the table.
Named = InstrumentRow | Instrument


def bare(name: str) -> str:
    """The letters and digits of a name, upper case."""
    return _OTHER_THAN_LETTERS_AND_DIGITS.sub("", name.upper())


def exchange_of(venue: str) -> str:
    """BINANCE_USDM → binance."""
    return venue.partition("_")[0].lower()


def is_contract(row: Named) -> bool:
    return bool(row.contract_type) or row.venue.endswith(_DERIVATIVES)


def names_of(row: Named, ends_at_day: str = "", aliases: Iterable[str] = ()) -> frozenset[tuple[str, str]]:
    """(convention, name) of an instrument, names in upper case.

    ends_at_day: YYMMDD of a dated contract whose symbol does not contain it.
    """
    return frozenset((convention, name.upper()) for convention, name in spelled(row, ends_at_day, aliases))


def spelled(row: Named, ends_at_day: str = "", aliases: Iterable[str] = ()) -> list[tuple[str, str]]:
    """(convention, name) of an instrument in the case that programs use, the main name of a convention first.

    ends_at_day: as `names_of` has it.
    """
    exchange = exchange_of(row.venue)
    base, quote, settle = (name_in_ccxt(exchange, name) for name in (row.base, row.quote, row.settle))
    venue = exchange.upper()
    found = [(NATIVE, row.symbol), *((ALIAS, alias) for alias in aliases)]
    if not is_contract(row):
        found += [
            (CCXT, f"{base}/{quote}"),
            (HUMMINGBOT, f"{row.base}-{row.quote}"),
            (CRYPTOFEED, f"{row.base}-{row.quote}"),
            *((NAUTILUS, f"{name}.{venue}") for name in (row.symbol, *aliases)),
        ]
    elif _is_perpetual(row):
        found += [
            (CCXT, f"{base}/{quote}:{settle}"),
            (HUMMINGBOT, f"{row.base}-{row.quote}"),
            (CRYPTOFEED, f"{row.base}-{row.quote}-PERP"),
            (NAUTILUS, f"{_nautilus_perpetual(exchange, row.symbol)}.{venue}"),
        ]
    else:
        day = _DAY.search(row.symbol)
        ends = day[1] if day else ends_at_day
        found.append((NAUTILUS, f"{row.symbol}.{venue}"))
        if ends:
            found.append((CCXT, f"{base}/{quote}:{settle}-{ends}"))
    return found


def store_names(venue: str, instruments: Sequence[Instrument]) -> int:
    """Bring the stored names of these instruments of a venue up to date; returns the number of rows that changed."""
    if not instruments:
        return 0
    target = {
        (instrument.pk, convention, name)
        for instrument in instruments
        for convention, name in names_of(
            instrument,
            f"{instrument.ends_at:%y%m%d}" if instrument.ends_at else "",
            instrument.aliases,
        )
    }
    rows = InstrumentName.objects.filter(instrument__in=[instrument.pk for instrument in instruments])
    known = {tuple(key): pk for pk, *key in rows.values_list("pk", "instrument_id", "convention", "name")}
    gone = [known[key] for key in known.keys() - target]
    InstrumentName.objects.filter(pk__in=gone).delete()
    exchange = exchange_of(venue)
    fresh = [
        InstrumentName(
            exchange=exchange, venue=venue, instrument_id=pk, convention=convention, name=name, bare=bare(name)
        )
        for pk, convention, name in sorted(target - known.keys())
    ]
    InstrumentName.objects.bulk_create(fresh, batch_size=2000)
    return len(gone) + len(fresh)


def _is_perpetual(row: Named) -> bool:
    if row.contract_type:
        return not is_dated_type(row.contract_type)
    # Binance leaves the type empty for contracts that are not open.
    return not _DAY.search(row.symbol)


def _nautilus_perpetual(exchange: str, symbol: str) -> str:
    # nautilus_trader, adapters/binance/common/symbol.py: a symbol without an ending gets one.
    if exchange != "binance":
        return symbol
    return symbol.replace("_PERP", "-PERP") if symbol.endswith("_PERP") else f"{symbol}-PERP"
