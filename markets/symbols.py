"""Splits instrument symbols into base and quote: by the instrument lists, else by the longest known quote."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

DATA = Path(__file__).resolve().parent / "data"

DERIVATIVE_MARKETS = frozenset({"usdm", "coinm"})
# Quotes of derivatives: a contract's name is never split at a coin that only spot pairs are quoted in.
USDM_QUOTES = ("FDUSD", "USDT", "USDC", "BUSD", "USDE", "USD1", "USDS", "USD", "BTC", "EUR")
# Without a slash, only these are certain to be a quote and not the end of a coin's name (STETH, WBTC).
UNSLASHED_SPOT_QUOTES = ("FDUSD", "USDT", "USDC", "BUSD")

_SEPARATORS = re.compile(r"\s*[/_\-:]+\s*")
_CONTRACT_ENDING = re.compile(r"[_\-](?:PERPETUAL|PERP|SWAP|M)$")
# KuCoin writes XBTUSDTM and XBTUSDM for perpetuals.
_KUCOIN_CONTRACT = re.compile(r"^(?P<base>[A-Z0-9]{1,20})(?P<quote>USDT|USDC|USD)M$")
# Venues' other names of a coin.
_OTHER_NAMES = {"XBT": "BTC"}
_MULTIPLIER = re.compile(r"^(?:10{3,6}|1M(?=[A-Z]{3}))(?=[A-Z])|(?<=[A-Z])10{3,6}$")


def read_names(file_name: str) -> tuple[str, ...]:
    """The names in a data file of this package: separated by white space, `#` begins a comment."""
    lines = (DATA / file_name).read_text(encoding="utf-8").splitlines()
    return tuple(name for line in lines if not line.lstrip().startswith("#") for name in line.split())


@cache
def shipped_quote_assets() -> tuple[str, ...]:
    """The quote assets of the shipped list, longest first."""
    return tuple(sorted(set(read_names("quote_assets.txt")), key=lambda name: (-len(name), name)))


@cache
def shipped_prefixed_assets() -> frozenset[str]:
    return frozenset(read_names("prefixed_assets.txt"))


def multiplier(base: str, token: str) -> Decimal | None:
    """How many units of a token one unit of a base name is: 1000 for 1000XEC and XEC, 1 for XEC itself.

    None where the name is no multiple of the token, such as XBT of BTC.
    """
    if base.upper() == token:
        return Decimal(1)
    factor = base.upper().replace(token, "", 1)
    if factor == "1M":
        return Decimal(1_000_000)
    return Decimal(factor) if factor.isdecimal() else None


@dataclass(frozen=True)
class Split:
    """An instrument taken apart.

    base: as the venue writes it (1000XEC); token: the coin itself (XEC); quote: "" if the symbol contains none.
    """

    base: str
    quote: str
    token: str
    market: str | None


@dataclass(frozen=True)
class KnownInstrument:
    exchange: str
    market: str
    symbol: str
    base: str
    quote: str


class SymbolSplitter:
    """Splits symbols. Built once from known instruments; no I/O afterwards.

    instruments: (exchange, market, symbol, base, quote) of every known instrument, any case.
    quote_assets, prefixed_assets: the shipped lists, or those of the database.
    """

    def __init__(
        self,
        instruments: Iterable[tuple[str, str, str, str, str]] = (),
        quote_assets: Iterable[str] | None = None,
        prefixed_assets: Iterable[str] | None = None,
    ) -> None:
        names = shipped_quote_assets() if quote_assets is None else tuple(q.upper() for q in quote_assets)
        self.quote_assets: tuple[str, ...] = tuple(sorted(set(names), key=lambda name: (-len(name), name)))
        self._quotes = frozenset(self.quote_assets)
        self._prefixed = (
            shipped_prefixed_assets()
            if prefixed_assets is None
            else frozenset(name.upper() for name in prefixed_assets)
        )
        self._known: dict[tuple[str, str, str], KnownInstrument] = {}
        self._known_bases: set[str] = set()
        for exchange, market, symbol, base, quote in instruments:
            row = KnownInstrument(exchange.lower(), market.lower(), symbol, base.upper(), quote.upper())
            key = _plain(symbol)
            self._known[(row.exchange, row.market, key)] = row
            self._known.setdefault((row.exchange, "", key), row)
            self._known_bases.add(row.base)

    def is_quote(self, name: str) -> bool:
        return name.upper() in self._quotes

    def is_known_base(self, name: str) -> bool:
        """Whether an instrument with this base is known: then the name is a coin, not a symbol."""
        return name.upper() in self._known_bases

    def token(self, base: str) -> str:
        """The coin of a base name: 1000XEC is XEC, 1000SATS is itself."""
        name = base.upper()
        if name in self._prefixed:
            return name
        rest = _MULTIPLIER.sub("", name, count=1) or name
        return _OTHER_NAMES.get(rest, rest)

    def split(self, symbol: str, exchange: str = "", market: str | None = None) -> Split | None:
        """The parts of a symbol; None for a text that is no symbol.

        market: spot, margin, usdm or coinm if known; it decides which quotes are possible and whether a prefix is a
        multiplier.
        """
        text = symbol.strip().upper().replace("USDⓈ", "USD")
        if not text or len(text) > 60:
            return None
        known = self._lookup(text, exchange.lower(), market)
        if known is not None:
            return self._made(known.base, known.quote, known.market if known.exchange else market)
        body, derivative = _without_contract_ending(text)
        if derivative and market is None:
            market = "usdm"
        parts = [part for part in _SEPARATORS.split(body) if part]
        if len(parts) >= 2:
            quote = parts[1]
            if derivative and parts[2:] == ["UM"]:
                # OKX's linear contracts in dollars: ABC-USD_UM-SWAP.
                market = "usdm"
            elif derivative and quote == "USD":
                market = "coinm" if market in (None, "usdm") and text.endswith(("PERP", "SWAP")) else market
            return self._made(parts[0], quote, market)
        return self._split_unslashed(body, market, derivative)

    def _lookup(self, text: str, exchange: str, market: str | None) -> KnownInstrument | None:
        key = _plain(text)
        listed_market = "spot" if market == "margin" else market
        if listed_market:
            return self._known.get((exchange, listed_market, key))
        return self._known.get((exchange, "", key))

    def _split_unslashed(self, text: str, market: str | None, derivative: bool) -> Split | None:
        if text in self._quotes:
            return None
        if market == "coinm":
            candidates: tuple[str, ...] = ("USD",)
        elif market == "usdm":
            candidates = USDM_QUOTES
        elif market == "margin":
            candidates = tuple(quote for quote in self.quote_assets if len(quote) > 1)
        elif market == "spot":
            candidates = UNSLASHED_SPOT_QUOTES
        else:
            candidates = tuple(quote for quote in self.quote_assets if len(quote) > 1)
        if text.endswith("PERP") and len(text) > 4:
            inner = text.removesuffix("PERP")
            for quote in USDM_QUOTES:
                if inner.endswith(quote) and len(inner) > len(quote) and inner not in self._quotes:
                    return self._made(inner.removesuffix(quote), quote, "coinm" if quote == "USD" else "usdm")
            return self._made(inner, "", market or "usdm")
        contract = _KUCOIN_CONTRACT.match(text) if market in DERIVATIVE_MARKETS else None
        if contract is not None:
            return self._made(contract["base"], contract["quote"], "coinm" if contract["quote"] == "USD" else "usdm")
        for quote in candidates:
            if text.endswith(quote) and len(text) > len(quote):
                return self._made(text.removesuffix(quote), quote, market)
        if derivative:
            return self._made(text, "", market)
        return None

    def _made(self, base: str, quote: str, market: str | None) -> Split:
        return Split(base=base, quote=quote, token=self.token(base), market=market)


def _plain(symbol: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", symbol.upper())


def _without_contract_ending(text: str) -> tuple[str, bool]:
    """The symbol without an ending for perpetual, swap or expiry, and whether there was one."""
    body = _CONTRACT_ENDING.sub("", text)
    if body != text:
        return body, True
    for separator in ("_", "-"):
        body = re.sub(rf"{separator}\d{{4,8}}$", "", text)
        if body != text:
            return body, True
    return text, False
