"""The pipeline: flapping, inhibited and suppressed alerts, with the reason on their rows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from alerts import reminders
from alerts.models import Acknowledgement, Alert, Silence
from alerts.suppression import transitions
from alerts.suppression.flap_detection import PastNotification, evaluate_flapping
from alerts.verdicts import FLAPS, MOST_DECISIONS, with_decisions
from events.models import Event, plain_events
from events.replay.engine import Replayed
from events.replay.report import report_of
from tests.alerts.delivery.test_worker import worker_for
from tests.alerts.factories import NOW, Clock, bump, make_config, make_effect, make_event, tell

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
CONFIG = make_config(ALERT_REPEAT_HOURS="0")


def told() -> list[tuple[str, float]]:
    rows = Alert.objects.filter(muted_by="").order_by("queued_at", "id")
    return [(row.reason, (row.queued_at - NOW) / HOUR) for row in rows]


def states() -> list[tuple[str, str, str]]:
    return list(Alert.objects.order_by("id").values_list("reason", "state", "muted_by"))


class Pair:
    """Something that comes and goes under one key, as the lifecycle records it: each time another event."""

    def __init__(self, category: str = "low_liquidity") -> None:
        self.category = category
        self.event = Event()

    def comes(self, at: datetime, **effect: Any) -> Any:
        self.event = make_event(self.category, natural_key="pair", opened_at=at, tokens=())
        make_effect(self.event, "LUNA", **effect)
        return tell(self.event, "opened", at)

    def goes(self, at: datetime) -> Any:
        event = self.event
        event.status, event.closed_at, event.close_reason = "closed", at, "it went"
        event.save()
        return tell(bump(event), "closed", at)


def test_every_stage_records_what_it_decided():
    alert = tell(make_event())
    assert [(row["stage"], row["decision"]) for row in alert.decisions] == [
        ("route", "routed"),
        ("dedup", "new"),
        ("mute", "heard"),
        ("inhibit", "free"),
        ("acknowledge", "news"),
    ]
    assert {row["at"] for row in alert.decisions} == {NOW.isoformat(timespec="milliseconds")}


def test_a_stage_that_suppresses_an_alert_is_the_last_one_asked():
    Silence.objects.create(token="LUNA", until=NOW + HOUR, reason="known", made_by="ops")
    alert = tell(make_event())
    assert [row["decision"] for row in alert.decisions] == ["routed", "new", "silenced"]
    assert (alert.state, alert.muted_by, alert.done_at) == ("silenced", "silence", NOW)


def test_decisions_are_bounded_and_keep_the_first_and_the_latest():
    kept: list[Any] = []
    for number in range(100):
        kept = with_decisions(kept, [{"number": number}])
    assert len(kept) == MOST_DECISIONS
    assert [row["number"] for row in kept[:3]] == [0, 1, 2]
    assert kept[-1]["number"] == 99


def test_what_comes_and_goes_is_sent_as_flapping_once_and_then_deferred():
    pair = Pair()
    for hour in range(6):
        pair.comes(NOW + hour * HOUR)
        pair.goes(NOW + hour * HOUR + timedelta(minutes=20))
    assert [(reason, round(at, 2)) for reason, at in told()] == [
        ("opened", 0),
        ("closed", 0.33),
        ("opened", 1),
        ("closed", 1.33),
        ("opened", 2),
    ]
    assert Alert.objects.filter(reason="opened").order_by("id")[2].detail[FLAPS] == 3
    assert states()[5] == ("closed", "held", "flapping")
    assert states()[6:] == [("opened", "held", "flapping"), ("closed", "muted", "untold")] * 3


def test_the_card_of_a_flapping_event_shows_how_often(hooks):
    pair = Pair("delisting")
    for hour in range(3):
        pair.comes(NOW + hour * HOUR)
        if hour < 2:
            pair.goes(NOW + hour * HOUR + timedelta(minutes=20))
    updated = tell(bump(pair.event), "updated", NOW + 2.1 * HOUR)
    worker_for(hooks, Clock(NOW + 3 * HOUR)).step(only=updated.pk)
    card = hooks.cards("cex")[0]
    assert "New, then updated" in card and "opened 3 times in 24 h" in card and "Flapping" in card


def test_a_reopening_that_lasts_is_released():
    pair = Pair()
    for hour in range(4):
        pair.comes(NOW + hour * HOUR)
        if hour < 3:
            pair.goes(NOW + hour * HOUR + timedelta(minutes=20))
    reminders.run(CONFIG, NOW + 3.5 * HOUR)
    assert told()[-1] == ("opened", 2)
    reminders.run(CONFIG, NOW + 4 * HOUR)
    assert told()[-1] == ("opened", 4)
    released = Alert.objects.get(event=pair.event)
    assert (released.state, released.decisions[-1]["decision"]) == ("pending", "released")


def test_the_end_of_a_flapping_event_is_released_when_it_stayed_closed():
    pair = Pair()
    for hour in range(3):
        pair.comes(NOW + hour * HOUR)
        pair.goes(NOW + hour * HOUR + timedelta(minutes=20))
    for hour in (3, 8, 9):
        reminders.run(CONFIG, NOW + hour * HOUR)
    assert told()[-2:] == [("opened", 2), ("closed", 9)]
    assert not Alert.objects.filter(state="held").exists()


def test_a_reopening_worse_than_all_alerts_sent_is_sent():
    pair = Pair()
    for hour in range(3):
        pair.comes(NOW + hour * HOUR)
        pair.goes(NOW + hour * HOUR + timedelta(minutes=20))
    assert pair.comes(NOW + 3 * HOUR, risk_level="critical", action="exit").state == "pending"
    assert tell(bump(pair.event), "worse", NOW + 4 * HOUR).state == "pending"


def test_a_worsening_of_a_deferred_reopening_is_sent():
    pair = Pair()
    for hour in range(3):
        pair.comes(NOW + hour * HOUR)
        pair.goes(NOW + hour * HOUR + timedelta(minutes=20))
    assert pair.comes(NOW + 3 * HOUR).state == "held"
    worse = tell(bump(pair.event), "worse", NOW + 3.1 * HOUR)
    worse.refresh_from_db()
    assert (worse.state, worse.detail["said"]) == ("pending", ["opened"])


def test_a_day_later_it_is_new_again():
    pair = Pair()
    for hour in range(3):
        pair.comes(NOW + hour * HOUR)
        pair.goes(NOW + hour * HOUR + timedelta(minutes=20))
    alert = pair.comes(NOW + 30 * HOUR)
    assert alert.state == "pending"
    assert FLAPS not in alert.detail


def test_a_kind_whose_ends_are_not_alerted_does_not_flap():
    history = [PastNotification(number, "opened", "", 0, False, False) for number in range(10)]
    assert evaluate_flapping("opened", 0, 11, history).decision == "new"


def test_a_delisted_tokens_own_moves_are_deferred_and_its_worse_ones_too():
    tell(make_event("delisting", title="LUNA goes"))
    move = make_event("volatility")
    alert = tell(move)
    assert (alert.state, alert.muted_by) == ("held", "token_delisted")
    assert alert.decisions[-1]["reason"].startswith("LUNA goes (event ")
    assert tell(bump(move), "worse").state == "held"
    assert tell(make_event("volatility", tokens=("BTC",))).state == "pending"


def test_moves_that_already_wait_are_deferred_when_the_removal_comes():
    waiting, other = tell(make_event("volatility")), tell(make_event("volatility", tokens=("BTC",)))
    cause = make_event("delisting")
    tell(cause)
    waiting.refresh_from_db()
    other.refresh_from_db()
    assert (waiting.state, waiting.inhibitor_id, other.state) == ("held", cause.pk, "pending")


def test_a_move_of_several_tokens_is_deferred_only_when_all_of_them_are_explained():
    tell(_hacked("LUNA"))
    assert tell(make_event("volatility", tokens=("LUNA", "BTC"))).state == "pending"
    assert tell(make_event("volatility", tokens=("LUNA",))).muted_by == "token_hacked"


def _hacked(token: str, **effect: Any) -> Event:
    event = make_event("hack", tokens=())
    make_effect(event, token, **{"scope": "asset", "venue": "", "action": "exit", **effect})
    return event


def test_a_hack_too_small_to_act_on_explains_nothing():
    tell(_hacked("LUNA", action="watch"))
    assert tell(make_event("low_liquidity")).state == "pending"


def test_a_coin_that_leaves_one_venue_is_still_alerted_where_it_is_priced_elsewhere():
    tell(make_event("delisting"))
    elsewhere = make_event("volatility", facts={"pair": "OKX:LUNA-USDT"})
    assert tell(elsewhere).state == "pending"
    there = make_event("volatility", facts={"pair": "BINANCE:LUNAUSDT"})
    assert tell(there).state == "held"


def test_a_removal_of_single_pairs_explains_nothing():
    event = make_event("delisting", tokens=())
    make_effect(event, "LUNA", scope="pairs")
    tell(event)
    assert tell(make_event("volatility")).state == "pending"


def test_an_exchanges_outage_defers_the_pairs_that_stop_there_and_nothing_else():
    halt = make_event("exchange_halt", tokens=())
    for token in ("LUNA", "BTC"):
        make_effect(halt, token, action="halt", trading_status="trading_suspended")
    tell(halt)
    stopped = make_event("trading_suspension", tokens=())
    make_effect(stopped, "LUNA", action="halt")
    elsewhere = make_event("trading_suspension", tokens=())
    make_effect(elsewhere, "LUNA", action="halt", venue="OKX")
    planned = make_event("trading_suspension", tokens=())
    make_effect(planned, "LUNA", action="avoid_new")
    assert [tell(event).muted_by for event in (stopped, elsewhere, planned)] == ["exchange_halt", "", ""]
    assert tell(make_event("delisting")).state == "pending"


def test_what_still_matters_is_released_when_the_cause_is_over():
    cause = make_event("delisting")
    tell(cause)
    stands, passed = make_event("volatility"), make_event("volatility")
    for event in (stands, passed):
        assert tell(event).state == "held"
    Event.objects.filter(pk__in=[cause.pk, passed.pk]).update(status="closed", closed_at=NOW + HOUR)
    reminders.run(CONFIG, NOW + 2 * HOUR)
    by_event = {alert.event_id: alert for alert in Alert.objects.filter(event__in=[stands, passed])}
    assert (by_event[stands.pk].state, by_event[stands.pk].queued_at) == ("pending", NOW + 2 * HOUR)
    assert (by_event[passed.pk].state, by_event[passed.pk].muted_by) == ("muted", "over")


def test_if_the_opening_was_sent_the_end_is_sent_whatever_explains_it():
    dry = make_event("low_liquidity")
    tell(dry)
    Alert.objects.update(state="sent")
    tell(make_event("delisting"))
    assert tell(bump(dry), "closed").state == "pending"


def test_repeats_of_an_acknowledged_event_are_suppressed_and_updates_are_not():
    event = make_event("hack")
    Acknowledgement.objects.create(event=event, by="ops", at=NOW)
    assert tell(event, "repeat").muted_by == "acknowledged"
    assert tell(event, "updated").state == "pending"


def test_waiting_repeats_are_cancelled_when_the_event_is_acknowledged():
    event = make_event("hack")
    repeat = tell(event, "repeat")
    assert transitions.cancel_renotifications([event.pk], NOW) == 1
    repeat.refresh_from_db()
    assert (repeat.state, repeat.muted_by) == ("muted", "acknowledged")


def test_what_waits_can_be_silenced_afterwards():
    silence = Silence.objects.create(category="hack", until=NOW + HOUR, reason="known", made_by="ops")
    hack = tell(make_event("hack"))
    Alert.objects.filter(pk=hack.pk).update(state="pending", muted_by="", silence=None, done_at=None)
    other = tell(make_event("delisting"))
    silenced = transitions.silence_waiting(
        lambda alert: silence if alert.event and alert.event.category == "hack" else None, plain_events(), NOW
    )
    hack.refresh_from_db()
    other.refresh_from_db()
    assert (silenced, hack.state, hack.silence_id, other.state) == (1, "silenced", silence.pk, "pending")


def test_a_replay_reports_which_alerts_would_have_been_sent():
    tell(make_event("delisting"))
    tell(make_event("volatility"))
    reported = [[alert["reason"] for alert in event["alerts"]] for event in report_of(Replayed())["events"]]
    assert reported == [["opened"], []]
