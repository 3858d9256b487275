"""What the MQTT publisher of this process has done, for /metrics and /healthz."""

from __future__ import annotations

from prometheus_client import Counter

messages = Counter("ews_mqtt_messages", "Messages to hummingbots over MQTT.")
faults = Counter("ews_mqtt_faults", "Connections to the MQTT broker that failed or were lost.")

_connected: list[bool] = []
"""One while a publisher should be running in this process: whether it is connected."""


def begin() -> None:
    """A publisher runs in this process from now on, and is not connected yet."""
    _connected[:] = [False]


def end() -> None:
    """None runs any more."""
    _connected.clear()


def is_connected(yes: bool) -> None:
    """What the running publisher has found."""
    if _connected:
        _connected[:] = [yes]


def health_gauges() -> dict[str, float]:
    """`mqtt_disconnected`: 1 while bots should be told, and the broker cannot be used.

    0 where no broker is configured as well, and in a daemon that does not lead.
    """
    return {"mqtt_disconnected": float(_connected == [False])}
