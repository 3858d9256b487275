"""freqtrade's own consumer at our push door: how fast it hears, and what it hears when we end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg2
from django.db import connection

from api.botcheck.proxy import FaultProxy
from events.daemon.endpoints import health
from events.daemon.webserver import WebServer
from tests.api.push.conftest import Served, served  # noqa: F401
from tests.api.support import beating, manual_event
from tests.peers.freqtrade.consuming import Consumer
from tests.peers.freqtrade.desk import desk_market
from tests.peers.freqtrade.latency import VENUE, bases, many_pairs, spans_ms

NOTHING = {"EWS/NOTHING"}
GOOD, VICTIM = "BTC/USDT", "SOL/USDT"


def is_good(pairs: set[str]) -> bool:
    return GOOD in pairs


def is_nothing(pairs: set[str]) -> bool:
    return pairs == NOTHING


def test_a_commit_is_in_freqtrades_memory_at_once(api_url: str, token_of: Callable[..., str]) -> None:
    many_pairs()
    with beating(), Consumer({"ews": (api_url, f"{token_of('pairs')}&venue={VENUE}")}) as bot:
        tokens = bases(bot.until(lambda pairs: len(pairs) > 1300))
        # Test, server, freqtrade and database share two cores, and maybe more; `benchmarks.bots` says how fast it is.
        for number in range(3):
            spans = spans_ms(bot, tokens[30 * number : 30 * number + 30], 0.02)
            p50, worst = spans[15], spans[-1]
            print(f"commit to freqtrade's memory: p50 {p50:.1f} ms, worst {worst:.1f} ms")
            if p50 <= 100 and worst <= 500:
                break
    assert p50 <= 100 and worst <= 500


def test_freqtrade_hears_that_we_go_where_we_can_say_so_and_keeps_its_list_where_not(
    served: Served,  # noqa: F811
    token_of: Callable[..., str],
) -> None:
    desk_market()
    with FaultProxy(served.url) as proxy, beating():
        token = token_of("pairs")
        urls = {"ews": (served.url, f"{token}&venue={VENUE}"), "behind": (proxy.url, f"{token}&venue={VENUE}")}
        with Consumer({**urls, "without a venue": (served.url, token)}) as bot:
            for name in urls:
                bot.until(is_good, producer=name)
            bot.until_logged("HTTP 422")
            # Another process leads.
            served.role.leading = False
            for name in urls:
                bot.until(is_nothing, 2, name)
            bot.until_logged("HTTP 503")
            served.role.leading = True
            for name in urls:
                bot.until(is_good, producer=name)
            # A cable is cut: nobody can say anything.
            proxy.refuse()
            manual_event("SOL", action="exit")
            bot.until(lambda pairs: VICTIM not in pairs)
            bot.listen(2.5)
            assert {GOOD, VICTIM} <= bot.memory("behind")
            proxy.accept()
            bot.until(lambda pairs: GOOD in pairs and VICTIM not in pairs, producer="behind")
            assert bot.memory("without a venue") == set()
            # A restart.
            from crypto_ews.asgi import application

            served.server.stop()
            for name in urls:
                bot.until(is_nothing, 2, name)
            again = WebServer("127.0.0.1", urlsplit(served.url).port or 0, served.role, application, health)
            again.start()
            try:
                began = time.monotonic()
                for name in urls:
                    bot.until(lambda pairs: GOOD in pairs and VICTIM not in pairs, producer=name)
                assert time.monotonic() - began < 10
            finally:
                again.stop()


@contextmanager
def database_away() -> Iterator[None]:
    """Nobody can connect to the test's database any more, and the API's sessions there are ended."""
    name = connection.settings_dict["NAME"]
    parameters = {**connection.get_connection_params(), "dbname": "postgres"}
    admin = psycopg2.connect(**{key: value for key, value in parameters.items() if key != "cursor_factory"})
    admin.autocommit = True
    try:
        with admin.cursor() as cursor:
            cursor.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = %s AND application_name LIKE 'crypto_ews api%%'",
                [name],
            )
        yield
    finally:
        with admin.cursor() as cursor:
            cursor.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        admin.close()


def test_an_outage_of_the_database_ends_the_list_and_nothing_old_comes_back(
    api_url: str, token_of: Callable[..., str]
) -> None:
    desk_market()
    with beating(), Consumer({"ews": (api_url, f"{token_of('pairs')}&venue={VENUE}")}) as bot:
        bot.until(lambda pairs: {GOOD, VICTIM} <= pairs)
        with database_away():
            began = time.monotonic()
            manual_event("SOL", action="exit")
            bot.until(is_nothing, 8)
            assert time.monotonic() - began < 7
            bot.listen(0.5)
            bot.lists.clear()
        bot.until(is_good)
        assert not any(VICTIM in one["come"] for one in bot.lists)
