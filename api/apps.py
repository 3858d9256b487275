from __future__ import annotations

import logging
from datetime import datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from django.apps import AppConfig

if TYPE_CHECKING:
    from threading import Event as StopFlag

    from crypto_ews.conf import Config

logger = logging.getLogger(__name__)


class ApiConfig(AppConfig):
    name = "api"
    verbose_name = "HTTP API"

    def ready(self) -> None:
        from api.bots import mqtt_metrics
        from api.push import metrics
        from events import registry

        registry.register_front(_front)
        registry.register_service(registry.Service("mqtt", _mqtt))
        registry.register_gauges(mqtt_metrics.health_gauges)
        registry.register_gauges(metrics.health_gauges)
        registry.register_audit("acts through the API", _prune)
        registry.register_service(registry.Service("risk_webhooks", _send_risk))


def _mqtt(config: Config, stop: StopFlag) -> None:
    if config.mqtt_broker is None:
        return
    # Optional: without it the daemon does everything else.
    if find_spec("aiomqtt") is None:
        logger.error(
            "MQTT_URL is set and the package aiomqtt is not installed: hummingbots are told nothing, and open nothing; "
            "pip install -r requirements-mqtt.txt"
        )
        return
    from api.bots.mqtt_publisher import run

    run(config, stop)


def _front(application: Any) -> Any:
    # It loads a third of a second of modules, for which commands that serve nothing need not wait.
    from api.gateway import Gateway

    return Gateway(application)


def _send_risk(config: Config, stop: StopFlag) -> None:
    # With what reads the view, which commands that run no service need not load.
    from api.push.risk_webhooks import run

    run(config, stop)


def _prune(before: datetime) -> int:
    # With ninja, which other commands than the audit's need not load.
    from api.rest.acts.audit import prune

    return prune(before)
