"""Everything of this app in the admin, one module per idea."""

from __future__ import annotations

from django.contrib import admin

from events import admin_dashboard, admin_event, admin_risk, admin_rules, admin_sources

__all__ = ["admin_dashboard", "admin_event", "admin_risk", "admin_rules", "admin_sources"]

# The theme stands first in INSTALLED_APPS, so an index.html of ours would be shadowed by its own.
admin.site.index_template = "admin/dashboard.html"
admin.site.index_title = "Overview"
admin_dashboard.register()
