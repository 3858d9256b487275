"""What every channel must do, for each chat and paging service: order, limits, storms, refusals, resends."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from alerts import outbox, reminders, routes
from alerts.channels import transport_for
from alerts.delivery.worker import ChannelWorker
from alerts.models import AddedReceiver, Alert, AlertAttempt, ChannelState
from alerts.receiver import Receiver
from alerts.receivers import configured_receivers
from tests.alerts.channels.services import MARK, SERVICES, Service
from tests.alerts.channels.test_channels import FAULTS, message
from tests.alerts.delivery.test_worker import attempt, is_idle, step_when_possible
from tests.alerts.factories import NOW, Clock, bump, make_config, make_event, tell
from tests.upstreams import UpstreamServer
from tests.upstreams.server import At
from tests.upstreams.steps import Hang, Reset

pytestmark = pytest.mark.django_db


@pytest.fixture
def server() -> Iterator[UpstreamServer]:
    with UpstreamServer() as server:
        yield server


# In the quick suite the one that answers in its body, and one that pages.
_QUICK = ("telegram", "pagerduty")


@pytest.fixture(params=[kind if kind in _QUICK else pytest.param(kind, marks=pytest.mark.long) for kind in SERVICES])
def service(request: pytest.FixtureRequest) -> Service:
    return SERVICES[request.param]


@pytest.fixture
def worker(service: Service, server: UpstreamServer) -> Iterator[ChannelWorker]:
    """Of a receiver that an admin added and that gets what the channel cex gets."""
    row = AddedReceiver(name="desk", kind=service.kind, follows=["cex"], made_by="ann")
    row.set_secrets(service.address(server), service.secret)
    row.save()
    config = make_config(TIMEOUT="0.5")
    transport = transport_for(row.receiver(), config)
    yield ChannelWorker("desk", transport, config, Clock(), jitter=lambda: 0.0)
    transport.close()


def clock_of(worker: ChannelWorker) -> Clock:
    return worker._clock  # type: ignore[return-value]


def ours() -> Any:
    return Alert.objects.filter(channel="desk")


def texts(service: Service, server: UpstreamServer) -> list[str]:
    return [str(sent).replace("\\", "") for sent in service.got(server)]


def test_the_cards_of_an_event_arrive_in_order_though_the_first_fails(
    service: Service, server: UpstreamServer, worker: ChannelWorker
) -> None:
    service.listen(server, service.accepted, 503, Reset(), service.accepted)
    clock = clock_of(worker)
    event = make_event(title="First title")
    tell(event)
    assert attempt(worker).kind == "sent"
    event.title = "Second title"
    event.save()
    tell(bump(event), "updated", now=clock.advance(seconds=2))
    seen = [step_when_possible(worker, clock).kind for _ in range(3)]
    assert seen == ["retry", "retry", "sent"]
    assert ["Second" in text for text in texts(service, server)] == [False, True, True, True]
    assert is_idle(worker)


def test_a_limit_is_kept_to_the_second(service: Service, server: UpstreamServer, worker: ChannelWorker) -> None:
    service.listen(server, service.limited, service.accepted)
    tell(make_event())
    tell(make_event())
    assert attempt(worker).reason == "throttled"
    clock = clock_of(worker)
    assert step_when_possible(worker, clock).kind == "sent"
    # The ladder's first step is five seconds; the whole channel waits as long as the service asked.
    assert (clock.at - NOW).total_seconds() == pytest.approx(max(service.wait, 1.05), abs=0.01)


def test_one_card_a_second_and_thirty_a_minute(service: Service, server: UpstreamServer, worker: ChannelWorker) -> None:
    service.listen(server)
    clock, at = clock_of(worker), []
    for _ in range(32):
        tell(make_event("exchange_halt"), now=clock.at)
        assert step_when_possible(worker, clock).kind == "sent"
        at.append(clock.at)
    assert all(later - earlier >= timedelta(seconds=1) for earlier, later in pairwise(at))
    # A bot gets twenty into a group, which is counted ahead: nothing was refused.
    most = {"telegram": 20}.get(service.kind, 30)
    assert max(sum(1 for other in at if moment <= other < moment + timedelta(minutes=1)) for moment in at) == most
    assert not AlertAttempt.objects.exclude(decision="sent").exists()


def test_a_storm_is_one_digest_that_names_every_event(
    service: Service, server: UpstreamServer, worker: ChannelWorker
) -> None:
    service.listen(server)
    events = [make_event("wallet_suspension", title=f"Wallet {number}") for number in range(40)]
    for event in events:
        tell(event)
    clock = clock_of(worker)
    while ours().filter(state__in=["pending", "grouped"]).exists():
        step_when_possible(worker, clock)
    said = " ".join(texts(service, server))
    assert {event.pk for event in events} <= set(map(int, re.findall(r"(?:#|ews-event-)(\d+)", said)))
    assert ours().exclude(state__in=["sent", "digested"]).count() == 0
    assert AlertAttempt.objects.filter(channel="desk").count() <= 11
    assert [fault for sent in service.got(server) for fault in service.faults(sent)] == []


def test_what_is_refused_is_sent_once_more_as_the_minimal_card(
    service: Service, server: UpstreamServer, worker: ChannelWorker
) -> None:
    service.listen(server, 400, service.accepted)
    tell(make_event())
    clock = clock_of(worker)
    assert [step_when_possible(worker, clock).kind for _ in range(2)] == ["shrink", "sent"]
    whole, minimal = server.requests
    assert len(minimal.body) < len(whole.body)


def test_a_service_that_hangs_or_fails_for_a_day_leaves_a_dead_alert_that_can_be_sent_again(
    service: Service, server: UpstreamServer, worker: ChannelWorker
) -> None:
    route = service.listen(server, Hang())
    tell(make_event())
    clock = clock_of(worker)
    assert step_when_possible(worker, clock).reason == "timeout"
    route.replace(500)
    while step_when_possible(worker, clock).kind == "retry":
        pass
    assert ours().get().state == "dead"
    assert (clock.at - NOW).total_seconds() == 24 * 3600
    route.replace(service.accepted)
    outbox.resend([ours().get().pk], clock.at)
    assert step_when_possible(worker, clock).kind == "sent"
    assert ours().get().state == "sent"


@pytest.mark.parametrize("code", [401, 403, 404, 410])
def test_a_service_that_refuses_us_is_suspended_probed_hourly_and_resumed(
    service: Service, server: UpstreamServer, worker: ChannelWorker, code: int
) -> None:
    route = service.listen(server, code)
    tell(make_event())
    clock = clock_of(worker)
    assert attempt(worker).kind == "suspend"
    state = ChannelState.objects.get(channel="desk")
    assert state.suspended_at == NOW and MARK not in state.suspended_reason
    assert step_when_possible(worker, clock).kind == "suspend"
    assert clock.at - NOW == timedelta(hours=1)
    route.replace(service.accepted)
    assert step_when_possible(worker, clock).kind == "sent"
    assert clock.at - NOW == timedelta(hours=2)
    assert ChannelState.objects.get(channel="desk").suspended_at is None


def test_a_probe_that_waits_for_a_limit_is_made_when_the_limit_ends(server: UpstreamServer) -> None:
    """Another topic has used up what the group takes: the channel was not tried, or with a digest not to its end."""
    telegram = SERVICES["telegram"]
    route = telegram.listen(server, 401)
    clock, config = Clock(), make_config()
    address = telegram.address(server).replace("-100200", "-100900")
    topic, other = (transport_for(Receiver("cex", "telegram", ("cex",), address), config) for _ in range(2))
    worker = ChannelWorker("cex", topic, config, clock, jitter=lambda: 0.0)
    tell(make_event())
    assert attempt(worker).kind == "suspend"
    route.replace(telegram.accepted)
    probed_at = clock.at + timedelta(hours=1)
    for _ in range(20):
        other.deliver(replace(message(), now=probed_at - timedelta(seconds=1)))
    assert [step_when_possible(worker, clock).kind for _ in range(2)] == ["retry", "sent"]
    assert clock.at - probed_at == timedelta(seconds=59)
    assert ChannelState.objects.get(channel="cex").suspended_at is None


def test_a_receiver_for_escalations_alone_gets_the_escalation_and_nothing_else(
    service: Service, server: UpstreamServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.listen(server)
    entry = {"name": "night", "kind": service.kind, "url": service.address(server), "follows": []}
    channels = json.dumps([{**entry, "secret": service.secret} if service.secret else entry])
    config = make_config(ALERT_CHANNELS=channels, ALERT_ESCALATE_TO="night", ALERT_ESCALATE_AFTER_MINUTES="30")
    monkeypatch.setattr(routes, "get_config", lambda: config)
    event = make_event()
    tell(event)
    tell(bump(event), "updated", now=NOW + timedelta(minutes=1))
    assert not Alert.objects.filter(channel="night").exists()
    clock = Clock(NOW + timedelta(minutes=31))
    reminders.run(config, clock.at)
    assert [(alert.channel, alert.event_id) for alert in Alert.objects.filter(reason="escalated")] == [
        ("night", event.pk)
    ]
    assert not Alert.objects.filter(channel="night").exclude(reason="escalated").exists()
    transport = transport_for(configured_receivers(config)["night"], config)
    worker = ChannelWorker("night", transport, config, clock, jitter=lambda: 0.0)
    assert step_when_possible(worker, clock).kind == "sent" and is_idle(worker)
    transport.close()
    (said,) = texts(service, server)
    assert "Nobody in cex acknowledged for 31 min." in said


def test_who_was_woken_by_an_escalation_alone_is_told_of_its_end(service: Service, server: UpstreamServer) -> None:
    """An incident that only an escalation opened would stay open for ever. The receiver is one that an admin added."""
    service.listen(server)
    row = AddedReceiver(name="night", kind=service.kind, follows=[], made_by="ann")
    row.set_secrets(service.address(server), service.secret)
    row.save()
    config = make_config()
    event, quick = make_event(), make_event()
    for one in (event, quick):
        tell(one)
    clock = Clock(NOW + timedelta(minutes=5))
    _close(quick, clock)
    clock.advance(minutes=11)
    reminders.run(config, clock.at)
    transport = transport_for(row.receiver(), config)
    worker = ChannelWorker("night", transport, config, clock, jitter=lambda: 0.0)
    assert step_when_possible(worker, clock).kind == "sent"
    _close(event, clock)
    assert step_when_possible(worker, clock).kind == "sent" and is_idle(worker)
    transport.close()
    assert list(Alert.objects.filter(channel="night").order_by("pk").values_list("event", "reason")) == [
        (event.pk, "escalated"), (event.pk, "closed")
    ]  # fmt: skip
    if service.kind == "pagerduty":
        assert [sent["event_action"] for sent in service.got(server)] == ["trigger", "resolve"]
    if service.kind == "opsgenie":
        assert server.requests[-1].path.endswith(f"/ews-event-{event.pk}/close")


def _close(event: Any, clock: Clock) -> None:
    event.status, event.closed_at = "closed", clock.at
    event.save()
    tell(bump(event), "closed", now=clock.at)


@pytest.mark.parametrize("fault", FAULTS)
def test_no_row_keeps_a_secret(service: Service, server: UpstreamServer, worker: ChannelWorker, fault: Any) -> None:
    service.listen(server, At(0, fault))
    tell(make_event())
    attempt(worker)
    rows = [*Alert.objects.values_list(), *AlertAttempt.objects.values_list(), *ChannelState.objects.values_list()]
    assert MARK.lower() not in str(rows).lower()
