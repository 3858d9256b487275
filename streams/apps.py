"""The engine of every stream user: connections, pacing, hand-over, and a decoder a venue."""

from django.apps import AppConfig


class StreamsConfig(AppConfig):
    name = "streams"
    verbose_name = "Streams"
