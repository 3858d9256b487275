"""URLs of the live page."""

from django.urls import path

from orderbooks.live.views import live_page, live_stream, pair_events, pairs

app_name = "orderbooks"
urlpatterns = [
    path("", live_page, name="live"),
    path("pairs", pairs, name="pairs"),
    path("events", pair_events, name="events"),
    path("stream", live_stream, name="stream"),
]
