"""The loopback server keeps to its scripts: what other tests stand on."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import requests

from tests.upstreams import At, Hang, Reply, TeamsSink, UpstreamServer, failure_text

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def session():
    with requests.Session() as ready:
        ready.trust_env = False
        yield ready


def statuses(session: requests.Session, url: str, count: int) -> list[int]:
    return [session.get(url, timeout=5).status_code for _ in range(count)]


def test_steps_are_used_one_a_request_and_the_last_one_stays(session):
    with UpstreamServer() as server:
        server.route("/x", 503, 429, {"ok": True})
        assert statuses(session, server.url("/x"), 5) == [503, 429, 200, 200, 200]


def test_a_timed_script_follows_the_servers_clock(session):
    now = [100.0]
    with UpstreamServer(clock=lambda: now[0]) as server:
        server.route("/x", At(60, 201), At(10, 200))
        seen = []
        for elapsed in (0, 10, 59.9, 60, 3_600):
            now[0] = 100 + elapsed
            seen += statuses(session, server.url("/x"), 1)
        assert seen == [404, 200, 200, 201, 201]


def test_later_routes_go_before_earlier_ones_and_query_method_and_patterns_choose(session):
    with UpstreamServer() as server:
        server.route("/a/*", 201)
        server.route(re.compile(r"/a/\d+"), 202)
        server.route("/a/1", 203, match_query={"page": 2})
        server.route("/a/1", 205, method="POST")
        urls = ["/a/x", "/a/12", "/a/1", "/a/1?page=2&size=5", "/a/1?page=3"]
        assert [statuses(session, server.url(url), 1)[0] for url in urls] == [201, 202, 202, 203, 202]
        assert session.post(server.url("/a/1"), data=b"{}", timeout=5).status_code == 205


def test_a_route_taken_away_uncovers_the_one_behind_it(session):
    with UpstreamServer() as server:
        server.route("/x", 200)
        fault = server.route("/x", 503)
        assert statuses(session, server.url("/x"), 1) == [503]
        server.unroute(fault)
        assert statuses(session, server.url("/x"), 1) == [200]


def test_a_script_can_be_replaced_and_must_not_mix_timed_and_untimed_answers(session):
    with UpstreamServer() as server:
        route = server.route("/x", 200)
        route.replace(500, 501)
        assert statuses(session, server.url("/x"), 3) == [500, 501, 501]
        for wrong in ((), (At(0, 200), 200)):
            with pytest.raises(ValueError, match="a route needs"):
                route.replace(*wrong)


def test_an_unknown_path_is_a_404_that_names_it(session):
    with UpstreamServer() as server:
        answer = session.get(server.url("/nobody?x=1"), timeout=5)
    assert answer.status_code == 404
    assert answer.json() == {"error": "no route", "method": "GET", "path": "/nobody"}


def test_requests_are_logged_with_query_headers_and_body(session):
    with UpstreamServer() as server:
        before = time.monotonic()
        session.post(server.url("/x?a=1&b="), json={"k": 1}, headers={"X-Test": "y"}, timeout=5)
        (request,) = server.requests_to("/x")
    assert (request.method, request.query, request.json()) == ("POST", {"a": "1", "b": ""}, {"k": 1})
    assert request.headers["x-test"] == "y"
    assert before <= request.received <= time.monotonic()


def test_wait_for_returns_when_enough_came_and_says_what_did_not(session):
    with UpstreamServer() as server:
        server.route("/x", 200)
        asker = threading.Thread(target=statuses, args=(session, server.url("/x"), 3))
        asker.start()
        assert len(server.wait_for(3, "/x")) == 3
        asker.join()
        with pytest.raises(AssertionError, match=r"1 requests to /y were due .*GET /x"):
            server.wait_for(1, "/y", deadline=0.05)


def test_a_hanging_answer_does_not_keep_the_server_from_stopping():
    with UpstreamServer() as server:
        server.route("/x", Hang())

        def ask() -> None:
            with pytest.raises(requests.RequestException):
                requests.get(server.url("/x"), timeout=30)

        asker = threading.Thread(target=ask)
        asker.start()
        server.wait_for(1)
        started = time.monotonic()
    asker.join(5)
    assert not asker.is_alive()
    assert time.monotonic() - started < 2


CARD = {
    "type": "message",
    "attachments": [
        {
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": None,
            "content": {
                "type": "AdaptiveCard",
                "version": "1.4",
                "body": [{"type": "TextBlock", "text": "LUNA leaves"}],
            },
        }
    ],
}


def test_the_teams_sink_keeps_cards_and_answers_by_script(session):
    with UpstreamServer() as server:
        sink = TeamsSink(server)
        sink.answers(429, failure_text(), lambda request: Reply(status=202))
        answers = [session.post(sink.url, json=CARD, timeout=5) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [429, 200, 202]
        assert "delivery failed" in answers[1].text
        assert [card.text for card in sink.wait_for(3)] == ["LUNA leaves"] * 3
        assert sink.cards[0].content["type"] == "AdaptiveCard"
        assert sink.faults == []


@pytest.mark.parametrize(
    ("body", "content_type", "fault"),
    [
        (json.dumps(CARD), "text/plain", "content type 'text/plain'"),
        (json.dumps(CARD | {"pad": "x" * 30_000}), "application/json", "at most 28672 are shown"),
        ("{", "application/json", "no Teams message"),
        ('{"type": "message", "attachments": []}', "application/json", "no Teams message: IndexError"),
        (json.dumps(CARD | {"type": "MessageCard"}), "application/json", "expected a message"),
    ],
)
def test_the_teams_sink_says_what_teams_would_have_dropped(session, body, content_type, fault):
    with UpstreamServer() as server:
        sink = TeamsSink(server)
        answer = session.post(sink.url, data=body, headers={"Content-Type": content_type}, timeout=5)
        assert answer.status_code == 202
        assert fault in "; ".join(sink.faults)


def test_the_server_runs_in_a_process_of_its_own_and_ends_on_sigterm(tmp_path, session):
    script = tmp_path / "day.py"
    script.write_text('def script(server):\n    server.route("/x", {"played": True})\n')
    command = [sys.executable, "-m", "tests.upstreams", "--script", str(script)]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().split()[-1]
            assert session.get(f"{address}/x", timeout=5).json() == {"played": True}
            process.send_signal(signal.SIGTERM)
            assert process.wait(5) == 0
        finally:
            process.kill()


@pytest.mark.parametrize("name", ["nowhere.py", "no_such_module"])
def test_a_script_that_is_not_there_is_named(name):
    command = [sys.executable, "-m", "tests.upstreams", "--script", name]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 2
    assert f"--script is '{name}'; expected a .py file" in done.stderr
