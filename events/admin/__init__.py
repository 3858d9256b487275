"""The admin of the events app, one module per subject."""

from __future__ import annotations

from django.contrib import admin

from events.admin import dashboard, event, positions, risk, rules, sources

__all__ = ["dashboard", "event", "positions", "risk", "rules", "sources"]

# The theme is first in INSTALLED_APPS, so its index.html would shadow one of ours.
admin.site.index_template = "admin/dashboard.html"
admin.site.index_title = "Overview"
dashboard.register()
positions.register()
