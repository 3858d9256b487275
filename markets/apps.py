from django.apps import AppConfig
from django.db.models.signals import post_migrate


class MarketsConfig(AppConfig):
    name = "markets"
    verbose_name = "Markets"

    def ready(self) -> None:
        from markets.identity_store import load_shipped_assets

        post_migrate.connect(load_shipped_assets, sender=self)
