"""What the MQTT publisher of this process has done, for /metrics and /healthz."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

messages = Counter("ews_mqtt_messages", "Messages to hummingbots over MQTT.")
faults = Counter("ews_mqtt_faults", "Connections to the MQTT broker that failed or were lost.")
connected = Gauge("ews_mqtt_connected", "1 while this process is connected to the MQTT broker.")

_running: list[str] = []


def begin(name: str) -> None:
    """A publisher runs in this process from now on."""
    _running.append(name)
    connected.set(0)


def end(name: str) -> None:
    _running.remove(name)
    connected.set(0)


def health_gauges() -> dict[str, float]:
    """`mqtt_connected` where a publisher should be running in this process: 0 means that bots are told nothing."""
    return {"mqtt_connected": connected._value.get()} if _running else {}
