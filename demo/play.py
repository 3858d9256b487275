"""`make demo`: the daemon with every upstream played by a local server through a short scripted day, offline.

It prints what happens as it happens, then the view as a bot sees it and the event as an admin sees it. On a terminal it
goes on until Ctrl-C, so that the web pages can be looked at; otherwise it ends by itself.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import signal
import socket
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import psycopg2

from crypto_ews.conf.channels import BASE_CHANNELS
from demo.streams import WHALE_CHAPTER, DemoStreams
from demo.world import CHAPTERS, WATCHED, DemoWorld
from tests.support.daemon_process import ROOT, DaemonProcess, eventually, manage
from tests.support.loopback import loopback_environment
from tests.upstreams import UpstreamServer
from tests.upstreams.binance import AnnouncementSite, Article, announcement_site, bullets, removal_notice
from tests.upstreams.binance_instruments import coinm_symbol, instrument_site, spot_symbol, usdm_symbol
from tests.upstreams.card_schema import can_check
from tests.upstreams.teams import TeamsSink

DATA_DIR = ROOT / ".data" / "demo"
SPOT = (
    "BTC/USDT", "BTC/USDC", "BTC/RON", "ETH/USDT", "ETH/USDC", "ATOM/USDT", "ATOM/ETH", "ICX/USDT", "ICX/BTC",
    "STORJ/USDT", "STORJ/BTC", "ENJ/USDT", "0G/BNB", "0G/USDT", "DOGE/USDT", "RON/USDT", "USDC/USDT",
)  # fmt: skip


def script(started: datetime) -> list[tuple[float, str, Article]]:
    """(seconds after the start, what is printed, the announcement)."""
    soon = started + timedelta(hours=20)
    later = started + timedelta(days=6)
    fork = started + timedelta(days=3)
    when, then, at = f"{soon:%Y-%m-%d %H:00}", f"{later:%Y-%m-%d %H:00}", f"{fork:%Y-%m-%d 08:00}"
    return [
        (
            0,
            "an everyday promotion",
            Article("Trade and Share 50,000 USDC in Rewards", started - timedelta(hours=2), ("Win.",), catalog_id=93),
        ),
        (
            0,
            "single pairs of large coins leave",
            removal_notice(f"{soon:%Y-%m-%d}", {when: ["0G/BNB", "BTC/RON", "ETH/USDC"]}, started - timedelta(hours=1)),
        ),
        (
            6,
            "two watched coins leave the exchange",
            Article(
                f"Binance Will Delist ICX, STORJ on {later:%Y-%m-%d}",
                started,
                (
                    "Binance has decided to delist and cease trading on all spot trading pairs for the following "
                    f"token(s) at {then} (UTC):",
                    bullets("ICON (ICX)", "Storj (STORJ)"),
                    "The exact trading pairs being removed are: ICX/USDT, ICX/BTC, STORJ/USDT, STORJ/BTC.",
                ),
            ),
        ),
        (
            12,
            "a hard fork of a watched coin",
            Article(
                f"Binance Will Support the Cosmos (ATOM) Network Upgrade & Hard Fork - {fork:%Y-%m-%d}",
                started + timedelta(seconds=10),
                (
                    "Binance will support the Cosmos (ATOM) network upgrade and hard fork. Deposits and withdrawals "
                    f"of ATOM will be suspended starting from {at} (UTC).",
                ),
                catalog_id=157,
            ),
        ),
        (
            16,
            "a monitoring tag",
            Article(
                f"Binance Will Extend the Monitoring Tag to Include ENJ on {started:%Y-%m-%d}",
                started + timedelta(seconds=14),
                ("Binance will extend the Monitoring Tag to include ENJ. Tokens with it are at risk of delisting.",),
            ),
        ),
    ]


def say(text: str, started: float) -> None:
    print(f"\033[1m[demo +{time.monotonic() - started:4.1f} s]\033[0m {text}", flush=True)


def free_port(wanted: int) -> int:
    for port in (wanted, 0):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port on 127.0.0.1")


def query(url: str, statement: str) -> tuple[list[str], list[tuple[object, ...]]]:
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return [column.name for column in cursor.description or ()], cursor.fetchall()
    finally:
        connection.close()


def print_table(names: list[str], rows: list[tuple[object, ...]]) -> None:
    texts = [names, *([str(value) for value in row] for row in rows)]
    widths = [max(len(line[index]) for line in texts) for index in range(len(names))]
    for number, line in enumerate(texts):
        print("  " + "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())
        if number == 0:
            print("  " + "  ".join("-" * width for width in widths))
    sys.stdout.flush()


def admin_titles(base: str, password: str) -> list[str]:
    """The titles in the admin's list of events, read as a person would: log in, open the list."""
    opener = build_opener(HTTPCookieProcessor(CookieJar()))
    login = opener.open(f"{base}/admin/login/?next=/admin/events/event/", timeout=10).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', login)
    assert token, "the login page has no form"
    form = {"csrfmiddlewaretoken": token[1], "username": "demo", "password": password}
    form["next"] = "/admin/events/event/"
    page = opener.open(f"{base}/admin/login/?next=/admin/events/event/", urlencode(form).encode(), timeout=10)
    return re.findall(r"Binance Will Delist[^<]*|Notice of Removal[^<]*", page.read().decode())


def teams_channels(server: UpstreamServer) -> dict[str, TeamsSink]:
    """A Teams channel played here for each of ours, beside the console: what arrives is checked as Teams would."""
    return {channel: TeamsSink(server, path=f"/teams/{channel}") for channel in BASE_CHANNELS}


def further_channels(sinks: Mapping[str, TeamsSink]) -> str:
    """ALERT_CHANNELS of them."""
    return json.dumps(
        [
            {"name": f"teams_{channel}", "kind": "teams", "url": sink.url, "follows": [channel]}
            for channel, sink in sinks.items()
        ]
    )


def say_cards(sinks: Mapping[str, TeamsSink], started: float) -> None:
    """What came of the cards; AssertionError where Teams would not have shown one."""
    cards = [card for sink in sinks.values() for card in sink.cards]
    faults = [fault for sink in sinks.values() for fault in sink.faults]
    assert cards and not faults, f"{len(cards)} cards, faults: {faults}"
    largest = max(card.size for card in cards)
    by_schema = ", each allowed by the schema of Adaptive Cards 1.4" if can_check() else ""
    say(f"{len(cards)} cards also went to Teams, played here{by_schema}; the largest has {largest:,} bytes", started)


def play(
    site: AnnouncementSite,
    world: DemoWorld,
    streams: DemoStreams,
    environment: Mapping[str, str],
    port: int,
    password: str,
    started: float,
) -> None:
    """Tell the story; AssertionError where a chapter does not come true."""
    base = f"http://127.0.0.1:{port}"
    bot_url = manage("dburl", "--bot", environment=environment, capture_output=True).stdout.strip()
    printed: set[str] = set()
    chapters = script(datetime.now(UTC))
    begun = site.server.elapsed
    world.begin()
    for at, _, article in chapters:
        site.publish(article, at=begun + at)
    everything = {"ICX", "STORJ", "ATOM", "ENJ", "ETH", "QTUM", "DOGE", "RON", "USDC"}

    def at_risk() -> set[str]:
        return {str(row[0]) for row in query(bot_url, "SELECT token FROM token_risk_view")[1]}

    def in_view(category: str) -> bool:
        return bool(query(bot_url, f"SELECT FROM token_risk_view WHERE '{category}' = ANY (categories)")[1])

    def everything_seen() -> bool:
        for at, what, article in chapters:
            if article.title not in printed and site.server.elapsed >= begun + at:
                printed.add(article.title)
                say(f"Binance publishes: {article.title}  ({what})", started)
        world.step()
        happenings = [(what, site.server.elapsed >= begun + at) for at, what in CHAPTERS]
        for what, has_come in (*happenings, (WHALE_CHAPTER, streams.whale_is_there)):
            if has_come and what not in printed:
                printed.add(what)
                say(what, started)
        all_printed = len(printed) == len(chapters) + len(CHAPTERS) + 1
        return all_printed and everything <= at_risk() and in_view("low_liquidity") and in_view("whale")

    eventually(everything_seen, 60, "every scripted risk is in token_risk_view")
    time.sleep(1)  # lets the last card reach the console before the summary
    say("what a bot reads (role ews_bot): SELECT … FROM token_risk_view", started)
    print_table(
        *query(
            bot_url,
            "SELECT token, action, trading_status, risk_level, trading_ends_at, categories, venues "
            "FROM token_risk_view ORDER BY action DESC, token",
        )
    )
    say("single instruments: SELECT … FROM instrument_risk_view", started)
    print_table(
        *query(
            bot_url,
            "SELECT exchange, symbol, token, action, trading_status, trading_ends_at FROM instrument_risk_view "
            "ORDER BY action DESC, symbol LIMIT 8",
        )
    )
    titles = eventually(lambda: admin_titles(base, password), 10, "the delisting is in the admin")
    say(f"the same in the admin, {base}/admin/events/event/ (user demo, password {password}):", started)
    for title in dict.fromkeys(title.strip() for title in titles):
        print(f"  {title}")


def main() -> int:
    started = time.monotonic()
    shutil.rmtree(DATA_DIR, ignore_errors=True)
    DATA_DIR.mkdir(parents=True)
    port = free_port(int(os.environ.get("PORT", "8000")))
    password = secrets.token_urlsafe(9)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with UpstreamServer() as server, DemoStreams(server, SPOT) as streams:
        site = announcement_site(server)
        site.publish(
            # Calm, not silent: a list whose newest notice is old would be reported as a source without news.
            Article(
                "Binance Has Completed the Removal of XYZ Margin Trading Pairs",
                datetime.now(UTC) - timedelta(days=2),
                ("Over.",),
            )
        )
        instrument_site(
            server,
            spot=[spot_symbol(pair) for pair in SPOT],
            usdm=[usdm_symbol("BTC/USDT"), usdm_symbol("ETH/USDT")],
            coinm=[coinm_symbol("BTC")],
        )
        world = DemoWorld(server, datetime.now(UTC))
        sinks = teams_channels(server)
        environment = loopback_environment(
            server,
            EWS_DATA_DIR=str(DATA_DIR),
            SPOT_CURRENCIES=WATCHED,
            USDM_CURRENCIES=WATCHED,
            UPDATE_REFRESH_INCREMENT_MINS="0.05",
            ALERT_CHANNELS=further_channels(sinks),
            **world.environment(),
            **streams.environment(),
            PUBLIC_BASE_URL=f"http://127.0.0.1:{port}",
        )
        say("starting PostgreSQL, the schema and the daemon; nothing leaves this machine", started)
        with DaemonProcess(
            environment, "--streams", "--serve", f"127.0.0.1:{port}", output=None, migrate=True
        ) as daemon:
            account = {"DJANGO_SUPERUSER_PASSWORD": password, **environment}
            eventually(lambda: _ready(port), 30, "the daemon leads")
            manage(
                "createsuperuser", "--noinput", "--username", "demo", "--email", "demo@example.invalid",
                environment=account, capture_output=True,
            )  # fmt: skip
            play(site, world, streams, environment, port, password, started)
            say_cards(sinks, started)
            say("done", started)
            if sys.stdin.isatty():
                say("the daemon goes on; Ctrl-C ends it", started)
                try:
                    daemon.process.wait()
                except KeyboardInterrupt:
                    print()
            daemon.terminate()
    return 0


def _ready(port: int) -> bool:
    try:
        answer = build_opener().open(f"http://127.0.0.1:{port}/healthz", timeout=2).read()
    except OSError:
        return False
    return b'"healthy": true' in answer


if __name__ == "__main__":
    assert Path.cwd() == ROOT, f"run it from {ROOT}"
    sys.exit(main())
