"""Which coin a network has, and whose loss a hack is: pure look-ups in the maintained tables.

Names are compared whole (case and white space aside), never by their beginning: "Blur Finance" is not Blur, and
"Verus-Ethereum Bridge" is no bridge of Ethereum's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "data"

_VERSION = re.compile(r"\s+v\d+(?:\.\d+)*$")
# What DeFiLlama's `targetType` says of a chain itself.
_CHAIN_TARGETS = frozenset({"chain", "blockchain", "network", "layer 1", "layer 2", "l1", "l2", "rollup", "sidechain"})
_EXCHANGE_TARGETS = frozenset({"cex", "exchange"})


@dataclass(frozen=True)
class NetworkRow:
    """A network: its names as DeFiLlama writes them, the first one its own; its coin ("": none); canonical bridges."""

    names: tuple[str, ...]
    coin: str
    bridges: tuple[str, ...] = ()


@dataclass(frozen=True)
class ProtocolRow:
    """A protocol: its names and DeFiLlama's identifiers of it, and its own tokens."""

    names: tuple[str, ...]
    tokens: tuple[str, ...]


def normal(name: str) -> str:
    """A name as it is compared: one case, single spaces."""
    return " ".join(name.split()).casefold()


@dataclass(frozen=True)
class Targets:
    """The tables, ready to be asked. Build with `targets_of`."""

    coins: Mapping[str, str] = field(default_factory=dict)
    bridges: Mapping[str, str] = field(default_factory=dict)
    protocols: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def network_coin(self, chain: str) -> str | None:
        """The coin of a network; "" for one without; None for an unknown one."""
        return self.coins.get(normal(chain))

    def protocol_tokens(self, name: str, identifiers: Iterable[str] = ()) -> tuple[str, ...]:
        """The protocol's own tokens: by its name, by what DeFiLlama calls its family, by its name without version."""
        plain = normal(name)
        for candidate in (plain, *map(normal, identifiers), _VERSION.sub("", plain)):
            if candidate in self.protocols:
                return self.protocols[candidate]
        return ()

    def coins_hit(self, name: str, target_types: Iterable[str], chains: Iterable[str]) -> tuple[str, ...]:
        """The coin of the network that was hit itself, at most one.

        It is hit when the thing hit is called as the network or as one of its canonical bridges is, or when the target
        is said to be a chain and its name holds that of a chain listed beside it. The chains listed say where the
        money lay, and alone make none of them the target: most thefts on Ethereum are no fault of Ethereum's.
        """
        plain, targets = normal(name), {normal(target) for target in target_types}
        if targets & _EXCHANGE_TARGETS:
            return ()
        coin = self.bridges.get(plain) or self.coins.get(plain)
        if coin is None and targets & _CHAIN_TARGETS:
            coin = next(
                (self.network_coin(chain) for chain in sorted(chains) if _holds_words(plain, normal(chain))), None
            )
        return (coin,) if coin else ()


def _holds_words(text: str, words: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(words)}(?![\w-])", text) is not None


def targets_of(networks: Iterable[NetworkRow], protocols: Iterable[ProtocolRow]) -> Targets:
    """The tables as look-ups. Of two rows with one name the first holds."""
    coins: dict[str, str] = {}
    bridges: dict[str, str] = {}
    tokens: dict[str, tuple[str, ...]] = {}
    for network in networks:
        for name in network.names:
            coins.setdefault(normal(name), network.coin)
        for name in network.bridges:
            bridges.setdefault(normal(name), network.coin)
    for protocol in protocols:
        for name in protocol.names:
            tokens.setdefault(normal(name), protocol.tokens)
    return Targets(coins, bridges, tokens)


@cache
def shipped_networks() -> tuple[NetworkRow, ...]:
    rows = []
    for names, rest in _lines("networks.txt"):
        coin, _, bridges = rest.partition(" ; ")
        rows.append(NetworkRow(_names(names), coin.strip().strip("-"), _names(bridges) if bridges else ()))
    return tuple(rows)


@cache
def shipped_protocols() -> tuple[ProtocolRow, ...]:
    return tuple(ProtocolRow(_names(names), tuple(rest.split())) for names, rest in _lines("protocols.txt"))


@cache
def shipped_targets() -> Targets:
    """The tables as shipped, for what runs without a database."""
    return targets_of(shipped_networks(), shipped_protocols())


def _lines(file_name: str) -> list[tuple[str, str]]:
    lines = (DATA / file_name).read_text(encoding="utf-8").splitlines()
    parts = [line.partition(" = ") for line in lines if line.strip() and not line.startswith("#")]
    return [(names, rest) for names, _, rest in parts]


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(" | "))
