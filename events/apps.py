from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, register
from django.db.models.signals import post_migrate

from events import registry
from events.database.bot_role import secure_after_migrate
from events.database.ledger_owner import give_after_migrate


def alert_policy_is_registered(**_options: object) -> list[CheckMessage]:
    if registry.alert_policy() is None:
        return [
            Error(
                "No alert policy is registered: events would open and nobody would be notified.",
                hint="Is the app `alerts` in INSTALLED_APPS, and does its ready() register one?",
                id="events.E001",
            )
        ]
    return []


class EventsConfig(AppConfig):
    name = "events"
    verbose_name = "Events and risk"

    def ready(self) -> None:
        from events import reviews
        from events.lifecycle import after_clock_jump
        from events.lifecycle.default_rules import load_reference_data
        from events.models import ManualEvent, OperationsEvent
        from events.retention import prune_admin_log
        from events.sources import absence, quarantine

        registry.register_kind("manual", ManualEvent)
        registry.register_kind("operations", OperationsEvent)
        registry.register_audit("actions in the admin", prune_admin_log)
        registry.register_audit("decided reviews", reviews.prune)
        registry.register_clock_jump(after_clock_jump)
        for of in (reviews, absence, quarantine):
            registry.register_clock_jump(of.after_clock_jump)
        register(alert_policy_is_registered)
        post_migrate.connect(load_reference_data, sender=self)
        post_migrate.connect(secure_after_migrate, sender=self)
        post_migrate.connect(give_after_migrate, sender=self)
        _keep_trade_tables(self)
        _keep_ledger()


def _keep_trade_tables(config: EventsConfig) -> None:
    from events.daemon import trade_tables

    def never(_config: object, _now: object) -> None:
        """A replay has no bots."""

    timer = registry.Timer("trade_tables", trade_tables.keep_tables, never, trade_tables.SECONDS, by_clock=False)
    registry.register_timer(timer)
    post_migrate.connect(trade_tables.load_reference_tables, sender=config)


def _keep_ledger() -> None:
    from events.ledger import seals

    def never(_config: object, _now: object) -> None:
        """A replay's rows bear the time of the replay, and nobody needs them sealed."""

    timer = registry.Timer("ledger", seals.Sealer().run, never, seals.SECONDS, by_clock=False)
    registry.register_timer(timer)
    registry.register_gauges(seals.gauges)
