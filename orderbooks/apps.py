from django.apps import AppConfig

from events import registry


class OrderBooksConfig(AppConfig):
    name = "orderbooks"
    verbose_name = "Order books"

    def ready(self) -> None:
        from orderbooks.collector.service import recorder_gauges, run
        from orderbooks.collector.status import content_rules, health_gauges, read_metrics
        from orderbooks.detection import depth_drop, whale
        from orderbooks.detection.updater import BookEventUpdater
        from orderbooks.models.events import DepthDropEvent, WhaleEvent

        registry.register_kind(whale.KIND, WhaleEvent)
        registry.register_kind(depth_drop.KIND, DepthDropEvent)
        registry.register_updater(BookEventUpdater.name, BookEventUpdater, scheduled=False)
        registry.register_feeds(content_rules)
        registry.register_service(registry.Service("streams", run, on_request=True))
        registry.register_gauges(health_gauges)
        registry.register_gauges(recorder_gauges)
        registry.register_metrics(read_metrics)
