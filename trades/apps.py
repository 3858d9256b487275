from django.apps import AppConfig

from events import registry


class TradesConfig(AppConfig):
    name = "trades"
    verbose_name = "Trades and volume"

    def ready(self) -> None:
        from trades.collector.service import run, trade_gauges
        from trades.collector.status import content_rules

        registry.register_feeds(content_rules)
        registry.register_service(registry.Service("trades", run, on_request=True))
        registry.register_gauges(trade_gauges)
