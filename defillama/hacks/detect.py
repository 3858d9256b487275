"""From DeFiLlama's rows to the draft of an event. Pure.

A hack is one name on one day. Several techniques, or a bridge among the targets, are rows and a field of the same hack,
not further events. Of 538 rows of ten years, (name, date) identifies 536 hacks, two of them with two techniques.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from defillama.hacks.client import HackRow
from defillama.hacks.networks import Targets, normal
from events.drafts import EffectDraft, EventDraft
from events.enums import AlertReason, Category, Priority, Stage
from events.facts import HackFacts
from markets.knowledge import MarketKnowledge
from markets.watch import WatchLists

SOURCE, KIND, KEY_PREFIX = "defillama", "hack", "defillama:hack:"
MINOR_BELOW_USD = 1_000_000
# An estimate that at least doubles alerts again as worse; smaller corrections are updates.
_WORSE_FACTOR = 2
_FIELDS = frozenset(item.name for item in fields(HackRow))


@dataclass(frozen=True)
class HackContext:
    """The context of a hack. page_url: the link of a card whose rows have none."""

    targets: Targets
    knowledge: MarketKnowledge
    watch: WatchLists
    page_url: str


@dataclass(frozen=True)
class Hack:
    """All rows of one name and day.

    amount_usd: the sum of the known amounts, None if none is known. complete: every row has an amount.
    """

    key: str
    name: str
    day: date
    rows: tuple[HackRow, ...]
    amount_usd: int | None
    complete: bool
    bridge_hack: bool
    chains: tuple[str, ...]

    @property
    def minor(self) -> bool:
        """Whether the amount is known and under a million US dollars."""
        return self.complete and self.amount_usd is not None and self.amount_usd < MINOR_BELOW_USD


def hack_key(name: str, day: date) -> str:
    """Natural key of a hack: name and day. name: up to 300 characters."""
    return f"{KEY_PREFIX}{day.isoformat()}:{normal(name)}"[:400]


def group_rows(rows: Iterable[HackRow]) -> dict[str, tuple[HackRow, ...]]:
    """Key → its rows, each once, in an order that does not depend on that of the list."""
    groups: dict[str, set[HackRow]] = {}
    for row in rows:
        groups.setdefault(hack_key(row.name, row.day), set()).add(row)
    return {key: tuple(sorted(groups[key], key=repr)) for key in sorted(groups)}


def hack_from_rows(rows: Sequence[HackRow], bridge_hack: bool = False) -> Hack:
    """The hack of the rows of one key, at least one. bridge_hack: another list reports that a bridge was hit."""
    first = rows[0]
    known = [row.amount_usd for row in rows if row.amount_usd is not None]
    return Hack(
        key=hack_key(first.name, first.day),
        name=first.name,
        day=first.day,
        rows=tuple(rows),
        amount_usd=sum(known) if known else None,
        complete=len(known) == len(rows),
        bridge_hack=bridge_hack or any(row.bridge_hack for row in rows),
        chains=tuple(sorted({chain for row in rows for chain in row.chains})),
    )


def is_too_old(day: date, now: datetime, look_back: timedelta) -> bool:
    """Whether a hack that is seen for the first time is too old to become an event. A day counts from its midnight."""
    return now - datetime.combine(day, time(), UTC) > look_back


def hack_draft(hack: Hack, context: HackContext, before: Hack | None = None) -> EventDraft:
    """The draft of a hack's event. before: the hack as it was recorded last, if it was.

    DeFiLlama gives no time of publication, so that the event expires by the time when it was first seen.
    """
    asset = context.knowledge.asset
    tokens, coins = (tuple(dict.fromkeys(map(asset, names))) for names in hit_tokens(hack, context.targets))
    hit = tuple(dict.fromkeys((*tokens, *coins)))
    of_chains = [(chain, context.targets.network_coin(chain)) for chain in hack.chains]
    known = [(chain, asset(coin) if coin else coin) for chain, coin in of_chains]
    watched = any(context.watch.currency(token) for token in hit)
    facts: HackFacts = {
        **_facts(hack),
        "own_tokens": list(tokens),
        "network_coins_hit": list(coins),
        "unknown_chains": [chain for chain, coin in known if coin is None],
    }
    return EventDraft(
        source=SOURCE,
        category=Category.BRIDGE_HACK if hack.bridge_hack else Category.HACK,
        natural_key=hack.key,
        title=_title(hack),
        kind=KIND,
        priority=Priority.HIGH if watched else Priority.LOW,
        effects=tuple(_effect(token, hack, context.knowledge) for token in hit),
        network_tokens=tuple(sorted({coin for _, coin in known if coin} - set(hit))),
        url=next((row.url for row in hack.rows if row.url.startswith(("https://", "http://"))), context.page_url),
        facts=facts,
        extra={
            "day": hack.day,
            "amount_usd": hack.amount_usd,
            "bridge_hack": hack.bridge_hack,
            "target_type": _joined(row.target_type for row in hack.rows)[:64],
            "technique": _joined(row.technique for row in hack.rows),
            "chains": list(hack.chains),
        },
        alert=AlertReason.WORSE if before and _is_worse(before, hack) else None,
    )


def hit_tokens(hack: Hack, targets: Targets) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The protocol's tokens; and the coin of the network, if the chain or its canonical bridge was hit."""
    identifiers = sorted({identifier for row in hack.rows for identifier in row.identifiers})
    tokens = targets.protocol_tokens(hack.name, identifiers)
    coins = targets.coins_hit(hack.name, {row.target_type for row in hack.rows}, hack.chains)
    return tokens, coins


def amount_text(amount_usd: int | None) -> str:
    """ "1.73 M USD", "624 M USD", "3.5 bn USD": three digits, which is as good as the estimates are."""
    if amount_usd is None:
        return "amount unknown"
    rounded = float(f"{amount_usd:.3g}")
    for size, unit in ((1e9, "bn "), (1e6, "M ")):
        if rounded >= size:
            return f"{rounded / size:.3g} {unit}USD"
    return f"{rounded:,.0f} USD"


def rows_as_json(rows: Iterable[HackRow]) -> list[dict[str, Any]]:
    """Rows as stored in the database; `rows_from_json` is the inverse."""
    return [
        {
            **{name: list(value) if isinstance(value, tuple) else value for name, value in vars(row).items()},
            "day": row.day.isoformat(),
        }
        for row in rows
    ]


def rows_from_json(items: Iterable[Mapping[str, Any]]) -> tuple[HackRow, ...]:
    return tuple(
        HackRow(
            **{
                **{name: value for name, value in item.items() if name in _FIELDS},
                "day": date.fromisoformat(item["day"]),
                "chains": tuple(item["chains"]),
                "identifiers": tuple(item["identifiers"]),
            }
        )
        for item in items
    )


def _effect(token: str, hack: Hack, knowledge: MarketKnowledge) -> EffectDraft:
    tickers = tuple(f"{row.venue}:{row.symbol}" for row in knowledge.live(token))
    return EffectDraft(token, tickers=tickers, stage=Stage.MINOR if hack.minor else None)


def _title(hack: Hack) -> str:
    what = "bridge hack" if hack.bridge_hack else "hack"
    least = "at least " if hack.amount_usd is not None and not hack.complete else ""
    return f"{hack.name}: {what}, {least}{amount_text(hack.amount_usd)}"


def _facts(hack: Hack) -> HackFacts:
    """The facts, the most important first: cards show only some."""
    returned = [row.returned_usd for row in hack.rows if row.returned_usd is not None]
    doubtful = [row.doubtful_amount for row in hack.rows if row.doubtful_amount is not None]
    facts: HackFacts = {
        "amount": amount_text(hack.amount_usd),
        "technique": _joined(row.technique for row in hack.rows),
        "networks": ", ".join(hack.chains),
        "day": hack.day.isoformat(),
        "classification": _joined(row.classification for row in hack.rows),
        "target": _joined(row.target_type for row in hack.rows),
        "amount_usd": hack.amount_usd,
        "amount_complete": hack.complete,
        "returned_usd": sum(returned) if returned else None,
        "bridge_hack": hack.bridge_hack,
        "chains": list(hack.chains),
        "techniques": [
            {"technique": row.technique, "classification": row.classification, "amount_usd": row.amount_usd}
            for row in hack.rows
        ],
    }
    if doubtful:
        facts["doubtful_amounts"] = doubtful
    return facts


def _joined(texts: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(text for text in texts if text))


def _is_worse(before: Hack, after: Hack) -> bool:
    if before.amount_usd is None or after.amount_usd is None:
        return False
    return after.amount_usd >= _WORSE_FACTOR * before.amount_usd
