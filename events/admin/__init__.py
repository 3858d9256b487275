"""Everything of this app in the admin, one module per idea."""

from __future__ import annotations

from django.contrib import admin

from events.admin import dashboard, event, risk, rules, sources

__all__ = ["dashboard", "event", "risk", "rules", "sources"]

# The theme stands first in INSTALLED_APPS, so an index.html of ours would be shadowed by its own.
admin.site.index_template = "admin/dashboard.html"
admin.site.index_title = "Overview"
dashboard.register()
