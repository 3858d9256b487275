"""The outgoing-HTTP seam on loopback: every fault ends in time, in one clear sentence, without secrets."""

from __future__ import annotations

import gzip
import pickle
import threading
import time
import tracemalloc
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from events.upstream import client as http
from events.upstream.client import HttpClient, HttpOutcome, Payload, json_body, parse_retry_after
from events.upstream.errors import (
    ChallengePage,
    ConfigurationError,
    PermanentError,
    RetryableError,
    SchemaDrift,
    UpstreamError,
    excerpt,
    redact_url,
)
from tests.upstreams import (
    Close,
    CutBody,
    Drip,
    Hang,
    Oversized,
    Raw,
    Reply,
    Reset,
    TeamsSink,
    UpstreamServer,
    banned,
    challenge_page,
    cut_json,
    failure_text,
    gzip_bomb,
    redirect,
    too_many_requests,
)
from tests.upstreams.raw import (
    RawListener,
    closed_port,
    dripping_handshake,
    garbage_port,
    openssl_missing,
    self_signed,
    silent_port,
)

NOW = datetime(2026, 11, 21, 8, 0, 0, tzinfo=UTC)
SOURCE = "binance.announcements"
DEADLINE_S = 0.5
needs_openssl = pytest.mark.skipif(openssl_missing(), reason="no openssl binary to make a certificate with")


@pytest.fixture
def server():
    with UpstreamServer() as running:
        yield running


@pytest.fixture
def client():
    with HttpClient(DEADLINE_S, user_agent="ews-test", now=lambda: NOW) as ready:
        yield ready


@pytest.fixture(scope="module")
def tls_server(tmp_path_factory):
    context, certificate = self_signed(tmp_path_factory.mktemp("tls"))
    with UpstreamServer(tls=context) as running:
        yield running, certificate


def failing_get(client: HttpClient, url: str, kind: type[UpstreamError] = RetryableError, **options) -> UpstreamError:
    with pytest.raises(UpstreamError) as caught:
        client.get(url, source=SOURCE, **options)
    assert type(caught.value) is kind, str(caught.value)
    return caught.value


def payload(body: bytes) -> Payload:
    return Payload(SOURCE, "http://127.0.0.1/list", 200, {}, body, NOW, 0.0, None)


# What a good answer becomes


def test_a_payload_carries_bytes_lower_case_headers_and_aware_times(server, client):
    server.route("/list", Reply({"a": "ü"}, headers={"X-Mbx-Used-Weight": "7"}))
    answer = client.get(server.url("/list?type=1"), source=SOURCE, params={"pageNo": 2})
    assert json_body(answer) == {"a": "ü"}
    assert (answer.source, answer.status, answer.received_at) == (SOURCE, 200, NOW)
    assert answer.headers["x-mbx-used-weight"] == "7"
    assert answer.url == server.url("/list?type=1&pageNo=2")
    assert 0 < answer.duration < DEADLINE_S
    assert server.requests[0].query == {"type": "1", "pageNo": "2"}
    assert server.requests[0].headers["user-agent"] == "ews-test"


def test_a_compressed_body_is_unpacked(server, client):
    server.route("/list", Reply(gzip.compress(b"[1, 2]"), headers={"content-encoding": "gzip"}))
    assert client.get(server.url("/list"), source=SOURCE).body == b"[1, 2]"


@pytest.mark.parametrize(
    ("date", "age", "skew"),
    [
        (NOW, None, 0.0),
        (NOW - timedelta(seconds=1), None, 0.0),
        (NOW - timedelta(seconds=11), None, 10.0),
        (NOW + timedelta(seconds=4), None, -4.0),
        (NOW - timedelta(seconds=90), "90", 0.0),
    ],
)
def test_the_clock_skew_is_what_the_date_header_cannot_explain(server, client, date, age, skew):
    server.route("/", Reply([], headers={"date": format_datetime(date, usegmt=True), "age": age}))
    assert client.get(server.url(), source=SOURCE).clock_skew == skew


def test_what_an_answer_says_of_the_time_is_told_also_where_it_is_an_error(server):
    dates: list[tuple[object, ...]] = []
    client = HttpClient(deadline_s=3, now=lambda: NOW, on_date=lambda *seen: dates.append(seen))
    date = NOW - timedelta(seconds=90)
    server.route("/", Reply([], status=503, headers={"date": format_datetime(date, usegmt=True), "age": "60"}))
    with pytest.raises(RetryableError):
        client.get(server.url(), source=SOURCE)
    assert dates == [(f"127.0.0.1:{server.port}", date + timedelta(seconds=60), NOW, NOW)]


@pytest.mark.parametrize(
    ("url", "upstream"),
    [
        ("https://data-api.binance.com/api", "binance.com"),
        ("https://www.binance.com/", "binance.com"),
        ("https://api.llama.fi/hacks", "llama.fi"),
        ("http://127.0.0.1:81/", "127.0.0.1:81"),
        ("http://localhost:81/", "localhost:81"),
    ],
)
def test_hosts_of_one_owner_are_one_clock(url, upstream):
    assert http._upstream(url) == upstream


@pytest.mark.parametrize("date", [None, "yesterday", "Mon, 99 Foo 2026 25:00:00 GMT"])
def test_without_a_readable_date_the_clock_skew_is_unknown(server, client, date):
    server.route("/", Reply([], headers={"date": date}))
    assert client.get(server.url(), source=SOURCE).clock_skew is None


def test_one_client_serves_many_threads(server, client):
    server.route("/*", lambda request: Reply({"path": request.path}, delay=0.05))
    answers: dict[int, object] = {}

    def ask(number: int) -> None:
        answers[number] = json_body(client.get(server.url(f"/{number}"), source=SOURCE))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {number: {"path": f"/{number}"} for number in range(8)}


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"


def counting_listener(answers_per_connection: int) -> tuple[RawListener, list[int]]:
    """A keep-alive server that closes a connection when it is asked once more; the list has requests by connection."""
    served: list[int] = []

    def talk(wire):
        served.append(0)
        index = len(served) - 1
        while data := wire.connection.recv(65_536):
            if b" HTTP/1.1\r\n" not in data:
                continue  # A body may come in a segment of its own.
            served[index] += 1
            if served[index] > answers_per_connection:
                return
            wire.send(OK)

    return RawListener(talk), served


def test_a_second_request_uses_the_connection_of_the_first(client):
    listener, served = counting_listener(2)
    with listener:
        for _ in range(2):
            assert client.get(listener.url(), source=SOURCE).body == b"[]"
    assert served == [2]


def test_a_get_on_a_kept_connection_that_closes_is_repeated_on_a_new_one(client):
    listener, served = counting_listener(1)
    with listener:
        for _ in range(2):
            assert client.get(listener.url(), source=SOURCE).body == b"[]"
    assert served == [2, 1]


def test_a_get_on_a_new_connection_that_closes_is_not_repeated(client):
    listener, served = counting_listener(0)
    with listener:
        failing_get(client, listener.url())
    assert served == [1]


def test_a_post_is_never_repeated(client):
    listener, served = counting_listener(1)
    with listener:
        outcomes = [client.post_json(listener.url(), b"{}") for _ in range(2)]
    assert [(outcome.status, outcome.error) for outcome in outcomes] == [(200, None), (None, "reset")]
    assert served == [2]


def test_a_proxy_of_the_environment_is_used_for_the_world_but_not_for_loopback(server, client, monkeypatch):
    server.route("/direct", [])
    server.route("*", Reply({"via": "proxy"}))
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{server.port}")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    client.get(server.url("/direct"), source=SOURCE)
    assert server.requests[-1].target == "/direct"
    client.get("http://upstream.invalid/list", source=SOURCE)
    assert server.requests[-1].target == "http://upstream.invalid/list"


# Redirects


def test_get_follows_up_to_three_redirects(server, client):
    for number in range(3):
        server.route(f"/{number}", redirect(f"/{number + 1}", 302 if number else 301))
    server.route("/3", {"found": True})
    answer = client.get(server.url("/0"), source=SOURCE)
    assert json_body(answer) == {"found": True}
    assert answer.url == server.url("/0")


def test_a_fourth_redirect_is_a_permanent_error(server, client):
    server.route("/loop", redirect("/loop"))
    assert "more than 3 times" in str(failing_get(client, server.url("/loop"), PermanentError))
    assert len(server.requests) == 4


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "ftp://127.0.0.1/x", "http://[broken", "javascript:alert(1)"]
)
def test_a_redirect_out_of_http_is_a_permanent_error(server, client, location):
    server.route("/", redirect(location))
    assert "neither HTTP nor HTTPS" in str(failing_get(client, server.url(), PermanentError))


def test_a_redirect_to_another_host_does_not_carry_our_headers(server, client):
    with UpstreamServer() as other:
        other.route("/", [])
        server.route("/", redirect(other.url("/")))
        client.get(server.url(), source=SOURCE, headers={"X-MBX-APIKEY": "k3y"})
        assert server.requests[0].headers["x-mbx-apikey"] == "k3y"
        assert "x-mbx-apikey" not in other.requests[0].headers


def test_a_redirect_with_an_endless_body_is_not_read_into_memory(server, client):
    server.route("/", Raw(b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 99999999999\r\n\r\n"))
    server.route("/x", [1])
    assert client.get(server.url(), source=SOURCE).body == b"[1]"


# Statuses


def test_every_status_has_its_error_or_none(server):
    server.route("/*", lambda request: int(request.path[1:]))
    with HttpClient(5, now=lambda: NOW) as client:
        for status in range(101, 600):
            if 200 <= status < 300:
                assert client.get(server.url(f"/{status}"), source=SOURCE).status == status
                continue
            retryable = status in (408, 418, 429) or status >= 500
            error = failing_get(client, server.url(f"/{status}"), RetryableError if retryable else PermanentError)
            assert f"answered {status}" in str(error)


def test_an_interim_answer_without_a_final_one_is_a_closed_connection(server, client):
    server.route("/", 100)
    assert "closed before an answer came" in str(failing_get(client, server.url()))


@pytest.mark.parametrize(
    ("step", "after"),
    [
        (too_many_requests(7), 7.0),
        (too_many_requests(), None),
        (too_many_requests("soon"), None),
        (too_many_requests(999_999_999), 3_600.0),
        (too_many_requests(format_datetime(NOW + timedelta(seconds=90), usegmt=True)), 90.0),
        (too_many_requests(format_datetime(NOW - timedelta(seconds=90), usegmt=True)), 0.0),
        (banned(86_400), 86_400.0),
        (banned(999_999_999), 259_200.0),
        (Reply("overloaded", 503, {"retry-after": "30"}), 30.0),
    ],
)
def test_retry_after_is_honoured_within_bounds(server, client, step, after):
    server.route("/", step)
    error = failing_get(client, server.url())
    assert isinstance(error, RetryableError)
    assert error.after == after


@pytest.mark.parametrize("value", ["-5", "1e9", "٣", "nan", "", " ", "12 s", "Fri, 31 Dec 9999 23:59:60 GMT"])
def test_an_unreadable_retry_after_is_none(value):
    assert parse_retry_after(value, NOW) is None


def test_the_error_of_a_refusal_quotes_a_line_of_what_the_upstream_said(server, client):
    server.route("/", Reply({"msg": "Service unavailable\nfrom a restricted location"}, 451))
    assert "restricted location" in str(failing_get(client, server.url(), PermanentError))


# The deadline


@pytest.mark.parametrize(
    "step",
    [Hang(), Drip("headers"), Drip("body"), Drip("body", piece=400, interval=0.1), Reply([], delay=5)],
    ids=["no answer", "headers drip", "body drips", "body drips in larger pieces", "late answer"],
)
def test_a_slow_upstream_ends_at_the_total_deadline(server, client, step):
    server.route("/", step)
    started = time.monotonic()
    error = failing_get(client, server.url())
    assert DEADLINE_S * 0.9 <= time.monotonic() - started < 1.2
    assert "within 0.5 s" in str(error)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_port_that_says_nothing_ends_at_the_deadline(client, scheme):
    with silent_port() as listener:
        started = time.monotonic()
        failing_get(client, listener.url(scheme))
        assert time.monotonic() - started < 1.2


def test_a_tls_handshake_that_drips_ends_at_the_deadline(client):
    with dripping_handshake() as listener:
        started = time.monotonic()
        assert "within 0.5 s" in str(failing_get(client, listener.url("https")))
        assert DEADLINE_S * 0.9 <= time.monotonic() - started < 1.2


@needs_openssl
@pytest.mark.parametrize("part", ["headers", "body"])
def test_a_drip_within_tls_ends_at_the_deadline(tls_server, client, monkeypatch, part):
    server, certificate = tls_server
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    server.route("/quick", [1])
    assert client.get(server.url("/quick"), source=SOURCE).body == b"[1]"
    server.route(f"/{part}", Drip(part))
    started = time.monotonic()
    assert "within 0.5 s" in str(failing_get(client, server.url(f"/{part}")))
    assert DEADLINE_S * 0.9 <= time.monotonic() - started < 1.2


def test_the_deadline_counts_over_redirects(server, client):
    server.route("/", Reply(status=302, headers={"location": "/next"}, delay=0.3))
    server.route("/next", Reply([], delay=0.4))
    started = time.monotonic()
    failing_get(client, server.url())
    assert time.monotonic() - started < 1.2


def test_a_name_resolution_that_hangs_ends_at_the_deadline(client, monkeypatch):
    release = threading.Event()
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: release.wait(5) and [])
    started = time.monotonic()
    try:
        assert "no connection within 0.5 s" in str(failing_get(client, "http://upstream.invalid/"))
        assert time.monotonic() - started < 1.2
    finally:
        release.set()


def test_no_deadline_is_longer_than_eight_seconds():
    assert HttpClient(60).deadline_s == 8
    with pytest.raises(ValueError, match="deadline_s is 0"):
        HttpClient(0)


def test_the_thread_of_a_request_given_up_ends(server, client):
    server.route("/", Hang())
    failing_get(client, server.url())
    ends = time.monotonic() + 3
    while any(thread.name == "http-exchange" for thread in threading.enumerate()):
        assert time.monotonic() < ends, "the worker still waits for an answer that nobody wants"
        time.sleep(0.01)


def test_a_request_after_one_given_up_succeeds(server, client):
    server.route("/", Hang(), [1])
    failing_get(client, server.url())
    assert client.get(server.url(), source=SOURCE).body == b"[1]"


# The size


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (Oversized(3_000_000), "has 3,000,000 bytes; at most 1,048,576"),
        (Oversized(3_000_000, chunked=True), "is longer; at most 1,048,576"),
        (gzip_bomb(200 * 2**20), "is longer; at most 1,048,576"),
    ],
    ids=["declared", "chunked", "gzip bomb"],
)
def test_a_body_over_the_limit_is_refused_without_being_held(server, step, said):
    server.route("/", step)
    tracemalloc.start()
    try:
        with HttpClient(8, max_bytes=2**20) as client:
            error = failing_get(client, server.url(), PermanentError)
        assert tracemalloc.get_traced_memory()[1] < 16 * 2**20
    finally:
        tracemalloc.stop()
    assert said in str(error)


def test_a_body_of_exactly_the_limit_is_taken(server):
    server.route("/", b"x" * 1000)
    with HttpClient(5, max_bytes=1000) as client:
        assert len(client.get(server.url(), source=SOURCE).body) == 1000
    with HttpClient(5, max_bytes=999) as client:
        failing_get(client, server.url(), PermanentError)


# Network faults: one sentence each


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        (Reset(), "the connection was reset before an answer came"),
        (Reset("headers"), "the connection was reset while its body was read"),
        (Reset("body"), "the connection was reset while its body was read"),
        (Close(), "the connection was closed before an answer came"),
        (CutBody("x" * 100), "the answer broke off after 50 of 100 bytes"),
        (CutBody("x" * 100, chunked=True), "the answer broke off after 50 bytes"),
        (Raw(b"\x00\x01 nonsense\r\n\r\n"), "the answer is not valid HTTP"),
        (Raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), "chunks are not valid"),
        (Reply(b"no gzip", headers={"content-encoding": "gzip"}), "the body cannot be decompressed"),
    ],
)
def test_each_broken_answer_has_its_own_retryable_sentence(server, client, step, sentence):
    server.route("/", step)
    assert sentence in str(failing_get(client, server.url("/")))


def test_a_refused_connection_and_an_unknown_host_have_their_own_sentences(client):
    assert "the connection was refused" in str(failing_get(client, f"http://127.0.0.1:{closed_port()}/"))
    with HttpClient(5) as patient:
        message = str(failing_get(patient, "http://upstream.invalid/"))
    assert "the host name upstream.invalid cannot be resolved" in message or "no connection within 5 s" in message


def test_https_asked_of_a_port_that_speaks_something_else_is_a_tls_fault(server, client):
    assert "TLS failed" in str(failing_get(client, server.url("/", scheme="https")))
    with garbage_port() as listener:
        assert "TLS failed" in str(failing_get(client, listener.url("https")))


@needs_openssl
def test_a_certificate_that_nobody_signed_is_a_tls_fault(tls_server, client):
    server, _ = tls_server
    assert "TLS failed: self-signed certificate" in str(failing_get(client, server.url("/"))).replace(
        "self signed", "self-signed"
    )


@pytest.mark.parametrize(
    "url", ["", "no-scheme/x", "ftp://127.0.0.1/x", "http://", "http://[::1", "https:///list", "http://a b/"]
)
def test_a_url_that_cannot_be_asked_is_a_configuration_error(client, url):
    failing_get(client, url, ConfigurationError)


def test_a_header_that_cannot_be_sent_is_a_configuration_error(server, client):
    failing_get(client, server.url(), ConfigurationError, headers={"X": "a\r\nb"})


# Secrets and the errors themselves


def test_no_error_shows_a_secret_of_the_url(server, client):
    urls = [
        f"http://user:passw0rd@127.0.0.1:{server.port}/x?signature=s3cret&symbol=LUNA",
        f"http://user:passw0rd@127.0.0.1:{closed_port()}/x?api_key=s3cret&symbol=LUNA",
    ]
    for url in urls:
        with pytest.raises(UpstreamError) as caught:
            client.get(url, source=SOURCE)
        shown = f"{caught.value} {caught.value!r} {caught.value.__context__!r} {caught.value.__cause__!r}"
        assert "s3cret" not in shown and "passw0rd" not in shown
        assert "LUNA" in str(caught.value)


@pytest.mark.parametrize(
    ("url", "secret", "shown"),
    [
        ("https://u:p@h:8443/a?articleCode=1f&sig=xyz#f", False, "https://h:8443/a?articleCode=1f&sig=…"),
        (
            "https://h/a?token=&accessToken=2&X-Amz-Signature=3",
            False,
            "https://h/a?token=…&accessToken=…&X-Amz-Signature=…",
        ),
        ("https://prod-1.logic.example:443/workflows/abc/x?sig=1", True, "https://prod-1.logic.example:443/…"),
        ("http://[broken", False, "(an unreadable URL)"),
    ],
)
def test_redacted_urls(url, secret, shown):
    assert redact_url(url, secret=secret) == shown
    assert redact_url(shown, secret=secret) == shown


@pytest.mark.parametrize(
    "error",
    [
        UpstreamError("s", "http://h/x?key=1", "it failed"),
        RetryableError("s", "http://h/x", "it answered 429", 7.0),
        PermanentError("s", "http://h/x", "it answered 404"),
        ConfigurationError("s", "", "no URL"),
        SchemaDrift("s", "data.catalogs", "a list", None),
        ChallengePage("s", "body", "JSON", b"<html>" + b"x" * 999),
    ],
)
def test_errors_survive_pickling(error):
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert (str(again), vars(again)) == (str(error), vars(error))


def test_an_excerpt_is_one_short_printable_line():
    assert excerpt("a\n\tb\x00c\ud800d") == "a b c d"
    assert len(excerpt("y" * 5_000)) == 200
    assert excerpt(b"\xff" * 5_000)[:1] == "\ufffd"
    assert excerpt({"a": 1}) == "{'a': 1}"


# JSON


@pytest.mark.parametrize(
    ("body", "expected"),
    [(b'{"a": 1}', {"a": 1}), (b"\xef\xbb\xbf[1]\n", [1]), ('"ü€"'.encode(), "ü€"), (b'"<html>"', "<html>")],
)
def test_json_is_read(body, expected):
    assert json_body(payload(body)) == expected


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "an empty body"),
        (b" \r\n", "an empty body"),
        (b'{"a": "\xff"}', "UTF-8 at byte 7"),
        (b'{"a": [1, 2', "it is cut off"),
        (b'{"a": tru', "JSON ("),
        (b"{'a': 1}", "at character 1"),
        (b'{"a": NaN}', "NaN is no JSON number"),
        (b"[-Infinity]", "-Infinity is no JSON number"),
        (b"[" * 200_000, "JSON ("),
        (b"[" + b"9" * 5_000 + b"]", "JSON ("),
        (b"<?xml version='1.0'?><Error/>", "JSON ("),
        (b"OK", "JSON ("),
    ],
)
def test_what_is_no_json_is_schema_drift_with_a_short_excerpt(body, said):
    with pytest.raises(SchemaDrift) as caught:
        json_body(payload(body))
    assert type(caught.value) is SchemaDrift
    assert said in str(caught.value)
    assert caught.value.field == "body"
    assert len(caught.value.got_excerpt) <= 200


@pytest.mark.parametrize(
    "body",
    [
        challenge_page().content(),
        b"\n\n<!-- edge --> <HTML lang='en'>",
        b"<html>\xff</html>",
        b"\xef\xbb\xbf<!doctype html><p>",
        b"<head></head>" + b"x" * 10_000,
    ],
)
def test_an_html_page_where_json_was_due_is_a_challenge_page(body):
    with pytest.raises(ChallengePage) as caught:
        json_body(payload(body))
    assert len(caught.value.got_excerpt) <= 200


def test_a_challenge_page_and_cut_json_come_through_get_as_payloads(server, client):
    server.route("/", challenge_page(), cut_json({"data": ["x" * 50]}))
    with pytest.raises(ChallengePage):
        json_body(client.get(server.url(), source=SOURCE))
    with pytest.raises(SchemaDrift, match=r"binance\.announcements: body: expected JSON"):
        json_body(client.get(server.url(), source=SOURCE))


# Webhooks


def test_post_json_sends_the_bytes_and_reports_the_answer(server, client):
    sink = TeamsSink(server)
    outcome = client.post_json(sink.url, b'{"type": "message"}', headers={"X-Attempt": "1"})
    assert (outcome.status, outcome.error, outcome.detail) == (202, None, "")
    request = server.requests[0]
    assert (request.method, request.body) == ("POST", b'{"type": "message"}')
    assert request.headers["content-type"] == "application/json"
    assert request.headers["x-attempt"] == "1"


@pytest.mark.parametrize("status", [200, 204, 301, 302, 308, 400, 401, 403, 404, 410, 413, 429, 500, 503, 599])
def test_post_json_reports_every_status_as_it_is_and_follows_no_redirect(server, client, status):
    server.route("/hook", Reply("said", status, {"location": "/elsewhere", "retry-after": "9"}))
    outcome = client.post_json(server.url("/hook"), b"{}")
    assert (outcome.status, outcome.error) == (status, None)
    assert outcome.headers["retry-after"] == "9"
    assert [request.path for request in server.requests] == ["/hook"]


def test_post_json_keeps_the_failure_text_of_a_200(server, client):
    server.route("/hook", failure_text(429))
    assert "returned HTTP error 429" in client.post_json(server.url("/hook"), b"{}").body_excerpt


@pytest.mark.parametrize(
    ("step", "status", "error"),
    [
        (Hang(), None, "timeout"),
        (Drip("headers"), None, "timeout"),
        (Drip("body", status=202), 202, "timeout"),
        (Reset(), None, "reset"),
        (Close(), None, "reset"),
        (CutBody("x" * 100, status=202), 202, "truncated"),
        (Raw(b"nonsense\r\n\r\n"), None, "protocol"),
    ],
)
def test_post_json_names_what_broke_and_keeps_a_status_that_came(server, client, step, status, error):
    server.route("/hook", step)
    started = time.monotonic()
    outcome = client.post_json(server.url("/hook"), b"{}")
    assert (outcome.status, outcome.error) == (status, error)
    assert outcome.detail
    assert time.monotonic() - started < 1.2


def test_post_json_names_refusal_tls_faults_and_unusable_urls(server, client):
    assert client.post_json(f"http://127.0.0.1:{closed_port()}/", b"{}").error == "connect"
    assert client.post_json(server.url("/", scheme="https"), b"{}").error == "tls"
    for url in ("", "nonsense", "ftp://127.0.0.1/", "http://[x/"):
        outcome = client.post_json(url, b"{}")
        assert (outcome.status, outcome.error) == (None, "configuration"), url


def test_post_json_never_shows_the_webhook_not_even_when_the_answer_quotes_it(server, client):
    sink = TeamsSink(server, path="/workflows/0123456789abcdef0123/triggers/manual")
    server.route(sink.path, lambda request: Reply(f"cannot post to {request.target}", 404, {"x-url": request.target}))
    outcomes: list[HttpOutcome] = [
        client.post_json(sink.url, b"{}"),
        client.post_json(sink.url.replace(str(server.port), str(closed_port())), b"{}"),
        client.post_json(sink.url.replace("http:", "https:"), b"{}"),
        client.post_json(sink.url.replace("http:", "gopher:"), b"{}"),
    ]
    for outcome in outcomes:
        assert sink.secret not in repr(outcome)
        assert "0123456789abcdef0123" not in repr(outcome)
    assert outcomes[0].body_excerpt.startswith("cannot post to ")


def test_the_excerpt_of_an_outcome_fits_into_two_kilobytes_and_into_postgresql(server, client):
    server.route("/hook", Reply("ü\x00" * 5_000, 500), b"\xff\xfe" * 3_000)
    for _ in range(2):
        text = client.post_json(server.url("/hook"), b"{}").body_excerpt
        assert 2_000 < len(text.encode()) <= 2_048
        assert "\x00" not in text


def test_an_endless_answer_to_a_post_is_cut_and_the_status_kept(server, client):
    server.route("/hook", Oversized(50_000_000, chunked=True))
    outcome = client.post_json(server.url("/hook"), b"{}")
    assert (outcome.status, outcome.error) == (200, None)
