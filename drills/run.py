"""One drill from the empty database to the report."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Event as StopFlag
from threading import Thread
from typing import Any

from django.core.management import call_command
from django.db import connections, transaction
from django.db.models.signals import post_save
from django.utils import timezone

from alerts.delivery.dispatcher import Dispatcher
from alerts.models import Acknowledgement
from alerts.outbox import queue_notice
from alerts.receiver import Receiver
from crypto_ews.conf import Config, use_config
from drills.bot import DrillBot
from drills.conductor import Conductor
from drills.crises.crisis import Crisis
from drills.crisis_clock import CrisisClock, prepare_database
from drills.database import drill_database, mark_rows
from drills.page import served, settings_of_drill
from drills.receiver import CHANNEL, Mailbox, routed
from drills.report import DrillReport, report_of, summary
from drills.upstreams.server import CrisisServer
from drills.upstreams.world import World
from events import clock
from events.enums import AlertReason, Status
from events.lifecycle.manual import close_event
from events.models import plain_events
from events.replay.database import default_connection_to
from events.upstream import rate_limit

_KEEPS_INCIDENTS = frozenset({"pagerduty", "opsgenie"})


@dataclass(frozen=True)
class Order:
    """What is asked for. receiver: None for the console. wait_seconds: real, after the crisis, for acknowledgements.

    lasts: play no more than the beginning of the crisis; None for all of it.
    """

    crisis: Crisis
    speed: float
    receiver: Receiver | None
    serve: tuple[str, int]
    base_url: str = ""
    wait_seconds: float = 0.0
    lasts: timedelta | None = None


def run_drill(config: Config, order: Order, stop: StopFlag, report_progress: Callable[[str], object]) -> DrillReport:
    """Play the crisis in a database of its own. `stop` ends it early, with a report of what was played.

    Raises DrillDatabaseError; OSError where the pages cannot be served.
    """
    started = time.monotonic()
    with ExitStack() as stack:
        url = stack.enter_context(drill_database(config))
        crisis_clock = CrisisClock(timezone.now(), order.speed)
        server = stack.enter_context(CrisisServer(crisis_clock.now))
        world = World(server, crisis_clock.now)
        stack.enter_context(settings_of_drill())
        base_url = stack.enter_context(served(*order.serve, order.base_url))
        drill_config = _configured(world.configuration(config), url, base_url, order)
        stack.enter_context(default_connection_to(drill_config))
        stack.callback(clock.install, clock.installed())
        stack.callback(use_config, config)
        use_config(drill_config)
        prepare_database()
        call_command("migrate", verbosity=0, interactive=False)
        mark_rows(order.crisis.name)
        crisis_clock.install()
        stack.callback(rate_limit.count_by)
        rate_limit.count_by(crisis_clock.seconds)
        report_progress(
            f"the database is ready after {time.monotonic() - started:.1f} s; links of cards lead to {base_url}"
        )
        return _played(drill_config, order, world, crisis_clock, stop, started)


def _configured(config: Config, url: str, base_url: str, order: Order) -> Config:
    """The thresholds, intervals and rules of the production; nothing that leads out of the drill but its receiver."""
    watched = order.crisis.watched
    config = replace(
        config,
        database_url=url,
        public_base_url=base_url,
        spot_currencies=tuple(dict.fromkeys((*config.spot_currencies, *watched))),
        usdm_currencies=tuple(dict.fromkeys((*config.usdm_currencies, *watched))),
        stablecoins=tuple(dict.fromkeys((*config.stablecoins, *order.crisis.stablecoins))),
        canary_at="",
        drill_at="",
        dead_man_ping_url=None,
        positions_on=(),
        # Both ask for an answer within hours of the crisis, which pass in seconds.
        escalate_to="",
        repeat_hours=(),
    )
    return routed(config, order.receiver)


def _played(
    config: Config, order: Order, world: World, crisis_clock: CrisisClock, stop: StopFlag, started: float
) -> DrillReport:
    crisis, now = order.crisis, crisis_clock.now
    mailbox = Mailbox(crisis.name, now, order.receiver)
    bot = DrillBot(crisis.pairs, now)
    crisis.prepare(world, now())
    lasts = min(crisis.lasts, order.lasts or crisis.lasts)
    conductor = Conductor(config, crisis, lasts, world, crisis_clock, bot, mailbox, stop)
    acknowledged: dict[int, float] = {}

    def note(instance: Acknowledgement, **_: Any) -> None:
        # Only what is committed can be read by whoever writes the report.
        at = time.monotonic()
        transaction.on_commit(lambda: acknowledged.setdefault(instance.event_id, at))

    halt = StopFlag()
    dispatcher = Thread(
        target=Dispatcher(config, now, mailbox.transports).run, args=(halt,), name="drill dispatcher", daemon=True
    )
    post_save.connect(note, sender=Acknowledgement)
    dispatcher.start()
    try:
        conductor.play()
        ends = now()
        _wait_for_people(mailbox, acknowledged, order.wait_seconds, stop)
        report = report_of(
            crisis,
            conductor.happened,
            bot,
            mailbox.cards,
            acknowledged,
            ends=ends,
            real_seconds=time.monotonic() - started,
            receiver=order.receiver.channel if order.receiver else "the console",
            not_accepted=mailbox.failed,
            failures=conductor.failures,
            aborted="It was stopped before its end." if stop.is_set() else "",
        )
        if order.receiver is not None and mailbox.cards:
            _end_for(order.receiver, report, now())
            conductor.deliver()
        return report
    finally:
        halt.set()
        dispatcher.join(8)
        post_save.disconnect(note, sender=Acknowledgement)
        connections.close_all()


def _end_for(receiver: Receiver, report: DrillReport, now: datetime) -> None:
    """Tell the receiver that the drill is over. Who pages people keeps incidents, which end with their events."""
    if receiver.kind in _KEEPS_INCIDENTS:
        for event_id in plain_events().filter(status=Status.OPEN).values_list("pk", flat=True):
            close_event(event_id, now, by="the drill", reason="the drill is over")
        return
    times = summary(report)
    text = f"To the alert: {times.alert}. To acknowledge: {times.acknowledge}. To bots blocked: {times.block}. "
    queue_notice(
        [CHANNEL],
        AlertReason.CLOSED,
        f"DRILL · {report.crisis.name} is over",
        f"{text}Nothing of it has happened; the links of its cards lead nowhere any more.",
        True,
        now,
    )


def _wait_for_people(mailbox: Mailbox, acknowledged: dict[int, float], seconds: float, stop: StopFlag) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and not acknowledged and mailbox.cards and not stop.wait(0.1):
        pass
