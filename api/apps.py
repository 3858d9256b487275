from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "api"
    verbose_name = "HTTP API"

    def ready(self) -> None:
        from api.gateway import Gateway
        from events import registry

        registry.register_front(Gateway)
