"""The web pages: the board, Django admin, what a card's links lead to, the live order books, and health."""

from django.contrib import admin
from django.urls import include, path

from alerts.inbound.views import hook
from alerts.views.act import act_page
from api.rest.application import rest
from api.rest.document import docs_page, openapi_page
from crypto_ews.ui.csv_export import list_csv
from crypto_ews.ui.runbook import runbook
from events.daemon.endpoints import healthz, metrics, readyz

urlpatterns = [
    path("admin/csv/<str:app>/<str:model>/", admin.site.admin_view(list_csv), name="list_csv"),
    path("admin/", admin.site.urls),
    path("api/v1/", rest.urls),
    path("api/docs", docs_page, name="api-docs"),
    path("api/openapi.json", openapi_page, name="api-openapi"),
    path("act/<str:token>", act_page, name="act"),
    path("hooks/<slug:channel>", hook, name="hook"),
    path("runbook/", runbook, name="runbook"),
    path("runbook/<slug:name>/", runbook, name="runbook-page"),
    path("orderbooks/", include("orderbooks.live.urls")),
    path("", include("board.urls")),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
]
