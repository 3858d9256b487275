"""Processes to be killed at a chosen point.

`python -m tests.support.dispatcher_child` forks one for each line on its stdin.
Django is loaded once and a fork takes milliseconds, so that hundreds can be started and killed. A line is JSON:
{"role": dispatcher | worker | producer | naive, …}; the answer is the new process's id. A fault kills with SIGKILL.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NoReturn


def kill_myself() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise SystemExit("unreachable")


class Faulty:
    """A transport that ends its process around a delivery: `after_claim`, or `before_mark` with the answer in hand."""

    def __init__(self, inner: Any, fault: str) -> None:
        self._inner, self._fault = inner, fault
        self.name = inner.name
        # A channel without limits, so that the load is not held up.
        self.throttled = False

    def deliver(self, message: Any) -> Any:
        if self._fault == "after_claim":
            kill_myself()
        answer = self._inner.deliver(message)
        if self._fault == "before_mark":
            kill_myself()
        return answer

    def close(self) -> None:
        self._inner.close()


def transports(fault: str) -> Callable[..., Any]:
    from alerts.channels import transport_for

    return lambda *arguments: Faulty(transport_for(*arguments), fault)


def dispatcher(**_options: Any) -> None:
    """Both threads and LISTEN, as in the daemon."""
    from alerts.delivery.dispatcher import Dispatcher
    from crypto_ews.conf import get_config

    Dispatcher(get_config(), transports=transports("")).run(threading.Event())


def worker(channel: str, fault: str = "", **_options: Any) -> None:
    """One channel's worker alone."""
    from alerts.delivery.worker import ChannelWorker
    from alerts.receivers import configured_receivers
    from crypto_ews.conf import get_config
    from events import clock

    config = get_config()
    transport = transports(fault)(configured_receivers(config)[channel], config)
    one = ChannelWorker(channel, transport, config, clock.now)
    while True:
        if one.step().wait is not None:
            time.sleep(0.02)


def producer(key: str, fault: str = "", **_options: Any) -> None:
    """Records an event with its alert, as a cycle does, and again after a crash."""
    from django.db import transaction

    from events.drafts import EffectDraft, EventDraft
    from events.lifecycle import record

    draft = EventDraft(
        source="binance",
        category="delisting",
        natural_key=key,
        title=f"Removal {key}",
        effects=(EffectDraft("LUNA", scope="venue", venue="BINANCE", tickers=("BINANCE:LUNAUSDT",)),),
    )
    with transaction.atomic():
        record(draft, datetime.now(UTC))
        if fault == "before_commit":
            kill_myself()
    if fault == "after_commit":
        kill_myself()


def naive(channel: str, mark_first: bool = False, fault: str = "", **_options: Any) -> None:
    """What must be beaten: the oldest alert that is not sent is sent and marked, or marked and sent."""
    from alerts.channels import transport_for
    from alerts.delivery.loader import load_message
    from alerts.models import Alert
    from alerts.receivers import configured_receivers
    from crypto_ews.conf import get_config
    from events import clock

    config = get_config()
    transport = transport_for(configured_receivers(config)[channel], config)
    while True:
        alert = Alert.objects.filter(channel=channel, state="pending").order_by("id").first()
        if alert is None:
            time.sleep(0.02)
            continue
        mark = Alert.objects.filter(pk=alert.pk)
        if mark_first:
            mark.update(state="sent")
            if fault:
                kill_myself()
        transport.deliver(load_message(alert, config, clock.now(), False))
        if not mark_first:
            if fault:
                kill_myself()
            mark.update(state="sent")


ROLES: dict[str, Callable[..., None]] = {
    "dispatcher": dispatcher,
    "worker": worker,
    "producer": producer,
    "naive": naive,
}


def main() -> int:
    import django

    django.setup()
    # Loaded before the fork, for its speed.
    from django.db import connections

    import events.lifecycle  # noqa: F401

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    connections.close_all()
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            try:
                ROLES[order.pop("role")](**order)
            finally:
                # Nothing of the parent's is flushed or closed twice.
                os._exit(0)
        print(pid, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
