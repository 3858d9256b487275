from django.apps import AppConfig

from events import registry


class OrderBooksConfig(AppConfig):
    name = "orderbooks"
    verbose_name = "Order books"

    def ready(self) -> None:
        from orderbooks import depth_detect, whale_detect
        from orderbooks.models_events import DepthDropEvent, WhaleEvent
        from orderbooks.service import recorder_numbers, run
        from orderbooks.status import content_rules, health_numbers
        from orderbooks.updater import BookEventUpdater

        registry.register_kind(whale_detect.KIND, WhaleEvent)
        registry.register_kind(depth_detect.KIND, DepthDropEvent)
        registry.register_updater(BookEventUpdater.name, BookEventUpdater, scheduled=False)
        registry.register_feeds(content_rules)
        registry.register_service(registry.Service("streams", run, on_request=True))
        registry.register_health_numbers(health_numbers)
        registry.register_health_numbers(recorder_numbers)
