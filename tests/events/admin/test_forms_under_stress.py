"""Forms that are sent twice, late, too large, or by the wrong person: nothing is done that nobody was shown."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from alerts.models import Alert, AuditEntry, Silence
from events import lifecycle
from events.admin import event_actions
from events.models import Event, KeySuppression
from markets.instruments import store_instruments
from markets.knowledge import InstrumentRow
from tests.alerts.factories import make_event, tell
from tests.events.admin.support import LIST, act_page, confirm, open_event, page_of, staff, while_it_changes

pytestmark = pytest.mark.django_db

MANUAL, SILENCE = f"{LIST}open-manual/", "/admin/alerts/silence/add/"
BLOCK = {
    "tokens": "ETH", "title": "Block it", "action": "halt", "risk_level": "critical", "trading_status": "trading",
    "category": "manual", "note": "Kim called",
}  # fmt: skip
WORST = '<script>alert("x")</script><img src=x onerror=alert(1)>'


@pytest.fixture(autouse=True)
def listed() -> None:
    rows = [InstrumentRow("BINANCE", "ETHUSDC", "ETH", "USDC", "ETH", "TRADING", True)]
    store_instruments("BINANCE", rows, timezone.now())


def later(hours: int = 4) -> str:
    return f"{timezone.now() + timedelta(hours=hours):%Y-%m-%d %H:%M}"


def shown(client: Client, url: str, form: dict[str, Any]) -> dict[str, Any]:
    """The form as its preview would send it."""
    page = client.post(url, form)
    return {**form, "confirmed": page.context["form"]["confirmed"].value()}


def together(admin_client: Client, page: str, form: dict[str, Any]) -> list[int]:
    """The answers to four clicks at the same moment."""

    def click(_: int) -> int:
        client = Client()
        client.cookies = admin_client.cookies
        try:
            return client.post(page, form).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as clicks:
        return list(clicks.map(click, range(4)))


def as_it_is(event: Event, **typed: str) -> dict[str, str]:
    until = f"{event.valid_until:%Y-%m-%d %H:%M}" if event.valid_until else ""
    fields = {"title": event.title, "category": event.category, "priority": event.priority, "valid_until": until}
    return {**fields, "url": event.url, "reason": "wrong", **typed}


def test_a_block_that_is_sent_twice_opens_one_event(admin_client: Client) -> None:
    form = shown(admin_client, MANUAL, BLOCK)
    first, second = (admin_client.post(MANUAL, form) for _ in range(2))
    event = Event.objects.get()
    assert first["Location"] == second["Location"] == page_of(event)
    assert AuditEntry.objects.get(act="blocked").event_id == event.pk
    confirm(admin_client, MANUAL, BLOCK)
    assert Event.objects.count() == 2, "what is previewed again is meant again"


@pytest.mark.parametrize(
    ("url", "form", "change", "model"),
    [
        (MANUAL, BLOCK, {"tokens": "BTC", "unlisted": "on"}, Event),
        (SILENCE, {"token": "ETH", "reason": "known", "until": ""}, {"token": ""}, Silence),
    ],
)
def test_what_is_typed_after_going_back_is_another_act(
    admin_client: Client, url: str, form: dict[str, str], change: dict[str, str], model: Any
) -> None:
    """The browser's way back leads to the confirmation that was sent: what is changed there is not done, and not said
    to be."""
    form = {name: value or later() for name, value in form.items()}
    confirmed = shown(admin_client, url, form)
    assert admin_client.post(url, confirmed).status_code == 302
    again = admin_client.post(url, {**confirmed, **change})
    assert again.status_code == 200 and "Nothing is saved yet" in again.content.decode()
    assert model.objects.count() == 1
    assert confirm(admin_client, url, {**form, **change}).status_code == 302 and model.objects.count() == 2


def test_every_act_that_is_sent_twice_is_done_once(admin_client: Client) -> None:
    event = open_event()
    typed = {"effect-0-action": "exit"}
    for name, form in (
        ("correct", as_it_is(event, **typed)),
        ("close", {"reason": "over"}),
        ("reopen", {"reason": "no"}),
    ):
        page = act_page(event, name)
        confirmed = shown(admin_client, page, form)
        for _ in range(2):
            assert admin_client.post(page, confirmed)["Location"] == page_of(event), name
    event.refresh_from_db()
    assert (event.status, event.life) == ("open", 2)
    assert sorted(AuditEntry.objects.values_list("act", flat=True)) == ["closed", "corrected", "reopened"]


def test_a_silence_that_is_sent_twice_is_one(admin_client: Client) -> None:
    event = make_event()
    for page, form in (
        (SILENCE, {"token": "ETH", "reason": "known", "until": later()}),
        (f"/admin/alerts/silence/of/{event.pk}/", {"hours": "4", "reason": "known"}),
    ):
        confirmed = shown(admin_client, page, form)
        answers = [admin_client.post(page, confirmed) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [302, 302]
    assert Silence.objects.count() == 2 and AuditEntry.objects.filter(act="silenced").count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_the_same_moment_open_one_event(admin_client: Client) -> None:
    form = shown(admin_client, MANUAL, BLOCK)

    assert together(admin_client, MANUAL, form) == [302] * 4
    assert Event.objects.count() == AuditEntry.objects.filter(act="blocked").count() == 1
    assert Alert.objects.count() == 1


def test_what_changed_after_the_preview_is_shown_again(admin_client: Client) -> None:
    event = open_event()
    page = act_page(event, "close")
    confirmed = shown(admin_client, page, {"reason": "over"})
    lifecycle.correct_event(event.pk, timezone.now(), by="sam", fields={"title": "Other coins too"})
    again = admin_client.post(page, confirmed)
    assert again.status_code == 200 and "Nothing is saved yet" in again.content.decode()
    event.refresh_from_db()
    assert event.status == "open"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", ["close", "false-alarm", "correct"])
def test_what_is_being_written_while_it_is_confirmed_is_shown_again(admin_client: Client, act: str) -> None:
    event = open_event()
    page = act_page(event, act)
    form = as_it_is(event, priority="low") if act == "correct" else {"reason": "over"}
    confirmed = shown(admin_client, page, form)
    again = while_it_changes(event, lambda: admin_client.post(page, confirmed))
    assert again.status_code == 200 and "Nothing is saved yet" in again.content.decode()
    event.refresh_from_db()
    assert (event.status, event.priority, event.revision) == ("open", "high", 2) and not AuditEntry.objects.exists()


def test_a_title_that_the_source_changed_meanwhile_is_no_correction(admin_client: Client) -> None:
    event = open_event()
    page = act_page(event, "correct")
    seen = admin_client.get(page).context["form"]["seen"].value()
    open_event(title="Postponed: Binance Will Delist LUNA")
    assert confirm(admin_client, page, {**as_it_is(event, priority="low"), "seen": seen}).status_code == 302
    event.refresh_from_db()
    assert event.pinned == {"priority": "low"} and event.title.startswith("Postponed")


def test_what_was_typed_for_one_effect_is_not_taken_for_another(admin_client: Client) -> None:
    """The event has an effect on a coin before it in the alphabet by the time the form is sent."""
    event = open_event(tokens=("LUNA",))
    page = act_page(event, "correct")
    seen = admin_client.get(page).context["form"]["seen"].value()
    event = open_event(tokens=("ABC", "LUNA"))
    form = {**as_it_is(event), "seen": seen, "effect-0-action": "exit"}
    confirm(admin_client, page, form)
    assert event.effects.get(token="LUNA").action == "exit" and event.effects.get(token="ABC").action != "exit"
    event = open_event(tokens=("ABC",))
    gone = confirm(admin_client, page, {**as_it_is(event), "seen": seen, "effect-0-action": "halt"})
    assert "LUNA venue BINANCE is not there any more" in str(gone.context["form"].non_field_errors())


@pytest.mark.parametrize("seen", ["", "[]", "{}", "null", '{"title": 1}', "x" * 100_000, "\x00"])
def test_nonsense_for_what_was_seen_harms_nothing(admin_client: Client, seen: str) -> None:
    event = open_event()
    answer = confirm(admin_client, act_page(event, "correct"), {**as_it_is(event, title="Mine"), "seen": seen})
    assert answer.status_code in (200, 302)
    event.refresh_from_db()
    assert set(event.pinned) <= {"title"}


@pytest.mark.parametrize("confirmed", ["yes", "a" * 12 + "." + "0" * 64, "\x00", "x" * 10_000, "é" * 12 + ".f"])
def test_a_confirmation_that_we_did_not_make_confirms_nothing(admin_client: Client, confirmed: str) -> None:
    answer = admin_client.post(MANUAL, {**BLOCK, "confirmed": confirmed})
    assert answer.status_code == 200 and not Event.objects.exists()


def test_the_act_and_its_audit_are_both_or_neither(admin_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    event = open_event()
    confirmed = shown(admin_client, act_page(event, "close"), {"reason": "over"})

    def fails(*_: object) -> None:
        raise RuntimeError("the audit cannot be written")

    monkeypatch.setattr(event_actions, "write_audit", fails)
    with pytest.raises(RuntimeError):
        admin_client.post(act_page(event, "close"), confirmed)
    event.refresh_from_db()
    assert event.status == "open" and not KeySuppression.objects.exists() and not AuditEntry.objects.exists()
    assert not Alert.objects.filter(reason="closed").exists()


HUGE: list[tuple[str, str, str]] = [
    ("tokens", " ".join(f"QX{number}" for number in range(500)), "were 500 names, expected at most 50 at a time"),
    ("tokens", "X " * 400_000, "at most 4000"),
    ("note", "x" * 2001, "at most 2000"),
    ("url", "https://example.test/" + "x" * 2000, "at most 2000"),
    ("valid_until", "9999-12-31 23:59", "expected a year from 2000 to 2200"),
    ("valid_until", "0001-01-01 00:00", "expected a year from 2000 to 2200"),
    ("valid_until", "x" * 100_000, "such as 2026-12-31 18:30"),
]


@pytest.mark.parametrize(("field", "value", "said"), HUGE)
def test_what_is_too_large_is_refused(admin_client: Client, field: str, value: str, said: str) -> None:
    answer = admin_client.post(MANUAL, {**BLOCK, field: value})
    assert said in str(answer.context["form"].errors[field])
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("title", "x" * 301, "expected at most 300"),
        ("effect-0-ends", "9999-12-31 23:59", "expected a year"),
        ("effect-0-ends", "0001-01-01 00:00", "expected a year"),
        ("effect-0-pairs", "ETH/USDC " * 51, "expected at most 50"),
        ("effect-0-pairs", "ETH/USDC " * 5000, "at most 4000"),
    ],
)
def test_a_correction_that_is_too_large_is_refused(admin_client: Client, field: str, value: str, said: str) -> None:
    event = open_event(tokens=("ETH",))
    answer = confirm(admin_client, act_page(event, "correct"), as_it_is(event, **{field: value}))
    assert said in str(answer.context["form"].errors[field])


@pytest.mark.parametrize("written", ["T18:30+02:00", " 16:30 UTC", " 16:30Z"])
def test_a_time_with_an_offset_is_shown_and_kept_in_utc(admin_client: Client, written: str) -> None:
    day = f"{timezone.now() + timedelta(days=2):%Y-%m-%d}"
    form = {**BLOCK, "valid_until": f"{day}{written}"}
    assert f"{day} 16:30 UTC" in admin_client.post(MANUAL, form).content.decode()
    confirm(admin_client, MANUAL, form)
    assert f"{Event.objects.get().valid_until:%Y-%m-%d %H:%M}" == f"{day} 16:30"


def test_nothing_that_is_typed_is_run_by_a_page(admin_client: Client) -> None:
    form = {**BLOCK, "title": WORST, "note": WORST}
    event_page = confirm(admin_client, MANUAL, form)["Location"]
    event = Event.objects.get()
    pages = [
        admin_client.post(MANUAL, {**form, "tokens": WORST}),
        admin_client.post(MANUAL, form),
        admin_client.get(event_page),
        admin_client.get(act_page(event, "correct")),
        admin_client.post(act_page(event, "close"), {"reason": WORST}),
        admin_client.post(SILENCE, {"token": WORST, "source": WORST, "until": WORST, "reason": WORST}),
        admin_client.post(SILENCE, {"token": "ETH", "until": later(), "reason": WORST}),
        admin_client.get(f"{MANUAL}?tokens={WORST}&title={WORST}"),
    ]
    confirm(admin_client, act_page(event, "close"), {"reason": WORST})
    pages += [admin_client.get(event_page), admin_client.get("/admin/alerts/auditentry/")]
    for page in pages:
        text = page.content.decode()
        assert not re.search(r"<script>alert|<img src=x", text), page.request["PATH_INFO"]


def test_a_preview_of_thousands_of_pairs_is_short(admin_client: Client) -> None:
    tokens = tuple(f"T{number}" for number in range(300))
    event = open_event("many", tokens=tokens)
    page = admin_client.post(act_page(event, "close"), {"reason": "over"}).content.decode()
    named = page.split("Bots will read:")[1].split("</p>")[0]
    assert named.count("ews-strong") <= 60 and "and 240 more" in named


@pytest.mark.parametrize("permission", ["events.view_event", "events.add_event", "alerts.view_silence"])
def test_who_may_not_act_may_not_preview_either(permission: str) -> None:
    event, client = open_event(), staff(permission)
    for name in ("correct", "close", "false-alarm", "reopen", "unpin"):
        assert client.get(act_page(event, name)).status_code == 403
        assert client.post(act_page(event, name), {"reason": "x"}).status_code == 403
    assert client.post(MANUAL, BLOCK).status_code == (200 if permission == "events.add_event" else 403)
    assert client.post(SILENCE, {"reason": "x", "until": later()}).status_code == 403
    silence = Silence.objects.create(token="ETH", until=timezone.now(), reason="x", made_by="ann")
    page = f"/admin/alerts/silence/{silence.pk}/change/"
    assert client.post(page, {"reason": "x", "until": later()}).status_code == 403
    if permission == "alerts.view_silence":
        assert ">Preview<" not in client.get(page).content.decode().replace("</span>Preview<", ">Preview<")


def test_a_preview_counts_what_is_hidden_together_with_the_silences_in_force(admin_client: Client) -> None:
    event = make_event(title="Exchange will remove ETH and LUNA", tokens=("ETH", "LUNA"))
    tell(event)
    until = timezone.now() + timedelta(hours=3)
    Silence.objects.create(token="LUNA", until=until, reason="known", made_by="ann")
    said = " ".join(
        admin_client.post(SILENCE, {"token": "ETH", "reason": "known", "until": later()}).content.decode().split()
    )
    assert f"#{event.pk} Exchange will remove ETH and LUNA" in said and "hide 1 alert that waits" in said


def test_a_silence_whose_reason_is_changed_ends_when_it_did(admin_client: Client) -> None:
    until = timezone.now() + timedelta(days=200, seconds=7)
    made = Silence.objects.create(token="ETH", until=until, reason="known", made_by="ann")
    form = {"token": "ETH", "reason": "still", "until": f"{until:%Y-%m-%d %H:%M}"}
    assert confirm(admin_client, f"/admin/alerts/silence/{made.pk}/change/", form).status_code == 302
    made.refresh_from_db()
    assert (made.reason, made.until, made.made_by) == ("still", until, "ann")
    said = f"ETH until {until:%Y-%m-%d %H:%M} UTC: Still send alerts of events that get worse or turn = no (was yes); "
    assert AuditEntry.objects.get().what == f"{said}Reason = still (was known)"


def test_a_silence_that_was_ended_after_the_preview_is_not_begun_again(admin_client: Client) -> None:
    until = timezone.now() + timedelta(hours=5)
    made = Silence.objects.create(token="ETH", until=until, reason="known", made_by="ann")
    page = f"/admin/alerts/silence/{made.pk}/change/"
    confirmed = shown(admin_client, page, {"token": "ETH", "reason": "still", "until": f"{until:%Y-%m-%d %H:%M}"})
    admin_client.post("/admin/alerts/silence/", {"action": "end_now", "_selected_action": [made.pk]})
    assert admin_client.post(page, confirmed).status_code == 200
    made.refresh_from_db()
    assert made.until <= timezone.now() and made.reason == "known"


def test_a_card_that_nobody_would_get_is_said_in_words(admin_client: Client) -> None:
    event = open_event(tokens=("ETH",))
    until = timezone.now() + timedelta(hours=3)
    Silence.objects.create(token="ETH", until=until, reason="known", made_by="ann", lets_worse_through=False)
    page = admin_client.post(act_page(event, "correct"), as_it_is(event, **{"effect-0-action": "exit"}))
    said = " ".join(page.content.decode().split("Cards go to:")[1].split("</p>")[0].split())
    assert said.startswith("cex (console): updated, silenced:") and "_" not in said


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_the_same_moment_make_one_silence(admin_client: Client) -> None:
    event = make_event()
    for page, form in (
        (SILENCE, {"token": "ETH", "reason": "known", "until": later()}),
        (f"/admin/alerts/silence/of/{event.pk}/", {"hours": "4", "reason": "known"}),
    ):
        confirmed = shown(admin_client, page, form)
        Silence.objects.all().delete()
        assert together(admin_client, page, confirmed) == [302] * 4
        assert Silence.objects.count() == 1


def test_a_silence_of_everything_says_so_before_it_is_one(admin_client: Client) -> None:
    said = "It silences everything: every alert of every token and source, on all channels."
    assert said in admin_client.post(SILENCE, {"reason": "known", "until": later()}).content.decode()
    assert said not in admin_client.post(SILENCE, {"token": "ETH", "reason": "x", "until": later()}).content.decode()


def test_what_is_reopened_uncorrected_has_nothing_to_unpin_and_a_title_has_one_line(admin_client: Client) -> None:
    event = open_event()
    lifecycle.close_event(event.pk, timezone.now(), by="sam", reason="mistake")
    confirm(admin_client, act_page(event, "reopen"), {"reason": "none"})
    assert act_page(event, "unpin") not in admin_client.get(page_of(event)).content.decode()
    shown = admin_client.get(act_page(event, "correct")).context["form"].initial
    form = {name: shown[name] or "" for name in ("category", "priority", "seen")}
    until = f"{shown['valid_until']:%Y-%m-%d %H:%M}"
    confirm(admin_client, act_page(event, "correct"), {**form, "valid_until": until, "title": "A\r\nB", "reason": "x"})
    event.refresh_from_db()
    assert event.title == "A B"
    assert act_page(event, "unpin") in admin_client.get(page_of(event)).content.decode()
