"""The dispatcher's threads on a real database: latency, isolation, several at once, loss of connections."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from datetime import timedelta
from itertools import pairwise

import psycopg2
import pytest
from django.db import connection, transaction
from django.utils import timezone

from alerts.channels.base import Answer
from alerts.delivery import dispatcher as dispatcher_module
from alerts.delivery.dispatcher import Dispatcher
from alerts.models import Alert, AlertAttempt
from alerts.routes import ROUTES
from events import registry
from tests.alerts.conftest import CHANNELS, Hooks, eventually, running
from tests.alerts.factories import bump, make_config, make_event, tell
from tests.upstreams.steps import Hang, Reply, too_many_requests
from tests.upstreams.teams import failure_text

pytestmark = pytest.mark.django_db(transaction=True)


class Recorder:
    """A receiver in memory that takes everything at any pace, and can be slow."""

    name, throttled = "recorder", False
    guard = threading.Lock()

    def __init__(self, messages: list, seconds: float = 0.0) -> None:
        self._messages = messages
        self._seconds = seconds

    def deliver(self, message) -> Answer:
        time.sleep(self._seconds)
        with self.guard:
            self._messages.append(message.content.event_id)
        return Answer(status=202)

    def close(self) -> None:
        """Nothing to close."""


def listening() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'crypto_ews dispatcher'")
        return cursor.fetchone()[0] > 0


def queue_one(category: str = "delisting", token: str = "LUNA") -> Alert:
    with transaction.atomic():
        alert = tell(make_event(category, tokens=(token,)), now=timezone.now())
    assert alert is not None
    return alert


def test_the_dispatcher_and_the_policy_are_registered():
    assert "dispatcher" in {service.name for service in registry.services()}
    assert registry.alert_policy() is not None


def test_from_commit_to_post_takes_well_under_a_second(hooks):
    categories = {channel: next(c for c, (target, _) in ROUTES.items() if target == channel) for channel in CHANNELS}
    latencies = []
    with running(Dispatcher(hooks.config())):
        eventually(listening, "the dispatcher listens")
        for channel in CHANNELS:
            queue_one(categories[channel])
            committed = time.monotonic()
            (request,) = hooks.wait_for(1, channel)
            latencies.append(request.received - committed)
    latencies.sort()
    assert latencies[len(latencies) // 2] < 1
    assert latencies[-1] < 5


def test_what_is_rolled_back_is_not_sent(hooks):
    with running(Dispatcher(hooks.config())):
        eventually(listening, "the dispatcher listens")
        with transaction.atomic():
            tell(make_event(title="Never happened"), now=timezone.now())
            transaction.set_rollback(True)
        queue_one()
        hooks.wait_for(1, "cex")
        eventually(lambda: Alert.objects.filter(state="sent").count() == 1, "the other alert is sent")
    assert len(hooks.requests("cex")) == 1
    assert "Never happened" not in hooks.cards("cex")[0]


@pytest.mark.long
def test_a_channel_that_hangs_delays_no_other(hooks):
    hooks.answers("cex", Hang())
    with running(Dispatcher(hooks.config(TIMEOUT="3"))):
        eventually(listening, "the dispatcher listens")
        queue_one("delisting")
        hooks.wait_for(1, "cex")
        started = time.monotonic()
        queue_one("hack")
        (request,) = hooks.wait_for(1, "defi")
        assert request.received - started < 1
        assert Alert.objects.get(channel="cex").state == "sending"


@pytest.mark.long
def test_channels_that_hang_limit_or_fail_delay_no_other_and_a_limit_is_kept_to_the_second(hooks):
    hooks.answers("cex", Hang())
    hooks.answers("defi", too_many_requests(after=4), 202)
    hooks.answers("stablecoin", failure_text(502))
    latencies = []
    with running(Dispatcher(hooks.config(TIMEOUT="3"))):
        eventually(listening, "the dispatcher listens")
        for category in ("delisting", "hack", "hack", "depeg"):
            queue_one(category)
        for number in range(1, 5):
            for channel, category in (("token_volatility", "whale"), ("token_liquidity", "low_liquidity")):
                # Of another token: what is delisted mutes its own moves.
                queue_one(category, "BTC")
                committed = time.monotonic()
                latencies.append(hooks.wait_for(number, channel)[-1].received - committed)
        limited, *again = hooks.wait_for(2, "defi", 10)
        eventually(
            lambda: Alert.objects.filter(channel="stablecoin", attempts__gt=0).exists(), "the failing one is tried"
        )
    assert max(latencies) < 5
    assert 4 <= again[0].received - limited.received < 5
    assert not Alert.objects.filter(channel__in=["cex", "stablecoin"], state="sent").exists()


@pytest.mark.long
def test_the_loops_outlive_a_database_that_is_away_again_and_again(hooks):
    name = connection.settings_dict["NAME"]

    def away(seconds: float) -> None:
        """Nobody is let in, and who is in is thrown out."""
        connection.close()
        parameters = {**connection.get_connection_params(), "dbname": "postgres"}
        parameters.pop("cursor_factory", None)
        with closing(psycopg2.connect(**parameters)) as admin:
            admin.autocommit = True
            with admin.cursor() as cursor:
                cursor.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
                try:
                    cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
                    time.sleep(seconds)
                finally:
                    cursor.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')

    def connections_held() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
            return cursor.fetchone()[0]

    hooks.answers("defi", Reply(status=202, delay=0.3))
    with running(Dispatcher(hooks.config())):
        eventually(listening, "the dispatcher listens")
        queue_one("hack")
        hooks.wait_for(1, "defi")
        before = connections_held()
        for number in range(2, 5):
            queue_one("hack")
            # While the request is under way, so that its answer cannot be recorded.
            hooks.wait_for(number, "defi")
            away(0.4)
        eventually(lambda: Alert.objects.filter(state="sent").count() == 4, "all are recorded", 15)
        eventually(listening, "the dispatcher listens again")
        assert connections_held() <= before
    assert len(hooks.requests("defi")) == 4


def test_two_dispatchers_send_every_card_once_and_in_order():
    sent: list[int] = []
    config = make_config()

    def transports(receiver, config):
        return Recorder(sent, seconds=0.002)

    events = [make_event() for _ in range(60)]
    with transaction.atomic():
        for event in events:
            tell(event, now=timezone.now())
    pair = [Dispatcher(config, transports=transports) for _ in range(2)]
    with running(*pair):
        eventually(lambda: not Alert.objects.filter(state__in=["pending", "sending"]).exists(), "all are sent", 20)
    assert sorted(sent) == sorted(event.pk for event in events)
    assert AlertAttempt.objects.count() == 60


@pytest.mark.long
def test_two_dispatchers_share_the_pace_of_a_channel(hooks):
    for _ in range(4):
        queue_one()
    with running(Dispatcher(hooks.config()), Dispatcher(hooks.config())):
        cards = hooks.wait_for(4, "cex", 15)
        eventually(lambda: Alert.objects.filter(state="sent").count() == 4, "all are recorded")
    assert all(later.received - earlier.received >= 1 for earlier, later in pairwise(cards))


def test_two_dispatchers_keep_the_order_of_an_event_whose_cards_come_in_quick_succession():
    order: list[tuple[int, float, float]] = []
    guard = threading.Lock()

    class Ordered(Recorder):
        def deliver(self, message) -> Answer:
            began = time.monotonic()
            time.sleep(0.01)
            with guard:
                order.append((message.content.event_id, began, time.monotonic()))
            return Answer(status=202)

    event = make_event()
    config = make_config()
    pair = [Dispatcher(config, transports=lambda *_: Ordered([])) for _ in range(2)]
    with running(*pair):
        for _ in range(15):
            with transaction.atomic():
                tell(bump(event), "updated", now=timezone.now())
            time.sleep(0.005)
        eventually(lambda: not Alert.objects.filter(state__in=["pending", "sending"]).exists(), "all are done", 20)
    assert order
    assert all(earlier[2] <= later[1] for earlier, later in pairwise(order)), "two cards of one event at once"
    done = list(Alert.objects.order_by("id").values_list("state", flat=True))
    assert done[-1] == "sent"
    assert set(done) <= {"sent", "superseded"}


def test_an_alert_whose_dispatcher_was_killed_is_sent_when_its_lease_ends(hooks):
    alert = queue_one()
    Alert.objects.filter(pk=alert.pk).update(
        state="sending", leased_by="dead:1:x", leased_until=timezone.now() + timedelta(seconds=1), attempts=1
    )
    with running(Dispatcher(hooks.config())):
        hooks.wait_for(1, "cex")
        eventually(lambda: Alert.objects.get().state == "sent", "it is sent")
    assert len(hooks.requests("cex")) == 1


def test_a_lost_notification_is_made_up_for_by_polling(hooks, monkeypatch):
    monkeypatch.setattr(dispatcher_module, "POLL_SECONDS", 0.2)

    def refuse(*_):
        raise psycopg2.OperationalError("no LISTEN today")

    monkeypatch.setattr(dispatcher_module, "dedicated_connection", refuse)
    with running(Dispatcher(hooks.config())):
        queue_one()
        hooks.wait_for(1, "cex")


def test_a_listen_connection_that_is_cut_comes_back(hooks):
    def cut() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'crypto_ews dispatcher'"
            )

    with running(Dispatcher(hooks.config())):
        eventually(listening, "the dispatcher listens")
        cut()
        eventually(lambda: not listening(), "the connection is gone")
        eventually(listening, "it listens again")
        started = time.monotonic()
        queue_one()
        (request,) = hooks.wait_for(1, "cex")
        assert request.received - started < 1


def test_workers_outlive_the_loss_of_their_database_connections(hooks):
    with running(Dispatcher(hooks.config())):
        queue_one()
        hooks.wait_for(1, "cex")
        eventually(lambda: Alert.objects.get().state == "sent", "the first is recorded")
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )
        queue_one()
        hooks.wait_for(2, "cex")
        eventually(lambda: Alert.objects.filter(state="sent").count() == 2, "both are recorded")


def test_urgent_alerts_pass_ahead_of_a_storm_in_their_channel(hooks):
    with transaction.atomic():
        for _ in range(5):
            tell(make_event("operations", tokens=()), now=timezone.now() - timedelta(seconds=10))
        tell(make_event("exchange_halt", title="The whole exchange halts"), now=timezone.now())
    with running(Dispatcher(hooks.config())):
        hooks.wait_for(2, "cex")
    assert "The whole exchange halts" in hooks.cards("cex")[0]
    first, second = hooks.requests("cex")[:2]
    assert second.received - first.received >= 1


def test_drain_delivers_what_is_due_and_comes_back(hooks):
    queue_one("delisting")
    queue_one("hack")
    started = time.monotonic()
    Dispatcher(hooks.config()).drain(20)
    assert time.monotonic() - started < 5
    assert set(Alert.objects.values_list("state", flat=True)) == {"sent"}


def test_drain_leaves_what_failed_for_later_and_does_not_wait_for_it(hooks: Hooks):
    hooks.answers("cex", 503)
    queue_one()
    started = time.monotonic()
    Dispatcher(hooks.config()).drain(20)
    assert time.monotonic() - started < 4
    assert Alert.objects.get().state == "pending"


@pytest.mark.long
def test_drain_ends_at_its_deadline(hooks):
    hooks.answers("cex", Hang())
    queue_one()
    started = time.monotonic()
    Dispatcher(hooks.config(TIMEOUT="4")).drain(1)
    assert time.monotonic() - started < 3
    eventually(lambda: Alert.objects.get().state == "pending", "the attempt that was left behind ends", 8)
