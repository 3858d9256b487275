"""The state of the daemon, its clocks and its sources."""

from __future__ import annotations

from django.db import models


class SourceHealth(models.Model):
    """The state of one source, written after each of its runs."""

    class State(models.TextChoices):
        WAITING = "waiting", "not polled yet"
        OK = "ok", "answers"
        FAILING = "failing", "fails"
        DRIFT = "drift", "answers in an unknown shape"
        STALE = "stale", "silent, or its content is old"

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
    next_attempt_at = models.DateTimeField(null=True, blank=True, help_text="Not polled before this: back-off.")
    last_error = models.TextField(blank=True)
    last_error_at = models.DateTimeField(null=True, blank=True)
    error_payload = models.ForeignKey(
        "events.PayloadBody", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    content_at = models.DateTimeField(
        null=True, blank=True, help_text="The content's age counts from here: newest item, server time or last change."
    )
    content_bound_seconds = models.FloatField(null=True, blank=True, help_text="Largest age of the content.")
    content_overdue = models.JSONField(
        default=list, blank=True, help_text="Parts whose content is older than its bound; none: fresh."
    )
    content = models.JSONField(default=dict, blank=True, help_text="State of each part: `events.sources.content`.")
    watched_since = models.DateTimeField(help_text="When the daemon began to poll it; silence counts from here.")

    class Meta:
        ordering = ("source",)
        verbose_name = "source"

    def __str__(self) -> str:
        return self.source


class MissingRow(models.Model):
    """A row that a source listed before and that its last full readings lack (`events.sources.absence`)."""

    source = models.CharField(max_length=64)
    item_key = models.CharField(max_length=400)
    readings = models.PositiveIntegerField(default=1, help_text="Full readings in a row without it.")
    first_missed_at = models.DateTimeField()
    last_missed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "item_key"], name="missing_row_once")]

    def __str__(self) -> str:
        return f"{self.item_key}, missing from {self.source} since {self.first_missed_at}"


class Heartbeat(models.Model):
    """One row: when the leading daemon was last alive."""

    only_row = models.BooleanField(primary_key=True, default=True)
    beat_at = models.DateTimeField()
    daemon = models.CharField(max_length=200, help_text="Host and process id.")
    # `can_trade` reads this row anyway. A trigger copies both; while they are NULL it reads the tables themselves.
    trade_listed = models.BooleanField(null=True, editable=False, help_text="Of the trade setting.")
    database_off_seconds = models.FloatField(null=True, editable=False, help_text="Of the clock state.")

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(only_row=True), name="heartbeat_only_row")]

    def __str__(self) -> str:
        return f"{self.daemon} at {self.beat_at}"


class ClockState(models.Model):
    """One row: whether the leading daemon trusts the clocks, and an operator's confirmation."""

    only_row = models.BooleanField(primary_key=True, default=True)
    held = models.BooleanField(default=False, help_text="The clocks are untrusted: what cannot be undone waits.")
    why = models.CharField(max_length=16, blank=True)
    says = models.TextField(blank=True, help_text="Description for people.")
    since = models.DateTimeField(null=True, blank=True, help_text="In our time.")
    database_off_seconds = models.FloatField(default=0.0, help_text="The database's clock minus our time.")
    wall_off_seconds = models.FloatField(default=0.0, help_text="The machine's clock minus our time.")
    confirmed_by = models.CharField(
        max_length=150, blank=True, help_text="Who confirmed the database's clock; the daemon reads and clears it."
    )

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(only_row=True), name="clock_state_only_row")]

    def __str__(self) -> str:
        return self.says or "the clocks agree"
