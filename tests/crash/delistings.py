"""The world of the crash tests: an exchange that announces a delisting after another, and a channel for the cards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.support.daemon_process import manage
from tests.support.loopback import loopback_environment
from tests.upstreams import Reply, TeamsSink, UpstreamServer
from tests.upstreams.binance import AnnouncementSite, Article, announcement_site
from tests.upstreams.binance_instruments import coinm_symbol, instrument_site, spot_symbol, usdm_symbol

# The sources that read the notices; the others would only report their missing upstreams.
SOURCES = ("--only", "binance.instruments", "binance.announcements", "binance.edits")
RECORDED = "SELECT count(*) FROM events_event WHERE source = 'binance'"
WAITING = "SELECT count(*) FROM alerts_alert WHERE state IN ('pending', 'sending', 'grouped')"


class Delistings:
    """Publishes notices about `coins` on a loopback server; the cards about them arrive in `sink`.

    environment: of a daemon on `database_url`, whose schema is made here. card_seconds: for which the channel lets each
    card wait, as a real one does, so that a crash falls into deliveries too.
    """

    def __init__(
        self, server: UpstreamServer, database_url: str, coins: int, card_seconds: float, log_level: str
    ) -> None:
        self._server = server
        self.coins = [f"COIN{index}" for index in range(coins)]
        self.sink = TeamsSink(server)
        self.sink.answers(Reply(status=202, delay=card_seconds))
        self.site: AnnouncementSite = announcement_site(server)
        instrument_site(
            server,
            spot=[spot_symbol(f"{coin}/USDT") for coin in [*self.coins, "BTC"]],
            usdm=[usdm_symbol("BTC/USDT")],
            coinm=[coinm_symbol("BTC")],
        )
        self.environment = loopback_environment(
            server,
            DATABASE_URL=database_url,
            SPOT_CURRENCIES=" ".join(self.coins),
            CEX_WEBHOOK_URL=self.sink.url,
            UPDATE_REFRESH_INCREMENT_MINS="0.02",
            LOG_LEVEL=log_level,
        )
        manage("migrate", "--verbosity", "0", environment=self.environment)

    def publish(self, over_seconds: float) -> None:
        """Publish a notice about each coin, evenly over that time from now on."""
        begun = self._server.elapsed
        for at, article in notices(len(self.coins), over_seconds):
            self.site.publish(article, at=begun + at)


def notices(number: int, over_seconds: float) -> list[tuple[float, Article]]:
    """Delistings of as many coins, with the second after the start at which each appears."""
    started = datetime.now(UTC)
    ends = started + timedelta(days=5)
    found = []
    for index in range(number):
        at = over_seconds * index / max(1, number)
        article = Article(
            f"Binance Will Delist COIN{index} on {ends:%Y-%m-%d}",
            started + timedelta(seconds=at),
            (
                f"Binance will delist COIN{index} and cease trading on the following spot trading pairs at "
                f"{ends:%Y-%m-%d} 03:00 (UTC): COIN{index}/USDT",
            ),
        )
        found.append((at, article))
    return found
