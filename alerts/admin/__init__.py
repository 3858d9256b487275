"""Alerts in the admin, one module per idea."""

from alerts.admin import alerts, people, receivers

__all__ = ["alerts", "people", "receivers"]
