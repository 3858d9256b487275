from django.apps import AppConfig


class DrillsConfig(AppConfig):
    name = "drills"
    verbose_name = "Drills"

    def ready(self) -> None:
        from drills import schedule
        from events import registry

        # Never in a replay, which starts no processes.
        registry.register_timer(registry.Timer("drills", schedule.run, lambda config, now: None, schedule.SECONDS))
