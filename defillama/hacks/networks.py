"""The coin of a network, and the tokens that a hack puts at risk: look-ups in the maintained tables. Pure.

Names are compared in full, without case and white space, never by prefix: "Blur Finance" is not Blur, and
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
# Values of DeFiLlama's `targetType` for a chain itself.
_CHAIN_TARGETS = frozenset({"chain", "blockchain", "network", "layer 1", "layer 2", "l1", "l2", "rollup", "sidechain"})
_EXCHANGE_TARGETS = frozenset({"cex", "exchange"})


@dataclass(frozen=True)
class NetworkRow:
    """A network. names: as DeFiLlama writes them, main one first. coin: "" if it has none. bridges: canonical ones."""

    names: tuple[str, ...]
    coin: str
    bridges: tuple[str, ...] = ()


@dataclass(frozen=True)
class ProtocolRow:
    """A protocol. names: its names and DeFiLlama's identifiers of it. tokens: the protocol's."""

    names: tuple[str, ...]
    tokens: tuple[str, ...]


def normal(name: str) -> str:
    """A name as it is compared: case-folded, single spaces."""
    return " ".join(name.split()).casefold()


@dataclass(frozen=True)
class Targets:
    """The tables as look-ups. Build with `targets_of`."""

    coins: Mapping[str, str] = field(default_factory=dict)
    bridges: Mapping[str, str] = field(default_factory=dict)
    protocols: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def network_coin(self, chain: str) -> str | None:
        """The coin of a network, "" if it has none, None if the network is unknown."""
        return self.coins.get(normal(chain))

    def protocol_tokens(self, name: str, identifiers: Iterable[str] = ()) -> tuple[str, ...]:
        """The protocol's tokens: by its name, by DeFiLlama's identifiers, by its name without version."""
        plain = normal(name)
        for candidate in (plain, *map(normal, identifiers), _VERSION.sub("", plain)):
            if candidate in self.protocols:
                return self.protocols[candidate]
        return ()

    def coins_hit(self, name: str, target_types: Iterable[str], chains: Iterable[str]) -> tuple[str, ...]:
        """The coin of the network that was hit itself, at most one.

        A network is hit if the target has the name of the network or of one of its canonical bridges, or if the target
        is a chain and its name contains that of a listed chain. The listed chains are where the money was; they are not
        targets by themselves: most thefts on Ethereum are no fault of Ethereum's.
        """
        plain, targets = normal(name), {normal(target) for target in target_types}
        if targets & _EXCHANGE_TARGETS:
            return ()
        coin = self.bridges.get(plain) or self.coins.get(plain)
        if coin is None and targets & _CHAIN_TARGETS:
            coin = next(
                (self.network_coin(chain) for chain in sorted(chains) if _contains_words(plain, normal(chain))), None
            )
        return (coin,) if coin else ()


def _contains_words(text: str, words: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(words)}(?![\w-])", text) is not None


def targets_of(networks: Iterable[NetworkRow], protocols: Iterable[ProtocolRow]) -> Targets:
    """The tables as look-ups. Of two rows with one name the first is used."""
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
    """The shipped tables, for callers without a database."""
    return targets_of(shipped_networks(), shipped_protocols())


def _lines(file_name: str) -> list[tuple[str, str]]:
    lines = (DATA / file_name).read_text(encoding="utf-8").splitlines()
    parts = [line.partition(" = ") for line in lines if line.strip() and not line.startswith("#")]
    return [(names, rest) for names, _, rest in parts]


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(" | "))
