from django.apps import AppConfig
from django.db.models.signals import post_delete, post_migrate, post_save


class MarketsConfig(AppConfig):
    name = "markets"
    verbose_name = "Markets"

    def ready(self) -> None:
        from markets.identity_store import load_shipped_assets
        from markets.models import WatchListEntry
        from markets.watch_store import on_entry_changed

        post_migrate.connect(load_shipped_assets, sender=self)
        for signal in (post_save, post_delete):
            signal.connect(on_entry_changed, sender=WatchListEntry)
