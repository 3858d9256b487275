"""The configuration: one typed, frozen object, parsed once from the environment and `.env`.

Every variable is declared here or in the parts that `Config` is made of; `.env.example` is rendered from them.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from crypto_ews.conf.alerts import ALERTS, AlertVariables
from crypto_ews.conf.bots import BOTS, BotVariables
from crypto_ews.conf.core import CORE, DATABASE, CoreVariables
from crypto_ews.conf.drills import DRILLS, DrillVariables
from crypto_ews.conf.limits import LIMITS, LimitVariables
from crypto_ews.conf.misspelt import misspelt
from crypto_ews.conf.orderbooks import ORDER_BOOKS, OrderBookVariables
from crypto_ews.conf.pages import PageVariables
from crypto_ews.conf.trades import TRADES, TradeVariables
from crypto_ews.conf.upstreams import BINANCE, OTHER, UpstreamVariables
from crypto_ews.conf.values import ConfigurationFault
from crypto_ews.conf.variable import Variable
from crypto_ews.conf.watch import WATCH, WatchVariables

PROJECT_ROOT = Path(__file__).resolve().parents[2]


class ConfigurationError(Exception):
    """One or more variables have a value that cannot be used; `str()` lists all of them."""

    def __init__(self, faults: list[ConfigurationFault]) -> None:
        self.faults = faults
        lines = "\n".join(f"  {fault}" for fault in faults)
        count = "one fault" if len(faults) == 1 else f"{len(faults)} faults"
        super().__init__(f"The configuration has {count}:\n{lines}")


_GROUPS = (CORE, DATABASE, WATCH, LIMITS, BINANCE, OTHER, ORDER_BOOKS, TRADES, ALERTS, DRILLS, BOTS)


@dataclass(frozen=True)
class Config(
    CoreVariables,
    WatchVariables,
    LimitVariables,
    PageVariables,
    UpstreamVariables,
    OrderBookVariables,
    TradeVariables,
    AlertVariables,
    DrillVariables,
    BotVariables,
):
    """The validated configuration. Times are in the unit that the attribute's name ends with."""

    @property
    def request_deadline_seconds(self) -> float:
        """Total deadline of one request: the smaller of TIMEOUT and 8 s, as a source must not hang a cycle."""
        return min(self.timeout_seconds, 8.0)


def variables() -> list[tuple[str, Variable]]:
    """Every attribute of `Config` with its variable, in the order of `.env.example`."""
    declared_ones = [(item.name, item.metadata["variable"]) for item in fields(Config)]
    # Python lists the fields of the parts first.
    return sorted(declared_ones, key=lambda pair: _GROUPS.index(pair[1].group))


def parse_config(environment: Mapping[str, str], in_our_file: Collection[str] = ()) -> Config:
    """Read all variables from `environment`.

    An empty value counts as absent. Raises ConfigurationError that names every value that cannot be used, and every
    name that looks like one of ours misspelt. in_our_file: the names in `.env`.
    """
    faults: list[ConfigurationFault] = list(
        misspelt(environment, [variable for _, variable in variables()], in_our_file)
    )
    parsed: dict[str, Any] = {}
    for attribute, variable in variables():
        names = (variable.name, *variable.aliases)
        name = next((candidate for candidate in names if environment.get(candidate, "").strip()), None)
        raw = environment[name].strip() if name else variable.default
        try:
            parsed[attribute] = variable.parse(raw)
        except ValueError as error:
            shown = "(not shown)" if variable.secret else repr(raw)
            faults.append(ConfigurationFault(name or variable.name, shown, str(error)))
    if faults:
        raise ConfigurationError(faults)
    if not parsed["data_dir"].is_absolute():
        parsed["data_dir"] = PROJECT_ROOT / parsed["data_dir"]
    parsed["public_base_url"] = parsed["public_base_url"] or f"http://127.0.0.1:{parsed['port']}"
    config = Config(**parsed)
    if mismatches := [*config.alert_faults(), *config.bot_faults()]:
        raise ConfigurationError(mismatches)
    return config


_instead: list[Config] = []


@cache
def get_config() -> Config:
    """The real environment over `.env`, or over the file that EWS_ENV_FILE names (empty: none); parsed once."""
    if _instead:
        return _instead[0]
    from dotenv import dotenv_values

    env_file = os.environ.get("EWS_ENV_FILE", str(PROJECT_ROOT / ".env"))
    if env_file and "EWS_ENV_FILE" in os.environ and not Path(env_file).is_file():
        raise ConfigurationError([ConfigurationFault("EWS_ENV_FILE", repr(env_file), "a file that exists, or empty")])
    from_file = {key: value or "" for key, value in dotenv_values(env_file).items()} if env_file else {}
    return parse_config({**from_file, **os.environ}, in_our_file=from_file)


def use_port(port: int) -> None:
    """The web pages are served on `port`, whatever PORT says: links lead there unless PUBLIC_BASE_URL names a place."""
    os.environ["PORT"] = str(port)
    get_config.cache_clear()


def use_config(config: Config) -> None:
    """From now on this process has `config`, whatever its environment says: a drill has another one than the daemon."""
    _instead[:] = [config]
    get_config.cache_clear()
