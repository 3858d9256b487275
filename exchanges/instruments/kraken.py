"""Kraken's spot pairs: GET /0/public/AssetPairs.

Kraken has four names for a pair. The symbol used here is the key of the answer (XXBTZUSD): it is unique, every REST
answer is keyed by it and every REST request takes it, as BTCUSDT on Binance. Only requests take `altname` (XBTUSD).
`wsname` (XBT/USD) is the name in the first WebSocket API. Base and quote are spelled as in the second WebSocket API and
in FIX, so that BASE/QUOTE is the pair's name there (BTC/USD).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from crypto_ews.conf import Config
from events.upstream.client import Payload, json_body
from events.upstream.errors import PermanentError, RetryableError, SchemaDrift
from events.upstream.rows import row_of
from exchanges.instrument_status import Meaning, declare_statuses, known
from exchanges.instruments.lists import InstrumentList, ReadRows, read_rows, text
from exchanges.instruments.updater import InstrumentUpdater
from exchanges.venues import venue_name
from exchanges.wire import Name, refuse_nul
from markets.knowledge import InstrumentRow
from markets.venues import Exchange, declare

EXCHANGE = "kraken"
SOURCE = "kraken.instruments"
SPOT = venue_name(EXCHANGE, "spot")
# Kraken's LUNA is another coin than what ccxt calls LUNA there.
_IN_CCXT = {"LUNA": "LUNC", "LUNA2": "LUNA", "REP": "REPV1", "REPV2": "REP", "UST": "USTC", "FEE": "KFEE"}
declare(Exchange(EXCHANGE, "Kraken", {SPOT: "Kraken"}, _IN_CCXT))
# https://docs.kraken.com/api-reference/market-data/get-tradable-asset-pairs; the last three are documented for the
# `instrument` channel of the same pairs. In post_only the exchange takes orders and matches none.
_ONLINE = "online"
STATUSES: Mapping[str, Meaning] = {
    _ONLINE: Meaning.LIVE,
    "limit_only": Meaning.RESTRICTED,
    "reduce_only": Meaning.RESTRICTED,
    "post_only": Meaning.HALTED,
    "cancel_only": Meaning.HALTED,
    "maintenance": Meaning.HALTED,
    "work_in_progress": Meaning.PENDING,
    "delisted": Meaning.ENDED,
}
declare_statuses(EXCHANGE, STATUSES)

# Assets that the second WebSocket API spells differently from the first.
_SECOND_API = {"XBT": "BTC", "XDG": "DOGE"}
# Suffix of dark-pool pairs, which have no public book and no wsname.
_DARK_POOL = ".d"
# https://support.kraken.com/articles/360001491786-api-error-messages
_TRANSIENT_ERRORS = (
    "EService:",
    "EAPI:Rate limit",
    "EGeneral:Too many requests",
    "EGeneral:Temporary",
    "EGeneral:Internal",
)


def asset_pairs(config: Config) -> InstrumentList:
    return InstrumentList("SPOT", SOURCE, (SPOT,), config.kraken_base_trading_url.rstrip("/") + "/0/public/AssetPairs")


def parse_pairs(payload: Payload) -> ReadRows:
    """The pairs of an answer.

    Before this API had `status`, every listed pair traded: an answer without any status is read that way. Raises
    RetryableError or PermanentError by Kraken's error code, SchemaDrift where there are no usable rows.
    """
    answer = json_body(payload)
    _raise_errors(payload, answer)
    pairs = answer.get("result")
    lit = {key: item for key, item in pairs.items() if not _is_dark(key, item)} if isinstance(pairs, dict) else None
    if not lit:
        raise SchemaDrift(payload.source, "result", "an object of asset pairs that is not empty", pairs)
    has_status = any(isinstance(item, dict) and "status" in item for item in lit.values())
    expected = "pairs with wsname and a known status"
    items = [(key, (key, item)) for key, item in lit.items()]
    return read_rows(items, lambda entry: _row(entry[0], entry[1], has_status), payload.source, "result{}", expected)


class KrakenInstrumentUpdater(InstrumentUpdater):
    """Kraken's spot pairs. A delisted pair vanishes from the list."""

    name = SOURCE
    exchange = EXCHANGE
    venues = (SPOT,)

    def lists(self) -> Sequence[InstrumentList]:
        return (asset_pairs(self.config),)

    def parse(self, payload: Payload, instrument_list: InstrumentList) -> ReadRows:
        return parse_pairs(payload)


def _raise_errors(payload: Payload, answer: Any) -> None:
    """Raises for errors, which come with HTTP status 200 as a list of texts. Texts that begin with W are warnings."""
    reported = answer.get("error") if isinstance(answer, dict) else None
    if not isinstance(reported, list):
        raise SchemaDrift(payload.source, "error", "a list of errors, as a rule empty", answer)
    errors = [str(error) for error in reported if not str(error).startswith("W")]
    if errors:
        kind = RetryableError if errors[0].startswith(_TRANSIENT_ERRORS) else PermanentError
        raise kind(payload.source, payload.url, f"Kraken answered {', '.join(errors)[:160]}")


def _is_dark(key: str, item: Any) -> bool:
    return key.endswith(_DARK_POOL) and isinstance(item, dict) and "wsname" not in item


class _Pair(msgspec.Struct, gc=False):
    wsname: Name
    status: Name | None = None
    altname: Any = None


def _row(key: str, item: Any, has_status: bool) -> InstrumentRow:
    if not 0 < len(key) <= 64:
        raise ValueError(f"the pair's key was {key!r:.80}, expected a short text")
    row = row_of(item, _Pair)
    base, _, quote = row.wsname.partition("/")
    if not base or not quote or "/" in quote:
        raise ValueError(f"wsname was {row.wsname!r:.80}, expected BASE/QUOTE")
    base, quote = _SECOND_API.get(base, base), _SECOND_API.get(quote, quote)
    status = row.status if has_status else _ONLINE
    if status is None or status not in STATUSES:
        refuse_nul(f"{key}{row.wsname}")
        status = known(text(status, "status"), STATUSES)
    return InstrumentRow(
        venue=SPOT,
        symbol=key,
        base=base,
        quote=quote,
        token=base.upper(),
        status=status,
        live=status == _ONLINE,
        aliases=_aliases(key, row, f"{base}/{quote}"),
    )


def _aliases(key: str, row: _Pair, second_api: str) -> tuple[str, ...]:
    """The pair's three other names: `altname`, `wsname`, and that of the second WebSocket API."""
    altname = text(row.altname, "altname") if row.altname else ""
    return tuple(alias for alias in dict.fromkeys((altname, row.wsname, second_api)) if alias and alias != key)
