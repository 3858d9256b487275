from django.apps import AppConfig

from events import registry


class LiquidityConfig(AppConfig):
    name = "liquidity"
    verbose_name = "Market liquidity"

    def ready(self) -> None:
        from liquidity.detect import KIND
        from liquidity.models import LowLiquidity
        from liquidity.updaters import LiquidityUpdater

        registry.register_kind(KIND, LowLiquidity)
        registry.register_updater(LiquidityUpdater.name, LiquidityUpdater)
