"""Telegram, Discord, Slack, PagerDuty and Opsgenie over real connections: one table for all of them."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from alerts.channels import stepwise
from alerts.delivery.retry import decide
from alerts.rendering.message import Notice
from crypto_ews.conf.channels import check_target, further_channels
from tests.alerts.channels.services import MARK, RETURN_SECRET, ROUTING, SERVICES, TOKEN, Service, headers_of
from tests.alerts.channels.test_channels import FAULTS, LINK, POSTING, digest, message, open_, verdict
from tests.alerts.factories import NOW, make_config
from tests.alerts.rendering.test_teams_card import summary
from tests.upstreams import UpstreamServer
from tests.upstreams.server import At
from tests.upstreams.steps import Hang, Reply

SECRETS = (MARK, ROUTING, RETURN_SECRET, TOKEN)


@pytest.fixture
def server() -> Iterator[UpstreamServer]:
    with UpstreamServer() as server:
        yield server


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> Service:
    return SERVICES[request.param]


def opened(service: Service, server: UpstreamServer, **variables: str) -> Any:
    check_target(service.kind, service.address(server), service.secret)
    return open_(service.kind, service.address(server), service.secret, make_config(**variables))


def many_pairs() -> Any:
    pairs = tuple(f"BINANCE:<b>T{number}&USDT" for number in range(2000))
    return replace(summary(title="<b>**Über** & @everyone " * 12 + "🚀"), our_pairs=pairs, other_pairs=pairs)


CONTENTS = {
    "event": summary,
    "2000 pairs": many_pairs,
    "notice": lambda: Notice("Quiet <&>", "A channel is suspended"),
    "digest of 200": lambda: digest(200),
    "beyond U+FFFF": lambda: Notice("🐸" * 200, "🐸" * 4000, lines=("🐸 " * 140,) * 25),
}


@pytest.mark.parametrize("minimal", [False, True])
@pytest.mark.parametrize("content", CONTENTS)
def test_what_is_sent_is_within_the_services_limits(
    server: UpstreamServer, service: Service, content: str, minimal: bool
) -> None:
    service.listen(server)
    sent = message(CONTENTS[content](), minimal=minimal)
    transport = opened(service, server)
    if service.kind == "pagerduty" and content.startswith("digest"):
        # It takes 120 events in a minute.
        assert verdict(transport.deliver(sent)) == ("retry", "unfinished") and len(server.requests) == 120
        sent = replace(sent, now=NOW + timedelta(minutes=1, seconds=5))
    assert verdict(transport.deliver(sent)) == ("sent", "accepted")
    got = service.got(server)
    assert got and [fault for payload in got for fault in service.faults(payload)] == []
    if content.startswith("digest"):
        wanted = set(range(1, 201))
        # Each of Opsgenie's and PagerDuty's alerts is an event of its own.
        assert wanted <= set(map(int, re.findall(r"(?:#|ews-event-)(\d+)", str(got).replace("\\", ""))))


def test_every_http_code_is_judged(server: UpstreamServer, service: Service) -> None:
    def expected(status: int) -> str:
        if status in service.statuses:
            return service.statuses[status]
        if status in (401, 403, 404, 410) or 300 <= status <= 399:
            return "suspend"
        return "dead" if 400 <= status <= 499 and status not in (408, 429) else "retry"

    codes = [*range(200, 209), *range(300, 309), *range(400, 452), *range(500, 512), 599]
    route = service.listen(server)
    transport = opened(service, server)
    seen = {}
    for minute, code in enumerate(codes):
        route.replace(code)
        seen[code] = verdict(transport.deliver(replace(message(), now=NOW + timedelta(minutes=minute))))[0]
    transport.close()
    assert seen == {code: expected(code) for code in codes}


def test_the_wait_that_a_service_asks_for_is_kept_to_the_second(server: UpstreamServer, service: Service) -> None:
    service.listen(server, service.limited)
    answer = opened(service, server).deliver(message())
    decision = decide(answer, attempts=1, since=NOW, now=NOW, shrunk=False, jitter=0.0)
    assert (decision.kind.value, decision.reason) == ("retry", "throttled")
    assert decision.pause_until == NOW + timedelta(seconds=service.wait)


def test_a_service_that_hangs_ends_at_the_total_deadline(server: UpstreamServer, service: Service) -> None:
    service.listen(server, Hang())
    started = time.monotonic()
    assert verdict(opened(service, server, TIMEOUT="0.3").deliver(message())) == ("retry", "timeout")
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("fault", FAULTS)
def test_no_service_gives_its_secrets_away(
    server: UpstreamServer, service: Service, fault: Any, caplog: pytest.LogCaptureFixture, capfd: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("alerts", "events"):
        logging.getLogger(name).addHandler(caplog.handler)
    service.listen(server, At(0, fault))
    transport = opened(service, server, TIMEOUT="0.3")
    answer = transport.deliver(message())
    for name in ("alerts", "events"):
        logging.getLogger(name).removeHandler(caplog.handler)
    assert server.requests, "nothing was sent, so that nothing was proved"
    shown = f"{answer!r} {transport!r} {caplog.text} {''.join(capfd.readouterr())}".lower()
    assert [secret for secret in SECRETS if secret.lower() in shown] == []


def test_a_press_in_telegram_acknowledges_and_without_a_secret_the_link_does(server: UpstreamServer) -> None:
    telegram = SERVICES["telegram"]
    telegram.listen(server)
    opened(telegram, server).deliver(message())
    opened(replace(telegram, secret=""), server).deliver(message())
    pressed, linked = (sent["reply_markup"]["inline_keyboard"][0][0] for sent in telegram.got(server))
    # With the time of the card: what became of the event later was not seen.
    assert pressed == {"text": "Acknowledge", "callback_data": f"ack:7:{int(NOW.timestamp())}"}
    assert linked == {"text": "Acknowledge", "url": LINK.url}


@pytest.mark.parametrize(
    ("kind", "answer", "judged"),
    [
        ("telegram", Reply({"ok": False, "description": "Bad Request: chat not found"}, 400), "suspend"),
        ("telegram", Reply({"ok": False, "description": "Forbidden: bot was kicked"}, 403), "suspend"),
        ("telegram", Reply({"ok": False, "description": "Bad Request: message thread not found"}, 400), "suspend"),
        ("telegram", Reply({"ok": False, "description": "Bad Request: TOPIC_CLOSED"}, 400), "suspend"),
        ("telegram", Reply({"ok": False, "description": "Bad Request: CHAT_WRITE_FORBIDDEN"}, 400), "suspend"),
        ("telegram", Reply({"ok": False, "description": "Bad Request: message is too long"}, 400), "shrink"),
        ("discord", Reply({"message": "Unknown Webhook", "code": 10015}, 404), "suspend"),
        ("discord", Reply({"message": "Webhooks posted to forum channels must …", "code": 220001}, 400), "suspend"),
        ("discord", Reply({"message": "Thread is archived", "code": 50083}, 400), "suspend"),
        ("slack", Reply("no_service", 200), "suspend"),
        ("slack", Reply("no_service", 404), "suspend"),
        ("slack", Reply("something_new", 200), "retry"),
        ("slack", Reply("invalid_payload", 400), "shrink"),
        ("slack", Reply("channel_is_archived", 410), "suspend"),
        ("pagerduty", Reply({"status": "invalid event", "errors": ["Invalid routing key"]}, 400), "suspend"),
        ("pagerduty", Reply({"status": "invalid event", "errors": ["summary"]}, 400), "shrink"),
        ("opsgenie", Reply({"message": "Key format is not valid!"}, 403), "suspend"),
        ("opsgenie", Reply({"message": "Request body is not processable"}, 422), "shrink"),
    ],
)
def test_what_a_service_says_decides(server: UpstreamServer, kind: str, answer: Reply, judged: str) -> None:
    SERVICES[kind].listen(server, answer)
    assert verdict(opened(SERVICES[kind], server).deliver(message()))[0] == judged


@pytest.mark.parametrize(
    ("body", "judged"),
    [
        ({"ok": True, "ts": "1.2"}, "sent"),
        ({"ok": False, "error": "invalid_auth"}, "suspend"),
        ({"ok": False, "error": "not_in_channel"}, "suspend"),
        ({"ok": False, "error": "invalid_blocks"}, "shrink"),
        ({"ok": False, "error": "ratelimited"}, "retry"),
        ({"ok": False, "error": "fatal_error"}, "retry"),
        ({"ok": False, "error": "channel_not_found"}, "suspend"),
        ({"error": "invalid_auth", "warning": "x" * 60, "ok": False}, "suspend"),
        ({"ok": True, "message": {"text": '{"ok":false,"error":"invalid_auth"}'}}, "sent"),
    ],
)
def test_slacks_method_answers_200_and_its_word_decides(server: UpstreamServer, body: Any, judged: str) -> None:
    server.route("/api/chat.postMessage", Reply(body))
    address = server.url("/api/chat.postMessage?channel=C0123")
    check_target("slack", address, f"xoxb-{MARK}")
    assert verdict(open_("slack", address, f"xoxb-{MARK}").deliver(message()))[0] == judged
    (request,) = server.requests
    assert headers_of(request)["authorization"] == f"Bearer xoxb-{MARK}" and b"xoxb" not in request.body


def test_discord_is_not_asked_while_its_own_count_is_used_up(server: UpstreamServer) -> None:
    discord = SERVICES["discord"]
    full = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": "0.4"}
    discord.listen(server, Reply({"id": "1"}, 200, full))
    transport = opened(discord, server)
    assert verdict(transport.deliver(message()))[0] == "sent"
    wait = decide(transport.deliver(message()), attempts=9, since=NOW, now=NOW, shrunk=False, jitter=1.0)
    assert wait.retry_at and wait.pause_until and wait.retry_at - NOW < timedelta(seconds=0.41), wait
    assert len(server.requests) == 1
    time.sleep(0.45)
    assert verdict(transport.deliver(message()))[0] == "sent"


def steps(service: Service, server: UpstreamServer) -> list[tuple[str, str]]:
    if service.kind == "pagerduty":
        return [(sent["event_action"], sent["dedup_key"]) for sent in service.got(server)]
    names = {"alerts": "trigger", "acknowledge": "acknowledge", "close": "resolve", "unacknowledge": "reopen"}
    paths = [request.path.split("/") for request in server.requests]
    return [
        (names[path[-1]], sent["alias"] if path[-1] == "alerts" else path[-2])
        for path, sent in zip(paths, service.got(server), strict=True)
    ]


@pytest.mark.parametrize("kind", ["pagerduty", "opsgenie"])
def test_an_incident_follows_its_event(server: UpstreamServer, kind: str) -> None:
    service = SERVICES[kind]
    service.listen(server)
    transport = opened(service, server)
    for sent in (
        message(),
        message(acknowledged_by="Ann, since 2026-10-02 08:00 UTC", acknowledged=frozenset({7})),
        message(Notice("Acknowledged by Ann: #7", "", True, of_acts=True, acknowledged=(7,))),
        message(Notice("Silenced by Ann", "", True, of_acts=True)),
        message(Notice("Given back by Ann: #7", "", True, of_acts=True), released=(message(anew=frozenset({7})),)),
        message(summary(reasons=("worse",)), anew=frozenset({7})),
        message(Notice("Closed: a notice", "It ended.", event_id=7, ended=True)),
        message(replace(summary(), over=True)),
        message(summary(category="operations")),
        message(Notice("DRILL", "", True), key="alert-9"),
    ):
        assert verdict(transport.deliver(sent))[0] == "sent"
    # PagerDuty has no way to un-acknowledge, and stays quiet while an incident is acknowledged.
    seven, anew = "ews-event-7", {"pagerduty": "resolve", "opsgenie": "reopen"}[kind]
    assert steps(service, server) == [
        ("trigger", seven), ("acknowledge", seven), ("acknowledge", seven),
        (anew, seven), ("trigger", seven), (anew, seven), ("trigger", seven),
        ("resolve", seven), ("resolve", seven), ("trigger", "ews-alert-9"), ("resolve", "ews-alert-9"),
    ]  # fmt: skip


def test_a_digest_that_meets_a_limit_goes_on_where_it_stopped(server: UpstreamServer) -> None:
    """After what the service asks for, however often it was tried before, and though something urgent came between."""
    service = SERVICES["pagerduty"]
    service.listen(server, *[service.accepted] * 25, service.limited, service.accepted)
    transport = opened(service, server)
    first = decide(transport.deliver(message(digest(40))), attempts=9, since=NOW, now=NOW, shrunk=False, jitter=0.0)
    assert (first.reason, first.retry_at, first.pause_until) == ("unfinished", *[NOW + timedelta(seconds=12)] * 2)
    assert verdict(transport.deliver(message(key="alert-6")))[0] == "sent"
    assert verdict(transport.deliver(message(digest(40))))[0] == "sent"
    keys = [key for _, key in steps(service, server)]
    assert len(keys) == 42 and keys[25] == keys[27] and len(set(keys)) == 40


def test_a_digest_whose_lines_changed_meanwhile_leaves_nobody_out(server: UpstreamServer) -> None:
    """Its lines are in the order of what they demand, and somebody may take an event before its turn."""
    service = SERVICES["pagerduty"]
    service.listen(server, *[service.accepted] * 2, service.limited, service.accepted)
    transport = opened(service, server)
    before = digest(4)
    assert verdict(transport.deliver(message(before)))[1] == "unfinished"
    turned = replace(before, lines=before.lines[::-1])
    assert verdict(transport.deliver(message(turned, acknowledged=frozenset({1, 3}))))[0] == "sent"
    assert steps(service, server) == [
        *(("trigger", f"ews-event-{number}") for number in (1, 2, 3, 4)),
        ("acknowledge", "ews-event-3"), ("acknowledge", "ews-event-1"),
    ]  # fmt: skip


def test_foreign_addresses_make_no_link_of_their_own_in_discord(server: UpstreamServer) -> None:
    SERVICES["discord"].listen(server)
    page = "https://x.example/a_(1))[Acknowledge](https://evil.example/b)"
    opened(SERVICES["discord"], server).deliver(message(summary(url=page)))
    text = SERVICES["discord"].got(server)[0]["embeds"][0]["description"]
    assert "[Source](https://x.example/a_%281%29%29[Acknowledge]%28https://evil.example/b%29)" in text


def test_a_digest_that_takes_long_lets_others_go_between_and_is_no_failure(
    server: UpstreamServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stepwise, "_AT_ONCE_SECONDS", 0.0)
    service = SERVICES["opsgenie"]
    service.listen(server)
    transport = opened(service, server)
    answers = [
        decide(transport.deliver(message(digest(3))), attempts=9, since=NOW, now=NOW, shrunk=False, jitter=0.0)
        for _ in range(3)
    ]
    assert [(answer.kind.value, answer.pause_until) for answer in answers] == [
        ("retry", None),
        ("retry", None),
        ("sent", None),
    ]
    assert answers[0].retry_at == NOW
    assert len({key for _, key in steps(service, server)}) == len(server.requests) == 3


def test_a_telegram_group_gets_twenty_in_a_minute_whoever_posts_there(server: UpstreamServer) -> None:
    """Two topics of one group are two receivers; a private chat has no such limit."""
    service = SERVICES["telegram"]
    service.listen(server)
    topics = [
        open_("telegram", f"{service.address(server)}&message_thread_id={topic}", RETURN_SECRET) for topic in (1, 2)
    ]
    for number in range(20):
        sent = replace(message(), now=NOW + timedelta(seconds=number))
        assert verdict(topics[number % 2].deliver(sent))[0] == "sent"
    late = topics[0].deliver(replace(message(), now=NOW + timedelta(seconds=30)))
    # However often one topic had to wait because of another, it waits for the minute and not for an hour.
    decision = decide(late, attempts=9, since=NOW, now=NOW + timedelta(seconds=30), shrunk=False, jitter=1.0)
    assert (decision.kind.value, decision.retry_at) == ("retry", NOW + timedelta(minutes=1))
    assert len(server.requests) == 20
    assert verdict(topics[1].deliver(replace(message(), now=NOW + timedelta(seconds=60))))[0] == "sent"
    alone = open_("telegram", service.address(server).replace("-100200", "4711"), RETURN_SECRET)
    assert {verdict(alone.deliver(message()))[0] for _ in range(25)} == {"sent"}


ECHOES = {
    "telegram": 400,
    "discord": 200,
    "slack": 400,
    "pagerduty": 400,
    "opsgenie": 422,
    "teams": 400,
    "webhook": 500,
}


@pytest.mark.parametrize("kind", ECHOES)
def test_no_answer_that_repeats_the_message_keeps_a_link_that_acts(server: UpstreamServer, kind: str) -> None:
    """Telegram names the address of a button that it refuses; Discord and Slack answer with the message."""
    token = LINK.url.rpartition("/")[2]
    said = Reply({"description": f"Bad Request: inline keyboard button URL '{LINK.url}' is invalid",
                  "again": LINK.url.replace("/", "\\/")}, ECHOES[kind])  # fmt: skip
    if kind in SERVICES:
        SERVICES[kind].listen(server, said)
        transport = opened(SERVICES[kind], server)
    else:
        server.route("/hook", said)
        transport = open_(kind, server.url("/hook"), POSTING[kind])
    answer = transport.deliver(message())
    assert "is invalid" in answer.body and token not in f"{answer!r}"


def test_nor_the_beginning_of_a_link_at_which_a_long_answer_was_cut_off(server: UpstreamServer) -> None:
    """The first 2 KB are looked at: a signature of which one character is missing is as good as the whole."""
    said = f"Refused: {LINK.url} " * 40
    server.route("/hook", Reply(said, 500))
    answer = open_("webhook", server.url("/hook"), POSTING["webhook"]).deliver(message())
    cut = said[:2048].rpartition(" ")[2]
    assert len(cut) > 40 and LINK.url.startswith(cut), "the cut is within a link"
    assert "Refused" in answer.body and "https://" not in answer.body


@pytest.mark.parametrize("kind", ECHOES)
def test_nor_a_link_of_a_line_of_a_digest_or_of_a_card_that_was_given_back(server: UpstreamServer, kind: str) -> None:
    token = LINK.url.rpartition("/")[2]
    said = Reply({"description": f"URL '{LINK.url}' is invalid"}, ECHOES[kind])
    if kind in SERVICES:
        SERVICES[kind].listen(server, said)
        transport = opened(SERVICES[kind], server)
    else:
        server.route("/hook", said)
        transport = open_(kind, server.url("/hook"), POSTING[kind])
    listed = digest(2)
    listed = replace(listed, lines=tuple(replace(line, acts=(LINK,)) for line in listed.lines))
    given_back = Notice("Given back by Ann: #7", "", True, of_acts=True)
    for sent in (message(listed, acts=()), message(given_back, acts=(), released=(message(anew=frozenset({7})),))):
        answer = transport.deliver(sent)
        assert "is invalid" in answer.body and token not in f"{answer!r}"


@pytest.mark.parametrize(
    ("kind", "url", "secret"),
    [
        ("telegram", "https://api.telegram.org/bot1:abc/sendMessage", ""),
        ("telegram", "https://api.telegram.org/bot1:abc/sendMessage?chat_id=1&message_thread_id=x", ""),
        ("telegram", "https://api.telegram.org/bot1:abc/sendMessage?chat_id=1", "short"),
        ("discord", "https://discord.com/channels/1", ""),
        ("discord", "https://discord.com/api/webhooks/1/abc", RETURN_SECRET),
        ("slack", "https://slack.com/api/chat.postMessage?channel=C1", ""),
        ("slack", "https://hooks.slack.com/services/x", RETURN_SECRET),
        ("pagerduty", "https://events.pagerduty.com/v2/enqueue?routing_key=short", ""),
        ("opsgenie", "https://api.opsgenie.com/v2/alerts?key=tooShort", ""),
        ("opsgenie", f"https://api.opsgenie.com/v2/alerts?key={'k' * 36}", "short"),
    ],
)
def test_an_address_that_cannot_work_is_refused_without_being_repeated(kind: str, url: str, secret: str) -> None:
    with pytest.raises(ValueError) as refused:
        check_target(kind, url, secret)
    assert url not in str(refused.value) and RETURN_SECRET not in str(refused.value)


def test_a_receiver_for_escalations_alone_follows_nothing() -> None:
    (only,) = further_channels(
        f'[{{"name": "pager", "kind": "pagerduty", "follows": [], "secret": "{RETURN_SECRET}",'
        f' "url": "https://events.pagerduty.com/v2/enqueue?routing_key={ROUTING}"}}]'
    )
    assert (only.follows, only.secret) == ((), RETURN_SECRET)


@pytest.mark.parametrize("kind", ["pagerduty", "opsgenie"])
def test_a_digest_pages_nobody_for_what_somebody_has_and_anew_for_what_was_given_back(
    server: UpstreamServer, kind: str
) -> None:
    service = SERVICES[kind]
    service.listen(server)
    sent = message(digest(3), acknowledged=frozenset({1}), anew=frozenset({2}))
    assert verdict(opened(service, server).deliver(sent))[0] == "sent"
    anew = {"pagerduty": "resolve", "opsgenie": "reopen"}[kind]
    assert steps(service, server) == [
        ("acknowledge", "ews-event-1"), (anew, "ews-event-2"), ("trigger", "ews-event-2"), ("trigger", "ews-event-3"),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["pagerduty", "opsgenie"])
def test_the_suspension_of_a_channel_is_one_incident_from_beginning_to_end(server: UpstreamServer, kind: str) -> None:
    service = SERVICES[kind]
    service.listen(server)
    transport = opened(service, server)
    for key, good in (("alert-8", False), ("alert-9", True)):
        told = Notice("Alert channel cex", "", good, about="channel-cex")
        assert verdict(transport.deliver(message(told, key=key)))[0] == "sent"
    assert steps(service, server) == [("trigger", "ews-channel-cex"), ("resolve", "ews-channel-cex")]
