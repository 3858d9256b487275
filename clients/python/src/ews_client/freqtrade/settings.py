"""Where a bot asks, with what, and about which market. Pure, but for the token's file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

VENUES: Final = {
    ("binance", "spot"): "BINANCE",
    ("binance", "futures"): "BINANCE_USDM",
    ("okx", "spot"): "OKX",
    ("okx", "futures"): "OKX_USDM",
    ("kraken", "spot"): "KRAKEN",
}
"""freqtrade's exchange and trading mode → the venue whose list its pairs are of. freqtrade trades linear contracts."""

LONGEST_TIMEOUT: Final = 2.0
"""Seconds that one question may hold the bot's loop."""

_SETTINGS: Final = ("url", "token", "token_file", "venue", "fail", "stale_for", "timeout", "allow_http")
_ENVIRONMENT: Final = {
    "url": "EWS_URL",
    "token": "EWS_TOKEN",
    "token_file": "EWS_TOKEN_FILE",
    "venue": "EWS_VENUE",
    "fail": "EWS_FAIL",
    "allow_http": "EWS_ALLOW_HTTP",
}


def word(value: object) -> str:
    """A member of freqtrade's enumerations, or a text, as its text."""
    return str(getattr(value, "value", value) or "")


def venue_of(exchange: str, trading_mode: str, margin_mode: str = "") -> str:
    """The venue that a bot trades on. Raises ValueError where nobody can say which it is."""
    # In futures the margin mode (isolated or cross) changes nothing about the market; spot has none.
    mode = trading_mode or "spot"
    found = VENUES.get((exchange.lower(), mode)) if mode != "margin" else None
    if found is None:
        margin = f", margin_mode {margin_mode!r}" if margin_mode else ""
        known = ", ".join(f"{name} {market}" for name, market in VENUES)
        raise ValueError(
            f"the venue of exchange {exchange!r}, trading_mode {mode!r}{margin} is not known, expected one of {known}; "
            "or name it yourself: ews.venue, or EWS_VENUE"
        )
    return found


def some_pair(config: Mapping[str, Any]) -> str:
    """A pair to ask about where a bot's list is still empty, by its configuration."""
    stake = word(config.get("stake_currency")) or "USDT"
    return f"BTC/{stake}:{stake}" if word(config.get("trading_mode")) == "futures" else f"BTC/{stake}"


def chosen_venue(given: str, setting: str, exchange: str, trading_mode: str, margin_mode: str = "") -> str:
    """The venue that a bot trades on, or the one that was given where nobody can say. Raises ValueError.

    A given one that contradicts what the bot trades on is refused: it would be asked about another market's pairs.
    """
    if given != given.upper():
        raise ValueError(f"{setting} was {given!r}, expected one market in capitals, such as BINANCE_USDM")
    try:
        own = venue_of(exchange, trading_mode, margin_mode)
    except ValueError:
        if not given:
            raise
        return given
    if given not in ("", own):
        raise ValueError(f"{setting} was {given}, and the bot trades on {own}")
    return own


@dataclass(frozen=True)
class Settings:
    """What was chosen. `options` are arguments of `Client`."""

    url: str
    token: str = field(repr=False)
    venue: str
    options: Mapping[str, Any]

    @classmethod
    def chosen(cls, config: Mapping[str, Any], own: object, environment: Mapping[str, str]) -> Settings:
        """From the section `ews` of the bot's configuration, the strategy's attribute `ews`, and the environment.

        What stands first here wins, setting by setting. Raises ValueError with one message: thing, value, expected.
        """
        given: dict[str, Any] = {}
        for name, variable in _ENVIRONMENT.items():
            if environment.get(variable, "").strip():
                given[name] = environment[variable].strip()
        for where, section in (("the strategy's ews", own), ("ews of the configuration", config.get("ews"))):
            given |= _section(where, section)
        for name in ("url", "fail"):
            if not given.get(name):
                raise ValueError(f"ews.{name} was not set, expected {_EXPECTED[name]}")
        token, file = given.get("token"), given.get("token_file")
        if not token and file:
            token = secret_in(Path(str(file)), "ews.token_file")
        if not isinstance(token, str) or not token:
            raise ValueError(f"ews.token was not set, expected {_EXPECTED['token']}")
        timeout = given.get("timeout", 1.5)
        if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not 0 < timeout <= LONGEST_TIMEOUT:
            raise ValueError(
                f"ews.timeout was {timeout!r}, expected seconds between 0 and {LONGEST_TIMEOUT:g}: so long a question "
                "may hold the bot's loop"
            )
        options = {
            "fail": given["fail"],
            "timeout": float(timeout),
            "allow_http": given.get("allow_http") in (True, "1"),
        }
        if given.get("stale_for") is not None:
            options["stale_for"] = given["stale_for"]
        return cls(str(given["url"]), token, _venue(given.get("venue"), config), options)


_EXPECTED: Final = {
    "url": "the address of the web pages, http://127.0.0.1:8000: in the configuration, the strategy, or EWS_URL",
    "token": "a token of `manage.py apitoken`: EWS_TOKEN, or a file that holds it as ews.token_file",
    "fail": '"closed", "stale" or "open": what is answered when nobody answers; with "closed" nothing is opened then',
}


def _section(where: str, section: object) -> dict[str, Any]:
    if section is None:
        return {}
    if not isinstance(section, Mapping):
        raise ValueError(f"{where} was {type(section).__name__}, expected a section with {', '.join(_SETTINGS)}")
    if unknown := sorted(str(name) for name in section if name not in _SETTINGS):
        raise ValueError(f"{where} had {', '.join(unknown)}, expected only {', '.join(_SETTINGS)}")
    return {str(name): value for name, value in section.items() if value is not None}


def secret_in(path: Path, setting: str) -> str:
    """What stands in a file. Raises ValueError where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{setting} could not be read: {error}") from None


def _venue(given: object, config: Mapping[str, Any]) -> str:
    """A name that was given is for bots whose venue nobody knows: EWS_VENUE may be another bot's."""
    exchange = config.get("exchange")
    name = exchange.get("name") if isinstance(exchange, Mapping) else None
    return chosen_venue(
        str(given or ""),
        "ews.venue",
        str(name or ""),
        word(config.get("trading_mode")),
        word(config.get("margin_mode")),
    )
