"""How the daemon and its sources are."""

from __future__ import annotations

from django.db import models


class SourceHealth(models.Model):
    """The state of one source, written after each of its runs."""

    class State(models.TextChoices):
        WAITING = "waiting", "not asked yet"
        OK = "ok", "answers"
        FAILING = "failing", "fails"
        DRIFT = "drift", "answers in an unknown shape"
        STALE = "stale", "silent, or says nothing new"

    source = models.CharField(max_length=64, primary_key=True)
    state = models.CharField(max_length=16, choices=State, default=State.WAITING)
    interval_seconds = models.FloatField()
    last_attempt_at = models.DateTimeField(null=True, blank=True)
    last_success_at = models.DateTimeField(null=True, blank=True)
    last_item_count = models.PositiveIntegerField(null=True, blank=True)
    last_duration_ms = models.PositiveIntegerField(null=True, blank=True)
    clock_skew_seconds = models.FloatField(
        null=True, blank=True, help_text="Ours minus the upstream's, by its Date header."
    )
    consecutive_failures = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True, help_text="Not asked before this: back-off.")
    last_error = models.TextField(blank=True)
    last_error_at = models.DateTimeField(null=True, blank=True)
    error_payload = models.ForeignKey(
        "events.PayloadBody", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    content_at = models.DateTimeField(
        null=True, blank=True, help_text="What its content's age counts from: newest release, server time, last change."
    )
    content_bound_seconds = models.FloatField(null=True, blank=True, help_text="How old that may be.")
    content_overdue = models.JSONField(
        default=list, blank=True, help_text="The parts whose content is older than its bound; none: it is fresh."
    )
    content = models.JSONField(
        default=dict, blank=True, help_text="What is remembered of each part: `events.sources.content`."
    )
    watched_since = models.DateTimeField(help_text="When the daemon began to ask it; silence counts from here.")

    class Meta:
        ordering = ("source",)
        verbose_name = "source"

    def __str__(self) -> str:
        return self.source


class MissingRow(models.Model):
    """A row that a source listed before and that its last whole readings lack (`events.sources.absence`)."""

    source = models.CharField(max_length=64)
    item_key = models.CharField(max_length=400)
    readings = models.PositiveIntegerField(default=1, help_text="Whole readings in a row without it.")
    first_missed_at = models.DateTimeField()
    last_missed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "item_key"], name="missing_row_once")]

    def __str__(self) -> str:
        return f"{self.item_key}, missing from {self.source} since {self.first_missed_at}"


class Heartbeat(models.Model):
    """One row: the leading daemon was alive at this time."""

    only_row = models.BooleanField(primary_key=True, default=True)
    beat_at = models.DateTimeField()
    daemon = models.CharField(max_length=200, help_text="Host and process id.")

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(only_row=True), name="heartbeat_only_row")]

    def __str__(self) -> str:
        return f"{self.daemon} at {self.beat_at}"


class ClockState(models.Model):
    """One row: what the leading daemon makes of the clocks, and what an operator says to it."""

    only_row = models.BooleanField(primary_key=True, default=True)
    held = models.BooleanField(default=False, help_text="What cannot be taken back waits.")
    why = models.CharField(max_length=16, blank=True)
    says = models.TextField(blank=True, help_text="For people.")
    since = models.DateTimeField(null=True, blank=True, help_text="By our time.")
    database_off_seconds = models.FloatField(default=0.0, help_text="The database's clock minus our time.")
    wall_off_seconds = models.FloatField(default=0.0, help_text="The machine's clock minus our time.")
    confirmed_by = models.CharField(
        max_length=150, blank=True, help_text="Says that the database's clock is right; the daemon takes it from here."
    )

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(only_row=True), name="clock_state_only_row")]

    def __str__(self) -> str:
        return self.says or "the clocks agree"
