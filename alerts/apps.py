from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "alerts"
    verbose_name = "Alerts"

    def ready(self) -> None:
        from alerts import audit, canary, observability, reminders, review_cards
        from alerts.delivery import clock_repair
        from alerts.delivery.dispatcher import drain, run
        from alerts.outbox import health_gauges
        from alerts.policy import queue_alerts
        from events import registry

        registry.register_alert_policy(queue_alerts)
        registry.register_service(registry.Service("dispatcher", run, drain))
        registry.register_gauges(health_gauges)
        registry.register_gauges(review_cards.health_gauges)
        registry.register_readiness(observability.no_alert_waits_for_long)
        registry.register_metrics(observability.read_metrics)
        registry.register_audit("alerts and their attempts", observability.prune)
        registry.register_clock_jump(clock_repair.move)
        registry.register_timer(registry.Timer("alert_timers", reminders.run, reminders.next_due, reminders.SECONDS))
        registry.register_timer(
            registry.Timer("review_cards", review_cards.queue_due, review_cards.next_due, review_cards.SECONDS)
        )
        registry.register_audit("acts about alerts", audit.prune)
        # Never in a replay, which sends nothing.
        registry.register_timer(registry.Timer("canary", canary.queue_if_due, lambda config, now: None, 60.0))
