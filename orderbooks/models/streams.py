"""The state of each venue's streams, written by the collector every few seconds for all processes."""

from __future__ import annotations

from datetime import timedelta

from django.db import models

# Collectors report every few seconds; an older row was left by one that has ended.
REPORTED_WITHIN = timedelta(seconds=30)


class StreamStatus(models.Model):
    """One venue's streams at their collector's last report. Counters begin with the collector."""

    venue = models.CharField(max_length=32, primary_key=True)
    at = models.DateTimeField()
    collector = models.CharField(max_length=200, help_text="Host and process id.")
    started_at = models.DateTimeField()
    connections = models.PositiveIntegerField()
    symbols = models.PositiveIntegerField(help_text="Requested books.")
    in_sync = models.PositiveIntegerField(help_text="Books in sync now; the others are not published.")
    lag_ms = models.FloatField(
        null=True, help_text="Delay of messages beyond the least of the last minutes, by exchange time."
    )
    queue = models.PositiveIntegerField(help_text="Frames waiting to be decoded.")
    frames = models.BigIntegerField()
    bytes = models.BigIntegerField()
    gaps = models.PositiveIntegerField()
    resyncs = models.PositiveIntegerField()
    checksum_failures = models.PositiveIntegerField()
    dropped = models.PositiveIntegerField(help_text="Frames dropped because their connection was too far behind.")
    malformed = models.PositiveIntegerField(help_text="Frames that could not be decoded; they are quarantined.")
    silences = models.PositiveIntegerField(help_text="Open connections and symbols that were found silent.")
    snapshots = models.PositiveIntegerField(help_text="Snapshots over REST.")
    snapshot_failures = models.PositiveIntegerField()
    handovers = models.PositiveIntegerField(help_text="Planned reconnects without a gap.")
    disconnects = models.PositiveIntegerField()

    class Meta:
        ordering = ("venue",)
        verbose_name = "stream"

    def __str__(self) -> str:
        return self.venue
