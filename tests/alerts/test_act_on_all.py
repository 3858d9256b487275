"""The page behind the links of a digest: all of its events, or those that are ticked, once, and nothing unseen."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alerts import outbox
from alerts.delivery.loader import MOST_LINES_WITH_LINKS, load_message
from alerts.models import Acknowledgement, Alert, AuditEntry, Silence
from alerts.rendering.links import DigestLink, LinkRefused, digest_links, read_link, set_mark
from alerts.rendering.message import Digest
from alerts.suppression import acknowledgements, digest_acts, silences
from events.models import Event
from tests.alerts.conftest import Hooks
from tests.alerts.delivery.test_digests import claimed, storm
from tests.alerts.delivery.test_worker import attempt, worker_for
from tests.alerts.factories import Clock, bump, make_config, make_event
from tests.alerts.suppression.test_acts import ANN
from tests.alerts.test_views import nothing_was_done, text_of
from tests.events.admin.support import while_it_changes
from tests.events.risk_view.support import run_together
from tests.support.browser import Browser

pytestmark = pytest.mark.django_db
BASE = "https://ews.example"


def digest_of(events: Sequence[Event], channel: str = "cex", kind: str = "digest") -> Alert:
    """A digest as `alerts.delivery.digests` makes it, accepted a moment ago."""
    now = timezone.now()
    listed = {"digest": {"kind": kind, "events": sorted(event.pk for event in events)}}
    digest = Alert.objects.create(
        reason="digest", channel=channel, urgency=1, queued_at=now, due_at=now, state="sent", done_at=now, detail=listed
    )
    for event in events:
        Alert.objects.update_or_create(
            event=event,
            channel=channel,
            reason="opened",
            defaults={
                "urgency": 1,
                "queued_at": now,
                "due_at": now,
                "state": "digested",
                "done_at": now,
                "digest": digest,
            },
        )
    return digest


def path_of(digest: Alert, act: str = "acknowledge", *, hours: float = 2, age: timedelta = timedelta(0)) -> str:
    links = digest_links(digest.pk, digest.listed_events(), digest.channel, "", timezone.now() - age, hours)
    return next(link.url for link in links if link.act == act)


def three() -> list[Event]:
    return [make_event(title=f"Exchange will remove {token}", tokens=(token,)) for token in ("LUNA", "ABC", "XYZ")]


def seen_by(client: Client, path: str) -> str:
    found = re.search(r'name="seen" value="([^"]*)"', client.get(path).content.decode())
    assert found
    return found[1]


def close(event: Event, why: str = "it resumed") -> None:
    Event.objects.non_polymorphic().filter(pk=event.pk).update(
        status="closed", closed_at=timezone.now(), close_reason=why
    )


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("act", ["acknowledge", "silence"])
def test_whoever_only_looks_changes_nothing(client: Client, method: str, act: str) -> None:
    path = path_of(digest_of(three()), act)
    for _ in range(3):
        assert getattr(client, method)(path).status_code == 200
        assert getattr(client, method)(f"{path}?only=1&event=1").status_code == 200
    assert nothing_was_done()


@pytest.mark.parametrize("method", ["put", "delete", "patch", "options"])
def test_nothing_but_a_form_acts(client: Client, method: str) -> None:
    assert getattr(client, method)(path_of(digest_of(three()))).status_code == 405
    assert nothing_was_done()


def test_the_page_lists_every_event_with_what_to_do_the_strictest_first(client: Client) -> None:
    mild, strict = make_event(title="Mild"), make_event(title="Strict", tokens=("ABC",))
    strict.effects.update(action="exit", trading_ends_at=timezone.now() + timedelta(hours=19, minutes=1))
    page = text_of(client.get(path_of(digest_of([mild, strict]))))
    assert "Acknowledge 2 events?" in page
    assert re.search(r"EXIT · ABC · Binance spot · by .* UTC, in 19 h .*Strict.*REDUCE ONLY · LUNA .*Mild", page)
    assert f"event #{mild.pk}" in page and f"event #{strict.pk}" in page


def test_all_are_acknowledged_at_once_each_in_the_audit_with_who_and_where(client: Client) -> None:
    events = three()
    path = path_of(digest_of(events))
    typed = {"name": "Ann", "note": "on it", "seen": seen_by(client, path)}
    answer = client.post(path, typed, REMOTE_ADDR="192.0.2.7")
    assert answer.status_code == 200
    assert "Ann has acknowledged 3 events." in text_of(answer)
    numbers = {event.pk for event in events}
    assert set(Acknowledgement.objects.values_list("event_id", "by", "note")) == {(n, "Ann", "on it") for n in numbers}
    entries = AuditEntry.objects.values_list("act", "by", "where", "address", "event_id", "what")
    assert set(entries) == {("acknowledged", "Ann", "card in cex", "192.0.2.7", n, "on it") for n in numbers}


def test_who_is_logged_in_acts_under_their_own_name(admin_client: Client) -> None:
    path = path_of(digest_of(three()))
    assert "as admin" in text_of(admin_client.get(path))
    admin_client.post(path, {"name": "somebody else"})
    assert set(Acknowledgement.objects.values_list("by", flat=True)) == {"admin"}
    assert AuditEntry.objects.filter(user__username="admin").count() == 3


@pytest.mark.parametrize("name", ["", "   ", "​‮", "x" * 81])
def test_a_name_is_needed(client: Client, name: str) -> None:
    assert client.post(path_of(digest_of(three())), {"name": name}).status_code == 400
    assert nothing_was_done()


def test_only_those_that_are_ticked(client: Client) -> None:
    events = three()
    path = path_of(digest_of(events))
    answer = client.post(path, {"name": "ann", "only": "1", "event": [str(events[1].pk)]})
    assert answer.status_code == 200
    assert "ann has acknowledged 1 event. 2 were not ticked" in text_of(answer)
    assert Acknowledgement.objects.get().event_id == events[1].pk


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"only": "1"}, "Tick the events that you mean."),
        ({"only": "1", "event": ["x", "", "-1", "9" * 30, "¹"]}, "Tick the events that you mean."),
        ({"event": "first"}, "1 of 3 are ticked, and the button for all was pressed."),
        ({"seen": "nonsense"}, "Open the link again."),
        ({"seen": "1.1 2.x"}, "Open the link again."),
    ],
)
def test_what_is_meant_must_be_clear(client: Client, typed: dict[str, Any], said: str) -> None:
    events = three()
    path = path_of(digest_of(events))
    typed = {key: str(events[0].pk) if value == "first" else value for key, value in typed.items()}
    answer = client.post(path, {"name": "ann", **typed})
    assert answer.status_code == 400
    assert said in text_of(answer)
    assert nothing_was_done()
    assert client.post(path, {"name": "ann"}).status_code == 200, "the link is not used up"


def test_an_event_of_another_card_cannot_be_smuggled_in(client: Client) -> None:
    events, other = three(), make_event(tokens=("OTHER",))
    answer = client.post(path_of(digest_of(events)), {"name": "ann", "only": "1", "event": [str(other.pk)]})
    assert answer.status_code == 400
    assert nothing_was_done()
    both = {"name": "ann", "only": "1", "event": [str(other.pk), str(events[0].pk)]}
    assert client.post(path_of(digest_of(events)), both).status_code == 200
    assert Acknowledgement.objects.get().event_id == events[0].pk


@pytest.mark.parametrize("act", ["acknowledge", "silence"])
def test_a_link_works_once_whatever_was_ticked(client: Client, act: str) -> None:
    events = three()
    path = path_of(digest_of(events), act)
    first = {"name": "ann", "hours": "4", "only": "1", "event": [str(events[0].pk)]}
    assert client.post(path, first).status_code == 200
    before = AuditEntry.objects.count()
    again = client.post(path, {"name": "bob", "hours": "4"})
    assert again.status_code == 410
    assert "used by ann" in text_of(again)
    assert client.get(path).status_code == 410
    assert AuditEntry.objects.count() == before == 1


def test_a_link_that_expired_or_was_altered_acts_no_more(client: Client) -> None:
    digest, other = digest_of(three()), digest_of(three())
    path = path_of(digest)
    forged = [
        path[:-1] + "*",
        path.replace("acknowledge.", "silence."),
        path.replace(f"digest-{digest.pk}-", f"digest-{other.pk}-"),
        path.replace(".cex.", ".defi."),
        path.replace(set_mark(digest.listed_events()), set_mark(other.listed_events())),
    ]
    for url, status in ((path_of(digest, age=timedelta(hours=2)), 410), *((url, 404) for url in forged)):
        assert url != path
        assert client.get(url).status_code == status
        assert client.post(url, {"name": "ann", "hours": "4"}).status_code == status
    assert nothing_was_done()


def test_a_link_is_bound_to_the_events_that_its_card_listed(client: Client) -> None:
    events = three()
    digest = digest_of(events)
    path = path_of(digest)
    # A member that is sent again by itself leaves its digest; the link is about what the card listed all the same.
    outbox.resend([digest.members.earliest("id").pk], timezone.now())
    assert digest.members.count() == 2
    assert "Acknowledge 3 events?" in text_of(client.get(path))
    other = make_event(tokens=("OTHER",))
    listed = {"digest": {"kind": "digest", "events": [*digest.listed_events(), other.pk]}}
    Alert.objects.filter(pk=digest.pk).update(detail=listed)
    answer = client.post(path, {"name": "ann"})
    assert answer.status_code == 404
    assert "its card listed other events" in text_of(answer)
    Alert.objects.filter(pk=digest.pk).delete()
    assert client.get(path).status_code == 404
    assert nothing_was_done()


def test_what_was_done_meanwhile_is_said_and_left_out(client: Client) -> None:
    events = [*three(), *three(), make_event(tokens=("LAST",))]
    path = path_of(digest_of(events))
    typed = {"name": "ann", "seen": seen_by(client, path)}
    closed, taken, deleted, changed, lowered, *left = events
    close(closed)
    acknowledgements.acknowledge(taken.pk, ANN, "mine", timezone.now())
    gone = deleted.pk
    Event.objects.filter(pk=gone).delete()
    bump(changed)
    Event.objects.filter(pk=lowered.pk).update(priority="low")
    before = AuditEntry.objects.count()
    answer = client.post(path, typed)
    assert answer.status_code == 200
    page = text_of(answer)
    assert "ann has acknowledged 2 events." in page
    for said in (
        "Left out: closed: it resumed",
        "Left out: acknowledged by ann on",
        "Left out: changed since this page was opened",
        "Left out: of low priority now",
        f"event #{gone} Left out: deleted",
    ):
        assert said in page
    acknowledged = set(Acknowledgement.objects.exclude(note="mine").values_list("event_id", flat=True))
    assert acknowledged == {event.pk for event in left}
    assert AuditEntry.objects.count() == before + 2
    assert Acknowledgement.objects.filter(event=taken).count() == 1


def test_what_is_over_stands_below_what_can_be_done_and_has_no_box(client: Client) -> None:
    events = three()
    close(events[0], "resumed <b>")
    body = client.get(path_of(digest_of(events))).content.decode()
    assert body.count('type="checkbox"') == 2
    assert "resumed &lt;b&gt;" in body
    page = text_of(client.get(path_of(digest_of(events))))
    assert "1 of the card&#x27;s events is left out" in page or "1 of the card's events is left out" in page
    assert page.index("Exchange will remove LUNA") > page.index("Exchange will remove XYZ")


def test_nobody_confirms_what_they_have_not_seen(client: Client) -> None:
    events = three()
    path = path_of(digest_of(events))
    typed = {"name": "ann", "note": "on it", "seen": seen_by(client, path)}
    for event in events:
        bump(event)
    answer = client.post(path, typed)
    assert answer.status_code == 409 and nothing_was_done()
    page = answer.content.decode()
    assert "They have changed since" in page and 'value="on it"' in page
    found = re.search(r'name="seen" value="([^"]*)"', page)
    assert found and found[1] != typed["seen"]
    assert client.post(path, {**typed, "seen": found[1]}).status_code == 200
    assert Acknowledgement.objects.count() == 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", ["acknowledge", "silence"])
def test_nor_what_is_being_written_while_they_confirm(client: Client, act: str) -> None:
    events = three()
    path = path_of(digest_of(events), act)
    typed = {"name": "ann", "note": "on it", "seen": seen_by(client, path), "hours": "4"}
    answer = while_it_changes(events[1], lambda: client.post(path, typed))
    assert answer.status_code == 200 and "has acknowledged 2 events" in text_of(answer).replace(
        "has silenced alerts like those of", "has acknowledged"
    )
    assert sorted(AuditEntry.objects.values_list("event_id", flat=True)) == [events[0].pk, events[2].pk]


def test_when_nothing_is_left_the_page_says_so_and_the_link_is_not_used_up(client: Client) -> None:
    events = three()
    path = path_of(digest_of(events))
    for event in events:
        close(event)
    for answer in (client.get(path), client.post(path, {"name": "ann"})):
        assert answer.status_code == 410
        assert "There is nothing left to acknowledge here." in text_of(answer)
        assert "closed: it resumed" in text_of(answer)
    assert nothing_was_done()


def test_alerts_like_all_of_them_are_silenced_and_the_page_says_what_that_hides(client: Client) -> None:
    first, second, third = (
        make_event("depeg", tokens=("USDE",)),
        make_event("depeg", tokens=("USDE", "DAI")),
        make_event(),
    )
    path = path_of(digest_of([first, second, third]), "silence")
    page = text_of(client.get(path))
    assert "Silence alerts like those of 3 events?" in page
    assert "updates of 3 open events, and no alerts that wait" in page
    assert "silences: DAI depeg, USDE depeg" in page
    assert client.post(path, {"name": "ann", "hours": "4", "note": "we know"}).status_code == 200
    made = Silence.objects.order_by("token").values_list("token", "category", "reason", "made_by")
    named = [("DAI", "depeg"), ("LUNA", "delisting"), ("USDE", "depeg")]
    assert list(made) == [(*one, "we know", "ann") for one in named]
    assert set(AuditEntry.objects.values_list("act", "event_id")) == {
        ("silenced", event.pk) for event in (first, second, third)
    }
    assert all(abs((one.until - timezone.now()).total_seconds() - 4 * 3600) < 10 for one in Silence.objects.all())
    for event in (first, second, third):
        assert silences.matching(event, list(event.effects.all()), "updated", timezone.now()) is not None
    # What waits of them is silenced with them, each alert by the silence that matches it.
    waiting = Alert.objects.get(reason="updated", channel="cex", event=None)
    assert "Silenced by ann until" in str(waiting.detail)


def test_each_alert_that_waits_is_silenced_by_its_own_silence(client: Client) -> None:
    events = [make_event("depeg", tokens=("USDE",)), make_event(tokens=("ABC",))]
    waiting = [
        Alert.objects.create(event=event, reason="opened", channel="cex", queued_at=timezone.now(),
                             due_at=timezone.now(), life=event.life) for event in events
    ]  # fmt: skip
    Alert.objects.exclude(pk__in=[alert.pk for alert in waiting]).delete()
    now = timezone.now()
    digest_acts.silence_all([event.pk for event in events], None, now + timedelta(hours=1), "known", ANN, now)
    states = Alert.objects.filter(event__isnull=False).order_by("id").values_list("state", "silence__token")
    assert list(states) == [("silenced", "USDE"), ("silenced", "ABC")]


@pytest.mark.parametrize("hours", ["0", "5", "-1", "x", ""])
def test_a_silence_lasts_as_long_as_was_offered(client: Client, hours: str) -> None:
    assert client.post(path_of(digest_of(three()), "silence"), {"name": "ann", "hours": hours}).status_code == 400
    assert nothing_was_done()


def test_more_silences_than_can_be_compared_are_refused_with_what_to_do(client: Client) -> None:
    tokens = [tuple(f"T{event}X{number}" for number in range(20)) for event in range(26)]
    path = path_of(digest_of([make_event(tokens=names) for names in tokens]), "silence")
    answer = client.post(path, {"name": "ann", "hours": "4"})
    assert answer.status_code == 400
    assert "520 silences would be made; expected at most 500. Tick fewer events." in text_of(answer)
    assert nothing_was_done()
    assert "520 silences" in text_of(client.get(path))


def test_one_line_in_the_channel_names_them_all_and_services_learn_each(client: Client) -> None:
    events = three()
    client.post(path_of(digest_of(events)), {"name": "ann"})
    notice = Alert.objects.get(event=None, state="pending").detail["notice"]
    numbers = ", ".join(f"#{event.pk}" for event in events)
    assert notice["lines"] == [f"Acknowledged by ann: 3 events at once, {numbers}; until unacknowledged, worse or over"]
    assert notice["acknowledged"] == [event.pk for event in events]


def test_repeats_that_wait_are_cancelled(client: Client) -> None:
    events = three()
    now = timezone.now()
    repeat = Alert.objects.create(event=events[0], reason="repeat", channel="cex", queued_at=now, due_at=now)
    client.post(path_of(digest_of(events)), {"name": "ann"})
    repeat.refresh_from_db()
    assert (repeat.state, repeat.muted_by) == ("muted", "acknowledged")


def test_a_form_from_elsewhere_is_refused() -> None:
    strict = Client(enforce_csrf_checks=True)
    path = path_of(digest_of(three()))
    assert strict.post(path, {"name": "mallory"}).status_code == 403
    strict.get(path)
    assert strict.post(path, {"name": "mallory", "csrfmiddlewaretoken": "x" * 64}).status_code == 403
    assert nothing_was_done()
    token = strict.cookies["csrftoken"].value
    assert strict.post(path, {"name": "ann", "csrfmiddlewaretoken": token}).status_code == 200


def test_the_page_is_kept_by_nobody_loads_nothing_and_shows_foreign_text_as_text(client: Client) -> None:
    event = make_event(title="<script>alert(1)</script> & שלום", tokens=("<b>",))
    answer = client.get(path_of(digest_of([event, make_event()])))
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["X-Frame-Options"] == "DENY"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert answer["X-Robots-Tag"] == "noindex"
    body = answer.content.decode()
    assert "<script" not in body and "&lt;script&gt;alert(1)" in body and "<b>" not in body


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", ["acknowledge", "silence"])
def test_of_six_who_confirm_one_link_at_once_one_acts(act: str) -> None:
    path = path_of(digest_of(three()), act)
    typed, statuses = {"name": "ann", "hours": "4"}, list[int]()
    assert run_together(*[lambda: statuses.append(Client().post(path, typed).status_code)] * 6) == []
    assert sorted(statuses) == [200, 410, 410, 410, 410, 410]
    assert AuditEntry.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_of_two_lists_that_overlap_each_event_has_one_who_took_it() -> None:
    events = [make_event(tokens=(f"T{number}",)) for number in range(12)]
    paths = [path_of(digest_of(events[:8])), path_of(digest_of(events[4:])), path_of(digest_of(events[::-1]))]
    statuses: list[int] = []

    def confirm(path: str) -> None:
        statuses.append(Client().post(path, {"name": "ann"}).status_code)

    assert run_together(*[partial(confirm, path) for path in paths]) == []
    assert len(statuses) == 3 and set(statuses) <= {200, 410}
    assert Acknowledgement.objects.count() == AuditEntry.objects.count() == 12


def test_two_hundred_events_fit_a_short_address_and_are_done_in_a_moment(client: Client) -> None:
    storm(200, "delisting")
    events = list(Event.objects.order_by("id"))
    digest = digest_of(events)
    for act in ("acknowledge", "silence"):
        path = path_of(digest, act)
        assert len(path) < 200
        began = time.perf_counter()
        assert f"{act.capitalize()}" in text_of(client.get(path))
        with CaptureQueriesContext(connection) as asked:
            typed = {"name": "ann", "hours": "4", "seen": seen_by(client, path)}
            assert client.post(path, typed).status_code == 200
        assert len(asked) < 60, "not a query for each event"
        assert time.perf_counter() - began < 6
    assert Acknowledgement.objects.count() == Silence.objects.count() == 200


class TestOfACard:
    """What a digest's message has of links."""

    def message(self, digest: Alert, with_links: bool = True) -> Any:
        return load_message(
            digest, make_config(PUBLIC_BASE_URL=BASE), timezone.now(), shrunk=False, with_links=with_links
        )

    def test_it_has_links_for_all_and_for_each_while_there_is_something_to_do(self) -> None:
        events = three()
        digest = digest_of(events)
        message = self.message(digest)
        assert [(act.act, act.title) for act in message.acts] == [
            ("acknowledge", "Acknowledge all"), ("silence", "Silence all"),
        ]  # fmt: skip
        for line in message.content.lines:
            assert [act.act for act in line.acts] == ["acknowledge", "silence"]
            link = read_link(line.acts[0].url.removeprefix(f"{BASE}/act/"), timezone.now())
            assert (link.act, link.about, link.channel) == ("acknowledge", str(line.event_id), "cex")
        acknowledgements.acknowledge(events[0].pk, ANN, "", timezone.now())
        close(events[1])
        message = self.message(digest)
        acts = {line.event_id: [act.act for act in line.acts] for line in message.content.lines}
        assert acts == {events[0].pk: ["silence"], events[1].pk: [], events[2].pk: ["acknowledge", "silence"]}
        assert [act.act for act in message.acts] == ["acknowledge", "silence"]
        close(events[2])
        assert [act.act for act in self.message(digest).acts] == ["silence"]
        close(events[0])
        assert self.message(digest).acts == ()

    def test_a_long_one_has_those_for_all_only(self, client: Client) -> None:
        storm(MOST_LINES_WITH_LINKS + 1)
        digest = claimed(Clock(), channel="token_volatility").alert
        message = self.message(digest)
        assert isinstance(message.content, Digest)
        assert not any(line.acts for line in message.content.lines)
        link = read_link(message.acts[0].url.removeprefix(f"{BASE}/act/"), timezone.now())
        assert isinstance(link, DigestLink)
        assert (link.digest_id, link.channel) == (digest.pk, "token_volatility")
        page = client.get(message.acts[0].url.removeprefix(BASE))
        assert f"Acknowledge {MOST_LINES_WITH_LINKS + 1} events?" in text_of(page)

    def test_a_preview_has_none_that_work(self) -> None:
        message = self.message(digest_of(three()), with_links=False)
        assert {act.url for act in message.acts} == {f"{BASE}/act/preview"}
        assert not any(line.acts for line in message.content.lines)

    def test_one_that_lists_less_than_its_links_would_act_on_has_none(self) -> None:
        digest = digest_of(three())
        outbox.resend([digest.members.earliest("id").pk], timezone.now())
        message = self.message(digest)
        assert message.acts == ()
        assert all(line.acts for line in message.content.lines)

    def test_a_digest_of_an_earlier_release_has_them_too(self, client: Client) -> None:
        digest = digest_of(three())
        Alert.objects.filter(pk=digest.pk).update(detail={"digest": {"kind": "digest"}})
        digest.refresh_from_db()
        path = self.message(digest).acts[0].url.removeprefix(BASE)
        assert client.post(path, {"name": "ann"}).status_code == 200
        assert Acknowledgement.objects.count() == 3

    def test_no_repr_shows_a_link_that_works(self) -> None:
        message = self.message(digest_of(three()))
        assert "/act/" not in repr(message)


def test_no_character_of_a_link_for_all_can_be_changed() -> None:
    now = timezone.now()
    token = digest_links(7, [1, 2, 3], "cex", BASE, now, 2)[0].url.removeprefix(f"{BASE}/act/")
    link = read_link(token, now)
    assert isinstance(link, DigestLink)
    assert (link.digest_id, link.events, link.act, link.channel) == (7, set_mark([3, 2, 1]), "acknowledge", "cex")
    for place, character in enumerate(token):
        for other in "A0.:-" if character not in "A0.:-" else "z":
            with pytest.raises(LinkRefused, match="altered"):
                read_link(token[:place] + other + token[place + 1 :], now)


class TestInABrowser:
    """In headless Chromium, on the daemon's own web server."""

    pytestmark = pytest.mark.django_db(transaction=True)

    def test_a_person_acknowledges_one_of_a_list_on_a_phone(self, browser: Browser, site: str) -> None:
        events = three()
        path = path_of(digest_of(events))
        browser.resize(390, 844)
        browser.open(site + path)
        assert browser.run("return document.documentElement.scrollWidth <= innerWidth"), "it fits on a phone"
        browser.fill("#id_name", "Ann")
        browser.find(f"input[name=event][value='{events[1].pk}']").click()
        browser.press("button[type=submit]")
        browser.wait_for_text("Press the one that you mean")
        assert nothing_was_done()
        browser.press("button[name=only]")
        browser.wait_for_text("Ann has acknowledged 1 event")
        assert Acknowledgement.objects.get().event_id == events[1].pk
        assert all(url.startswith(site) for url in browser.requested_urls()), "nothing comes from elsewhere"
        assert browser.console_errors() == [] or all("400" in error for error in browser.console_errors())
        browser.open(site + path)
        browser.find("#refused")
        assert browser.all("form") == []


def test_from_a_storm_to_its_acknowledgement_by_the_card_that_arrived(hooks: Hooks, client: Client) -> None:
    numbers = storm(30, "delisting", timezone.now())
    worker = worker_for(hooks, Clock(timezone.now() + timedelta(seconds=1)))
    assert attempt(worker).kind == "sent"
    (card,) = hooks.wait_for(1, "cex")
    buttons = {action["title"]: action["url"] for action in card.content["actions"]}
    assert list(buttons) == ["Acknowledge all", "Silence all", "Runbook"]
    path = "/act/" + buttons["Acknowledge all"].partition("/act/")[2]
    assert client.post(path, {"name": "ann", "seen": seen_by(client, path)}).status_code == 200
    assert set(Acknowledgement.objects.values_list("event_id", flat=True)) == set(numbers)
    assert set(AuditEntry.objects.values_list("event_id", "by", "where")) == {
        (n, "ann", "card in cex") for n in numbers
    }
    assert client.get(path).status_code == 410
