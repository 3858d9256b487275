from datetime import datetime

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "api"
    verbose_name = "HTTP API"

    def ready(self) -> None:
        from api.gateway import Gateway
        from events import registry

        registry.register_front(Gateway)
        registry.register_audit("acts through the API", _prune)


def _prune(before: datetime) -> int:
    # With ninja, which other commands than the audit's need not load.
    from api.rest.audit import prune

    return prune(before)
