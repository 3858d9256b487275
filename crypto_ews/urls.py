"""The web pages: Django admin, the live order books, health."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from events.web import healthz, metrics, readyz

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("orderbooks/", include("orderbooks.urls")),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
]
