"""The payload archive: one row per poll, each body once; and quarantined items."""

from __future__ import annotations

from django.db import models


class PayloadBody(models.Model):
    """The bytes of an upstream's answer, compressed, stored once per content."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    compressed = models.BinaryField()
    size = models.PositiveIntegerField(help_text="Bytes before compression.")
    stored_size = models.PositiveIntegerField(help_text="Bytes after compression.")
    first_seen_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.sha256[:12]} ({self.size} bytes)"


class PayloadPoll(models.Model):
    """One answer of an upstream: when, with what status, and which body."""

    source = models.CharField(max_length=64)
    url = models.TextField()
    received_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField()
    duration_ms = models.PositiveIntegerField(default=0)
    body = models.ForeignKey(PayloadBody, null=True, on_delete=models.CASCADE, related_name="polls")

    class Meta:
        ordering = ("-received_at", "-id")
        indexes = [
            models.Index(fields=["source", "-received_at"], name="poll_source_received"),
            models.Index(fields=["received_at"], name="poll_received"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.received_at:%Y-%m-%d %H:%M:%S}"


class QuarantinedItem(models.Model):
    """An unusable item of a payload, with its error. The other items of the payload were processed."""

    source = models.CharField(max_length=64)
    item_key = models.CharField(max_length=400)
    title = models.TextField(blank=True)
    error = models.TextField()
    excerpt = models.TextField(blank=True)
    payload = models.ForeignKey(PayloadBody, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=1)
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-last_at",)
        constraints = [models.UniqueConstraint(fields=["source", "item_key"], name="quarantine_once")]

    def __str__(self) -> str:
        return f"{self.source} {self.item_key}"
