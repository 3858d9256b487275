"""Parsers of single configuration values: text in, typed value out, ValueError saying what is expected."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from urllib.parse import SplitResult, urlsplit

from crypto_ews.conf.token_names import WrongName, currency_name

_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


@dataclass(frozen=True)
class ConfigurationFault:
    """A variable, the value it has (already masked where secret) and what was expected."""

    name: str
    value: str
    expected: str

    def __str__(self) -> str:
        return f"{self.name} was {self.value}, expected {self.expected}"


def text(raw: str) -> str:
    return raw


def optional_secret_key(raw: str) -> str:
    """Empty, or a key that cannot be guessed. Django itself warns below 50 characters or 5 different ones."""
    if raw and (len(raw) < 50 or len(set(raw)) < 5):
        raise ValueError(
            f"50 or more random characters (these are {len(raw)}, {len(set(raw))} of them different), or empty for one "
            "that is made and kept"
        )
    return raw


def path(raw: str) -> Path:
    if "\0" in raw:
        raise ValueError("the path of a folder")
    return Path(raw).expanduser()


def port(raw: str) -> int:
    if not raw.isascii() or not raw.isdigit() or not 0 < int(raw) < 65536:
        raise ValueError("a port number from 1 to 65535")
    return int(raw)


def boolean(raw: str) -> bool:
    lowered = raw.lower()
    if lowered not in _TRUE | _FALSE:
        raise ValueError("true or false")
    return lowered in _TRUE


def _number(raw: str) -> float:
    try:
        number = float(raw)
    except ValueError:
        raise ValueError("a number") from None
    if not math.isfinite(number):
        raise ValueError("a finite number")
    return number


def positive_number(raw: str) -> float:
    number = _number(raw)
    if number <= 0:
        raise ValueError("a number greater than 0")
    return number


def positive_integer(raw: str) -> int:
    if not raw.strip().isdecimal() or not int(raw):
        raise ValueError("a whole number greater than 0")
    return int(raw)


def interval_minutes(raw: str) -> float:
    """Minutes between two runs: at least a second, at most a week."""
    number = _number(raw)
    if not 1 / 60 <= number <= 7 * 24 * 60:
        raise ValueError("minutes between 0.0167 (one second) and 10080 (one week)")
    return number


def hours(raw: str) -> tuple[float, ...]:
    """Spans in hours, shortest first, separated by spaces or commas; 0 alone: none."""
    spans = [_number(item) for item in re.split(r"[,\s]+", raw) if item]
    if spans == [0]:
        return ()
    if not spans or not all(0 < span <= 24 * 365 for span in spans):
        raise ValueError("hours greater than 0 and at most a year, separated by spaces, or 0 for none")
    return tuple(sorted(set(spans)))


def percent(raw: str) -> float:
    number = _number(raw)
    if not 0 < number < 100:
        raise ValueError("a percentage between 0 and 100")
    return number


def _is_url(raw: str, schemes: set[str]) -> bool:
    try:
        parts = urlsplit(raw)
        usable = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    return usable and not re.search(r"\s", raw)


def http_url(raw: str) -> str:
    if not _is_url(raw, {"http", "https"}):
        raise ValueError("an http:// or https:// URL")
    return raw


def websocket_url(raw: str) -> str:
    if not _is_url(raw, {"ws", "wss"}):
        raise ValueError("a ws:// or wss:// URL")
    return raw


def optional_http_url(raw: str) -> str | None:
    return http_url(raw) if raw else None


def optional_postgres_url(raw: str) -> str | None:
    if not raw:
        return None
    expected = "postgresql://user:password@host:port/name, or empty for the embedded database"
    try:
        parts = urlsplit(raw)
        usable = parts.scheme in {"postgres", "postgresql"} and len(parts.path) > 1 and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ValueError(expected)
    return raw


def server_parts(raw: str, ports: Mapping[str, int], expected: str) -> tuple[SplitResult, int]:
    """The parts of `scheme://user:password@host:port`, and the port: the usual one of its scheme where none is given.

    ports: scheme → its usual port. Raises ValueError, which says what is expected.
    """
    try:
        parts = urlsplit(raw)
        port = parts.port
    except ValueError:
        raise ValueError(expected) from None
    if parts.scheme not in ports or not parts.hostname or port == 0 or parts.path not in ("", "/"):
        raise ValueError(expected)
    return parts, port or ports[parts.scheme]


def whale_score(raw: str) -> int:
    if raw not in {"1", "2", "3", "4", "5", "6"}:
        raise ValueError("a whole number from 1 to 6")
    return int(raw)


def size_model(raw: str) -> str:
    model = raw.lower()
    if model not in {"lognormal", "robust"}:
        raise ValueError("lognormal or robust")
    return model


def trade_pairs(raw: str) -> str:
    pairs = raw.lower()
    if pairs not in {"watched", "all"}:
        raise ValueError("watched or all")
    return pairs


def log_level(raw: str) -> str:
    level = raw.upper()
    if level not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise ValueError("DEBUG, INFO, WARNING or ERROR")
    return level


def names(raw: str) -> tuple[str, ...]:
    """A JSON list of texts, or texts separated by commas or spaces; order kept, repeats dropped.

    Two commas with nothing between them are refused: something may be missing there.
    """
    if raw.startswith("[") and not raw.startswith("[::"):
        try:
            items = json.loads(raw)
        except json.JSONDecodeError as error:
            raise ValueError(f"a JSON list, or names separated by commas or spaces ({error.msg})") from None
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            raise ValueError("a JSON list of texts, or names separated by commas or spaces")
    else:
        if re.search(r"^\s*,|,\s*,", raw):
            raise ValueError(
                "names separated by one comma or by spaces, such as BTC, ETH (a comma has nothing before it)"
            )
        if ";" in raw:
            raise ValueError("names separated by commas or spaces, such as BTC, ETH (not by semicolons)")
        items = re.split(r"[,\s]+", raw)
    return tuple(dict.fromkeys(item.strip() for item in items if item.strip()))


def host_names(raw: str) -> tuple[str, ...]:
    """Names as Django's ALLOWED_HOSTS takes them: no scheme, port or path, perhaps a leading dot or `*` alone."""
    hosts = names(raw)
    for host in hosts:
        if not re.fullmatch(r"\*|\.?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?|\[[0-9A-Fa-f:.]+\]", host):
            raise ValueError(
                f"host names such as ews.example.com, without scheme, port or path (could not use {host!r})"
            )
    return hosts


def some_of(known: Collection[str]) -> Callable[[str], tuple[str, ...]]:
    """A parser of lists whose members are in `known`; upper case."""

    def parse(raw: str) -> tuple[str, ...]:
        chosen = tuple(dict.fromkeys(name.upper() for name in names(raw)))
        for name in chosen:
            if name not in known:
                raise ValueError(f"some of {', '.join(known)} (could not use {name!r})")
        return chosen

    return parse


def currencies(raw: str) -> tuple[str, ...]:
    """Names of currencies, upper case. What they mean depends on the day, and is resolved where they are used."""
    return _currencies(names(raw))


def stablecoins(raw: str) -> tuple[str, ...]:
    """The same; a stablecoin's name may end like a quote asset."""
    return _currencies(names(raw), stablecoin=True)


def _currencies(typed: Iterable[str], stablecoin: bool = False) -> tuple[str, ...]:
    """Each name once. All wrong ones are named together, so that a list is corrected in one go."""
    found: dict[str, None] = {}
    wrong: list[str] = []
    for name in typed:
        try:
            found[currency_name(name, stablecoin=stablecoin)] = None
        except WrongName as error:
            wrong.append(str(error))
    if wrong:
        raise ValueError(f"currency tickers such as BTC ({'; '.join(wrong)})")
    return tuple(found)


def name_map(raw: str) -> Mapping[str, str]:
    """Ticker → CoinMarketCap slug."""
    expected = "a JSON object, or TICKER:slug pairs separated by commas"
    if raw.startswith("{"):
        try:
            pairs = json.loads(raw)
        except json.JSONDecodeError as error:
            raise ValueError(f"{expected} ({error.msg})") from None
        if not isinstance(pairs, dict) or not all(isinstance(slug, str) for slug in pairs.values()):
            raise ValueError(f"{expected} (slugs must be texts)")
    else:
        pairs = {}
        for item in filter(None, (part.strip() for part in raw.split(","))):
            ticker, colon, slug = item.partition(":")
            if not colon or not ticker.strip() or not slug.strip():
                raise ValueError(f"{expected} (could not use {item!r})")
            pairs[ticker.strip()] = slug.strip()
    _currencies(pairs)
    return MappingProxyType({currency_name(ticker): slug for ticker, slug in pairs.items()})


_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def _age(raw: str) -> timedelta | None:
    try:
        bound = timedelta(**{_UNITS[raw[-1:].lower()]: float(raw[:-1])})
    except (KeyError, ValueError, OverflowError):
        return None
    return bound if bound > timedelta(0) else None


def age(raw: str) -> timedelta:
    """ "24h", "90m", "2d"."""
    bound = _age(raw.strip())
    if bound is None:
        raise ValueError("an age in m, h or d, such as 24h")
    return bound


def ages(raw: str) -> Mapping[str, timedelta]:
    """Source, or source/list → an age: "binance.announcements:5d, defillama.stablecoins:90m"."""
    expected = "SOURCE:AGE pairs separated by commas, an age in m, h or d (binance.announcements/news:5d)"
    bounds: dict[str, timedelta] = {}
    for item in filter(None, (part.strip() for part in raw.split(","))):
        source, colon, age = (part.strip() for part in item.partition(":"))
        bound = _age(age)
        if not colon or not source or bound is None:
            raise ValueError(f"{expected} (could not use {item!r})")
        bounds[source.lower()] = bound
    return MappingProxyType(bounds)
