from django.apps import AppConfig

from events import registry


class VolatilityConfig(AppConfig):
    name = "volatility"
    verbose_name = "Token volatility"

    def ready(self) -> None:
        from volatility.detect import KIND
        from volatility.models import VolatilityEvent
        from volatility.updaters import VolatilityUpdater

        registry.register_kind(KIND, VolatilityEvent)
        registry.register_updater(VolatilityUpdater.name, VolatilityUpdater)
