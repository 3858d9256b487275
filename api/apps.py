from datetime import datetime
from typing import Any

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "api"
    verbose_name = "HTTP API"

    def ready(self) -> None:
        from events import registry

        registry.register_front(_front)
        registry.register_audit("acts through the API", _prune)


def _front(application: Any) -> Any:
    # It loads a third of a second of modules, for which commands that serve nothing need not wait.
    from api.gateway import Gateway

    return Gateway(application)


def _prune(before: datetime) -> int:
    # With ninja, which other commands than the audit's need not load.
    from api.rest.audit import prune

    return prune(before)
