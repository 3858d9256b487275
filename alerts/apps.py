from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "alerts"
    verbose_name = "Alerts"

    def ready(self) -> None:
        from alerts.dispatcher import drain, run
        from alerts.policy import queue_alerts
        from events.registry import Service, register_alert_policy, register_service

        register_alert_policy(queue_alerts)
        register_service(Service("dispatcher", run, drain))
