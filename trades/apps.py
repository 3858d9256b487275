from django.apps import AppConfig

from events import registry


class TradesConfig(AppConfig):
    name = "trades"
    verbose_name = "Trades and volume"

    def ready(self) -> None:
        from trades.collector.service import run, trade_gauges
        from trades.collector.status import content_rules
        from trades.daily import jobs
        from trades.detection import unusual
        from trades.detection.updater import VolumeEventUpdater
        from trades.live import service
        from trades.models import VolumeAnomalyEvent

        registry.register_feeds(content_rules)
        registry.register_service(registry.Service("trades", run, on_request=True))
        registry.register_gauges(trade_gauges)
        registry.register_kind(unusual.KIND, VolumeAnomalyEvent)
        registry.register_updater(VolumeEventUpdater.name, VolumeEventUpdater, scheduled=False)
        registry.register_service(registry.Service("volume", service.run))
        registry.register_gauges(service.volume_gauges)
        registry.register_timer(jobs.timer())
