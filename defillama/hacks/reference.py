"""The tables of networks and protocols in the database: the shipped rows, with the admins' changes."""

from __future__ import annotations

from typing import Any

from defillama.hacks.models import Network, Origin, ProtocolToken
from defillama.hacks.networks import NetworkRow, ProtocolRow, Targets, shipped_networks, shipped_protocols, targets_of


def load_reference_data(**_signal: Any) -> None:
    """Add the shipped rows that are absent. Receiver of `post_migrate`; idempotent."""
    Network.objects.bulk_create(
        [
            Network(
                name=row.names[0],
                aliases=list(row.names[1:]),
                coin=row.coin,
                canonical_bridges=list(row.bridges),
                origin=Origin.SHIPPED,
            )
            for row in shipped_networks()
        ],
        ignore_conflicts=True,
    )
    ProtocolToken.objects.bulk_create(
        [
            ProtocolToken(
                name=row.names[0], aliases=list(row.names[1:]), tokens=list(row.tokens), origin=Origin.SHIPPED
            )
            for row in shipped_protocols()
        ],
        ignore_conflicts=True,
    )


def load_targets() -> Targets:
    """The tables as stored. An admin's row overrides a shipped one of the same name."""
    # "admin" sorts before "shipped", and of two rows with one name the first is used.
    networks = Network.objects.order_by("origin", "name").values_list("name", "aliases", "coin", "canonical_bridges")
    protocols = ProtocolToken.objects.order_by("origin", "name").values_list("name", "aliases", "tokens")
    return targets_of(
        [NetworkRow((name, *aliases), coin, tuple(bridges)) for name, aliases, coin, bridges in networks],
        [ProtocolRow((name, *aliases), tuple(tokens)) for name, aliases, tokens in protocols],
    )
