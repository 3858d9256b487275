"""The retry decision, row by row."""

from __future__ import annotations

import json
from datetime import timedelta
from email.utils import format_datetime

import pytest

from alerts.channels.base import Answer
from alerts.delivery.retry import JITTER, LADDER_SECONDS, Decision, decide
from tests.alerts.factories import NOW


def judge(answer: Answer, attempts: int = 1, age: timedelta = timedelta(0), **how) -> Decision:
    return decide(
        answer,
        attempts=attempts,
        since=NOW - age,
        now=NOW,
        shrunk=how.get("shrunk", False),
        jitter=how.get("jitter", 0.0),
    )


def expected_kind(status: int, shrunk: bool) -> str:
    """The contract's table in the other direction: by kind."""
    if status in (200, 202):
        return "sent"
    if status in (400, 413):
        return "dead" if shrunk else "shrink"
    if status in (401, 403, 404, 410) or 300 <= status <= 399:
        return "suspend"
    if 400 <= status <= 499 and status not in (408, 429):
        return "dead"
    return "retry"


FAULTS = ["timeout", "dns", "connect", "reset", "tls", "proxy", "protocol", "truncated"]
TEAMS_429 = (
    "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429 with ContextId x=1"
)

TABLE = [
    *[pytest.param(Answer(code), code, False, id=f"HTTP {code}") for code in range(100, 600)],
    *[pytest.param(Answer(code), code, True, id=f"HTTP {code}, minimal card") for code in (200, 202, 400, 413, 500)],
]


@pytest.mark.parametrize(("answer", "status", "shrunk"), TABLE)
def test_every_http_code_has_its_row(answer, status, shrunk):
    decision = judge(answer, shrunk=shrunk)
    assert decision.kind == expected_kind(status, shrunk)
    assert decision.reason
    assert (decision.retry_at is not None) == (decision.kind == "retry")


@pytest.mark.parametrize(
    ("answer", "kind", "reason"),
    [
        *[pytest.param(Answer(error=fault), "retry", fault, id=fault) for fault in FAULTS],
        pytest.param(Answer(error="configuration"), "suspend", "webhook_unusable", id="URL that cannot be asked"),
        pytest.param(Answer(202, error="truncated"), "sent", "accepted", id="202 whose body broke off"),
        pytest.param(Answer(200, error="timeout"), "retry", "timeout", id="200 whose body never came"),
        pytest.param(Answer(404, error="reset"), "suspend", "webhook_refused", id="404 whose body broke off"),
        pytest.param(Answer(200, body=TEAMS_429), "retry", "throttled", id="200 that tells of a 429"),
        pytest.param(Answer(200, body=TEAMS_429.replace("429", "413")), "shrink", "refused", id="200 telling of a 413"),
        pytest.param(
            Answer(200, body=TEAMS_429.replace("429", "404")), "suspend", "webhook_refused", id="200 of a 404"
        ),
        pytest.param(Answer(200, body=TEAMS_429.replace("429", "502")), "retry", "server_error", id="200 of a 502"),
        pytest.param(Answer(200, body="delivery failed"), "retry", "failure_in_200", id="200 with error text"),
        pytest.param(
            Answer(200, body='{"statusCode": 429, "message": "slow"}'), "retry", "throttled", id="200 JSON 429"
        ),
        pytest.param(
            Answer(200, body='{"statusCode": 500, "message": "Internal"}'), "retry", "server_error", id="200 JSON 500"
        ),
        pytest.param(
            Answer(200, body='{"error": {"code": "Throttled", "message": "x"}}'),
            "retry",
            "failure_in_200",
            id="200 error object without status",
        ),
        pytest.param(
            Answer(200, body='{"error": {"code": 404, "message": "no such flow"}}'),
            "suspend",
            "webhook_refused",
            id="200 error object of a 404",
        ),
        pytest.param(
            Answer(200, body='{"id": 7, "error": {"message": "' + "x" * 990),
            "retry",
            "failure_in_200",
            id="200 error object that was cut off",
        ),
        pytest.param(
            Answer(200, body='{"message": ' + json.dumps(TEAMS_429) + "}"), "retry", "throttled", id="200 JSON sentence"
        ),
        pytest.param(
            Answer(200, body=f"<html><body>{TEAMS_429}</body></html>"), "retry", "throttled", id="200 page of a failure"
        ),
        pytest.param(Answer(200, body=""), "sent", "accepted", id="200 empty"),
        pytest.param(Answer(200, body="1"), "sent", "accepted", id="200 of an old connector"),
        pytest.param(Answer(200, body='{"errors": [], "error": null}'), "sent", "accepted", id="200 without errors"),
        pytest.param(Answer(200, body="done with no errors"), "sent", "accepted", id="200 that denies errors"),
        pytest.param(Answer(202, body="failed"), "sent", "accepted", id="202 whatever its body"),
        pytest.param(Answer(), "sent", "accepted", id="a receiver without HTTP"),
    ],
)
def test_faults_and_bodies_have_their_rows(answer, kind, reason):
    assert (judge(answer).kind, judge(answer).reason) == (kind, reason)


@pytest.mark.parametrize(
    "body",
    [
        "Thank you. If you think this is an error, contact your administrator.",
        "<!DOCTYPE html><html><title>OK</title><p>If you think this is an error or access was denied, call 404.</p>",
        "Accepted. Error 404 pages are explained in our help.",
        "Your card was queued; expired and failed cards are listed in the log.",
        '{"status": "ok", "message": "if delivery failed you will hear of it", "http": 404}',
        '{"received": {"title": "Hack: bridge failed with error 503", "error": "quoted"}, "errors": 0}',
        '{"error": "none", "errors": [], "exception": null}',
        '{"version":1,"type":"event","text":"Trading of LUNA failed: error 429, rate limit, unauthorized"' + "," * 900,
        "LUNA delivery failed to settle",
        "[]",
        "{}",
        '"ok"',
        "{not json: error}",
    ],
)
def test_a_200_that_mentions_errors_politely_or_echoes_our_text_is_an_acceptance(body):
    assert (judge(Answer(200, body=body)).kind, judge(Answer(200, body=body)).reason) == ("sent", "accepted")


@pytest.mark.parametrize(("attempt", "seconds"), [*enumerate(LADDER_SECONDS, 1), (9, 3600), (30, 3600)])
def test_the_ladder_has_the_contracts_steps_and_then_goes_hourly(attempt, seconds):
    assert judge(Answer(503), attempts=attempt).retry_at == NOW + timedelta(seconds=seconds)


def test_the_ladder_is_the_contracts():
    assert LADDER_SECONDS == (5, 15, 45, 120, 300, 900, 1800, 3600)


def test_jitter_lengthens_a_wait_by_a_tenth_at_most():
    assert judge(Answer(503), jitter=1.0).retry_at == NOW + timedelta(seconds=5 * (1 + JITTER))


@pytest.mark.parametrize(
    "answer",
    [
        Answer(429, headers={"Retry-After": "77"}),
        Answer(429, headers={"retry-after": format_datetime(NOW + timedelta(seconds=77), usegmt=True)}),
        Answer(503, headers={"Retry-After": "77"}),
        Answer(200, headers={"Retry-After": "77"}, body=TEAMS_429),
        Answer(200, body=TEAMS_429 + ". Retry-After: 77"),
        Answer(200, body='{"error": "throttled", "retryAfter": 77}'),
        Answer(429, body="Too many requests, retry after 77 seconds"),
    ],
)
def test_retry_after_is_honoured_in_the_header_and_in_the_body(answer):
    decision = judge(answer)
    assert decision.retry_at == decision.pause_until == NOW + timedelta(seconds=77)


@pytest.mark.parametrize("value", ["", "soon", "-5", "99999999999999", "Wed, 32 Foo 2026", "0"])
def test_an_unusable_retry_after_leaves_the_ladder(value):
    decision = judge(Answer(429, headers={"Retry-After": value}))
    assert decision.retry_at == NOW + timedelta(seconds=5)


def test_a_retry_after_shorter_than_the_ladder_does_not_shorten_it():
    assert judge(Answer(429, headers={"Retry-After": "1"}), attempts=4).retry_at == NOW + timedelta(minutes=2)


def test_a_retry_after_beyond_the_day_ends_with_one_last_attempt_and_pauses_the_channel_an_hour():
    decision = judge(Answer(429, headers={"Retry-After": "999999"}), age=timedelta(hours=3))
    assert decision.retry_at == NOW + timedelta(hours=21)
    assert decision.pause_until == NOW + timedelta(hours=1)


def test_retries_end_after_24_hours():
    before = judge(Answer(error="timeout"), attempts=30, age=timedelta(hours=23, minutes=30))
    assert (before.kind, before.retry_at) == ("retry", NOW + timedelta(minutes=30))
    after = judge(Answer(error="timeout"), attempts=31, age=timedelta(hours=24))
    assert (after.kind, after.reason, after.retry_at) == ("dead", "timeout_for_24_hours", None)


def test_an_acceptance_after_24_hours_is_an_acceptance():
    assert judge(Answer(202), age=timedelta(hours=30)).kind == "sent"
