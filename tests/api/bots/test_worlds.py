"""Random worlds, one commit after the other: the lists say of every live pair what `can_trade` says, and never more."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.utils import timezone

from api.bots import tradable as module
from api.bots.tradable import Tradable, VenuePairs
from events.models import Effect, Event
from tests.api.bots.support import serving, written
from tests.trade.oracle import World, _event, random_world
from tests.trade.worlds import _write_event, write

VENUES = ("BINANCE", "BINANCE_MARGIN", "BINANCE_USDM", "BINANCE_COINM", "OKX", "OKX_USDM", "KRAKEN")
WORLDS = int(os.environ.get("EWS_WORLDS", "4"))
Answers = dict[tuple[str, str], tuple[bool, bool, str, str]]


def asked() -> Answers:
    """What `can_trade` says of every live pair."""
    pairs = [(venue, symbol) for venue in VENUES for symbol in live(venue)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT n, may_open, may_close, action, status FROM can_trade_many(%s, %s)",
            [[venue for venue, _ in pairs], [symbol for _, symbol in pairs]],
        )
        return {pairs[row[0] - 1]: tuple(row[1:]) for row in cursor.fetchall()}


def live(venue: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT symbol FROM markets_instrument WHERE venue = %s AND live", [venue.replace("_MARGIN", "")]
        )
        return [row[0] for row in cursor.fetchall()]


async def listed(tradable: Tradable) -> Answers:
    found: Answers = {}
    for venue in VENUES:
        for one, verdict in (await tradable.of(venue)).pairs():
            found[venue, one.symbol] = (*verdict,)
    return found


def known(answers: Answers) -> Answers:
    """Of a pair about which nothing is known, a list has no more than that."""
    return {pair: answer if answer[3] != "unknown" else (False, True, "none", "unknown")
            for pair, answer in answers.items()}  # fmt: skip


def opened(answers: Answers) -> set[tuple[str, str]]:
    return {pair for pair, answer in answers.items() if answer[0]}


async def agree(tradable: Tradable, seconds: float, what: str) -> Answers:
    ends = time.monotonic() + seconds
    while True:
        before, lists, after = await written(asked), await listed(tradable), await written(asked)
        if before == after and known(after) == known(lists):
            return after
        wrong = {pair: (after.get(pair), lists.get(pair)) for pair in after.keys() | lists.keys()
                 if known(after).get(pair) != known(lists).get(pair)}  # fmt: skip
        assert time.monotonic() < ends, f"{what}: can_trade, list: {wrong}"
        await asyncio.sleep(0.02)


def change(world: World, chance: random.Random) -> Callable[[], str]:
    """One commit that opens, closes, changes or replaces events."""
    what = chance.choice(
        ("open", "open", "close", "reopen", "swap", "category", "priority", "action", "remove", "many")
    )

    def commit() -> str:
        with transaction.atomic():
            rows = list(Event.objects.filter(status="open").order_by("pk"))
            one = chance.choice(rows) if rows else None
            if what in ("close", "reopen", "swap", "many") and one is not None:
                for row in rows if what == "many" else [one]:
                    row.status, row.closed_at = "closed", timezone.now()
                    row.save(update_fields=["status", "closed_at"])
            if what == "reopen" and one is not None:
                one.status, one.closed_at = "open", None
                one.save(update_fields=["status", "closed_at"])
            if what in ("open", "swap", "many") or one is None:
                for _ in range(30 if what == "many" else 1):
                    event = _event(chance, world.instruments, sorted({i.venue for i in world.instruments}), world.now)
                    event.open = True
                    world.events.append(event)  # its address is its key
                    _write_event(event, timezone.now(), Event, Effect)
            elif what == "category":
                Event.objects.filter(pk=one.pk).update(category=chance.choice(("wallet_suspension", "hack", "depeg")))
            elif what == "priority":
                Event.objects.filter(pk=one.pk).update(priority=chance.choice(("high", "low")))
            elif what == "action":
                one.effects.update(action=chance.choice(("watch", "exit", "avoid_new")))
            elif what == "remove":
                one.effects.all().delete()
        return what

    return commit


@pytest.mark.long
def test_lists_say_what_can_trade_says_in_random_worlds(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each world replaces all tables; then come commits about events alone, which are followed by what they touch."""
    monkeypatch.setattr(module, "_LISTS_SECONDS", 0.1)
    monkeypatch.setattr(module, "_SOON_SECONDS", 0.1)
    seed = int(os.environ.get("EWS_WORLDS_SEED", "1"))

    async def scenario() -> None:
        async with serving() as (_, tradable):
            heard: list[VenuePairs] = []
            for venue in VENUES:
                tradable.subscribe(venue, heard.append)
            for number in range(seed, seed + WORLDS):
                chance = random.Random(number)

                def renew(chance: random.Random = chance) -> World:
                    with transaction.atomic():
                        world = random_world(chance, timezone.now())
                        for source in world.sources:
                            # No pair may change by time alone while it is compared.
                            source.answered = 1.0 if source.answered in (140.0, 60.0) else source.answered
                        world.heartbeat = chance.choice((0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 16.0, None))
                        world.refreshed = 0.0
                        write(world)
                        return world

                world = await written(renew)
                before = await agree(tradable, 5, f"world {number}")
                if world.heartbeat != 0.0 and world.heartbeat != 1.0:
                    continue
                for turn in range(4):
                    heard.clear()
                    what = await written(change(world, chance))
                    after = await agree(tradable, 2.5, f"world {number}, {turn}: {what}")
                    may = opened(before) | opened(after)
                    for said in heard:
                        told = {(said.venue, symbol) for symbol, verdict in said.verdicts.items() if verdict.may_open}
                        assert told <= may, (number, turn, what, told - may)
                    before = after

    asyncio.run(scenario())
