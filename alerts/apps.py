from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "alerts"
    verbose_name = "Alerts"

    def ready(self) -> None:
        from alerts.dispatcher import drain, run
        from alerts.outbox import health_numbers
        from alerts.policy import queue_alerts
        from events.registry import Service, register_alert_policy, register_health_numbers, register_service

        register_alert_policy(queue_alerts)
        register_service(Service("dispatcher", run, drain))
        register_health_numbers(health_numbers)
