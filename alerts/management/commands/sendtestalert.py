"""`manage.py sendtestalert [CHANNEL…]`: sends a test card through the real delivery path."""

from __future__ import annotations

import threading
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, connections, transaction

from alerts import outbox
from alerts.channels import transport_for
from alerts.delivery.claims import Wait
from alerts.delivery.worker import ChannelWorker
from alerts.models import Alert, AlertAttempt
from alerts.receiver import Receiver
from alerts.receivers import all_receivers
from crypto_ews.conf import Config, get_config
from events import clock

WAIT_SECONDS = 15.0
_LOOK_AGAIN_SECONDS = 0.1
_OPEN = (Alert.State.PENDING, Alert.State.SENDING)


class Command(BaseCommand):
    help = "Send a test card to each named channel (to all if none is named) and print the results."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("channels", nargs="*", metavar="CHANNEL")

    def handle(self, *args: Any, **options: Any) -> None:
        config = get_config()
        known = all_receivers(config)
        unknown = [name for name in options["channels"] if name not in known]
        if unknown:
            self.stderr.write(f"unknown channel {', '.join(unknown)}; expected one of {', '.join(known)}")
            raise SystemExit(2)
        channels = list(dict.fromkeys(options["channels"])) or list(known)
        results = dict.fromkeys(channels, (False, "not sent: its thread ended early"))
        threads = [threading.Thread(target=_test_into, args=(results, known[channel], config)) for channel in channels]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for channel in channels:
            self.stdout.write(f"{channel}: {results[channel][1]}")
        if not all(accepted for accepted, _ in results.values()):
            raise SystemExit(1)


def _test_into(results: dict[str, tuple[bool, str]], receiver: Receiver, config: Config) -> None:
    try:
        results[receiver.channel] = test_channel(receiver, config, WAIT_SECONDS)
    except DatabaseError as error:
        results[receiver.channel] = (False, f"not sent, the database failed: {str(error).strip()}")
    finally:
        connections.close_all()


def test_channel(receiver: Receiver, config: Config, wait_seconds: float) -> tuple[bool, str]:
    """Queue a test card and deliver it. Returns whether it was accepted, and the result in a sentence.

    A running daemon may deliver it first. A suspended channel is probed with it at once.
    """
    started = time.monotonic()
    channel = receiver.channel
    with transaction.atomic():
        alert_id = outbox.queue_test(channel, clock.now())
    transport = transport_for(receiver, config)
    worker = ChannelWorker(channel, transport, config, clock.now)
    try:
        while time.monotonic() - started < wait_seconds:
            step = worker.step(only=alert_id)
            state = Alert.objects.values_list("state", flat=True).get(pk=alert_id)
            suspended = step.decision is not None and step.decision.kind == "suspend"
            if state not in _OPEN or suspended:
                break
            if isinstance(step.wait, Wait):
                time.sleep(_LOOK_AGAIN_SECONDS)
    finally:
        worker.close()
    _give_up(alert_id)
    return _sentence(alert_id, transport.name, time.monotonic() - started)


def _give_up(alert_id: int) -> None:
    """Mark a pending test as dead: one that arrives hours later would confuse its readers."""
    Alert.objects.filter(pk=alert_id, state=Alert.State.PENDING).update(
        state=Alert.State.DEAD, done_at=clock.now(), done_reason="the test was over"
    )


def _sentence(alert_id: int, receiver: str, seconds: float) -> tuple[bool, str]:
    accepted = Alert.objects.filter(pk=alert_id, state=Alert.State.SENT).exists()
    attempt = AlertAttempt.objects.filter(alert=alert_id).order_by("-id").first()
    status = f"HTTP {attempt.http_status}, " if attempt and attempt.http_status else ""
    if accepted:
        return True, f"accepted by {receiver} ({status}{seconds:.2f} s)"
    if attempt is None:
        return False, f"not sent within {seconds:.0f} s: the channel is busy"
    return False, f"not accepted by {receiver} after {seconds:.0f} s ({status}{attempt.decision}: {attempt.reason})"
