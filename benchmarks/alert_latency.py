"""Commit → POST on loopback with an idle queue: p50 and p99 in milliseconds.

Run: `python -m benchmarks.alert_latency [ROUNDS]`. It starts a PostgreSQL of its own and a webhook per channel, and
queues one alert at a time; channels take turns, so that no round waits for the pace of a channel.
"""

from __future__ import annotations

import os
import statistics
import sys
import threading
import time

from tests.postgres_cluster import ThrowawayCluster

CHANNELS = ("cex", "defi", "stablecoin", "token_volatility", "token_liquidity")
LIMIT_P50_S, LIMIT_P99_S = 1.0, 5.0


def main(rounds: int) -> int:
    with ThrowawayCluster() as url:
        os.environ.update(DATABASE_URL=url, EWS_ENV_FILE="", LOG_LEVEL="WARNING")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crypto_ews.settings")
        import django
        from django.core.management import call_command
        from django.db import connections

        django.setup()
        call_command("migrate", verbosity=0)
        try:
            latencies = sorted(_measure(rounds))
        finally:
            connections.close_all()
    p50, p99 = statistics.median(latencies), latencies[min(len(latencies) - 1, round(0.99 * len(latencies)))]
    figures = f"p50 {p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms, worst {latencies[-1] * 1000:.0f} ms"
    print(f"commit to POST, {len(latencies)} alerts on an idle queue: {figures}")
    return 0 if p50 < LIMIT_P50_S and p99 < LIMIT_P99_S else 1


def _measure(rounds: int) -> list[float]:
    from django.db import transaction
    from django.utils import timezone

    from alerts import outbox
    from alerts.dispatcher import Dispatcher
    from crypto_ews.conf import parse_config
    from tests.upstreams.server import UpstreamServer
    from tests.upstreams.teams import TeamsSink

    latencies = []
    with UpstreamServer() as server:
        sinks = {channel: TeamsSink(server, path=f"/workflows/{channel}") for channel in CHANNELS}
        config = parse_config({f"{channel.upper()}_WEBHOOK_URL": sink.url for channel, sink in sinks.items()})
        stop = threading.Event()
        thread = threading.Thread(target=Dispatcher(config).run, args=(stop,))
        thread.start()
        time.sleep(1)
        try:
            for number in range(rounds):
                channel = CHANNELS[number % len(CHANNELS)]
                with transaction.atomic():
                    outbox.queue(
                        event_id=None,
                        reason="test",
                        revision=1,
                        channel=channel,
                        urgency=0,
                        detail={},
                        now=timezone.now(),
                    )
                committed = time.monotonic()
                count = number // len(CHANNELS) + 1
                latencies.append(sinks[channel].wait_for(count, 30)[-1].received - committed)
                # A channel is due again after five turns: more than two seconds, so that pace does not hold it.
                time.sleep(0.45)
        finally:
            stop.set()
            thread.join(10)
    return latencies


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
