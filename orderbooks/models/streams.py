"""How each venue's streams are, written by the collector every few seconds, so that any process can tell."""

from __future__ import annotations

from django.db import models


class StreamStatus(models.Model):
    """One venue's streams as their collector saw them last. Counters count from its start."""

    venue = models.CharField(max_length=32, primary_key=True)
    at = models.DateTimeField()
    collector = models.CharField(max_length=200, help_text="Host and process id.")
    started_at = models.DateTimeField()
    connections = models.PositiveIntegerField()
    symbols = models.PositiveIntegerField(help_text="Books that are wanted.")
    in_sync = models.PositiveIntegerField(help_text="Books that are true now; nothing is told of the others.")
    lag_ms = models.FloatField(
        null=True, help_text="How much later messages come than the earliest of the last minutes, by exchange time."
    )
    queue = models.PositiveIntegerField(help_text="Frames that wait to be read.")
    frames = models.BigIntegerField()
    bytes = models.BigIntegerField()
    gaps = models.PositiveIntegerField()
    resyncs = models.PositiveIntegerField()
    checksum_failures = models.PositiveIntegerField()
    dropped = models.PositiveIntegerField(help_text="Frames thrown away because their connection was too far behind.")
    malformed = models.PositiveIntegerField(help_text="Frames that could not be read; each is kept, quarantined.")
    silences = models.PositiveIntegerField(help_text="Connections and symbols that were found open and silent.")
    snapshots = models.PositiveIntegerField(help_text="Over REST.")
    snapshot_failures = models.PositiveIntegerField()
    handovers = models.PositiveIntegerField(help_text="Planned reconnects without a gap.")
    disconnects = models.PositiveIntegerField()

    class Meta:
        ordering = ("venue",)
        verbose_name = "stream"

    def __str__(self) -> str:
        return self.venue
