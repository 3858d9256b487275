"""How far the backfill is, and the minutes that wait for their candle."""

from __future__ import annotations

from django.db import models

from trades.models.instruments import TradedInstrument


class BackfilledSpan(models.Model):
    """What one pass has fetched of one instrument: everything from `start` to `end`, without a hole.

    It grows in the transaction that stores the rows, so that after a kill it names no more than is there.
    """

    instrument = models.ForeignKey(TradedInstrument, on_delete=models.CASCADE, related_name="spans")
    number = models.SmallIntegerField(help_text="Of the pass.")
    start = models.DateTimeField()
    end = models.DateTimeField(help_text="Not included.")
    begins = models.BooleanField(default=False, help_text="The venue has nothing before `start`.")

    class Meta:
        ordering = ("instrument", "number")
        constraints = [models.UniqueConstraint(fields=["instrument", "number"], name="backfilledspan_once")]

    def __str__(self) -> str:
        return f"{self.instrument} pass {self.number}: {self.start:%Y-%m-%d %H:%M} to {self.end:%Y-%m-%d %H:%M}"


class BackfillPass(models.Model):
    """One pass of one venue at its last report, for the board and the command line."""

    class State(models.TextChoices):
        WAITING = "waiting", "waiting"
        RUNNING = "running", "running"
        DONE = "done", "done"
        LEFT_OUT = "left out", "left out"

    venue = models.TextField()
    number = models.SmallIntegerField()
    state = models.TextField(choices=State)
    pairs = models.IntegerField(default=0)
    pairs_done = models.IntegerField(default=0)
    requests = models.IntegerField(default=0, help_text="Needed, as planned.")
    requests_done = models.IntegerField(default=0)
    weight_left = models.IntegerField(default=0)
    weight_per_minute = models.IntegerField(default=0, help_text="Which the backfill may spend.")
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    at = models.DateTimeField(help_text="Of this report.")
    note = models.TextField(blank=True, help_text="What is left out, or what failed last.")

    class Meta:
        ordering = ("venue", "number")
        constraints = [models.UniqueConstraint(fields=["venue", "number"], name="backfillpass_once")]
        verbose_name = "backfill pass"
        verbose_name_plural = "backfill passes"

    def __str__(self) -> str:
        return f"{self.venue} pass {self.number}"


class RepairMinute(models.Model):
    """A minute whose row is to be compared with the venue's candle, and why."""

    instrument = models.ForeignKey(TradedInstrument, on_delete=models.CASCADE, related_name="repairs")
    minute = models.DateTimeField()
    reason = models.TextField()
    queued_at = models.DateTimeField()
    not_before = models.DateTimeField(help_text="After the minute's close; later after a try that failed.")
    tries = models.SmallIntegerField(default=0)

    class Meta:
        ordering = ("-minute",)
        constraints = [models.UniqueConstraint(fields=["instrument", "minute"], name="repairminute_once")]
        indexes = [models.Index(fields=["not_before"], name="repairminute_due")]
        verbose_name = "minute to repair"
        verbose_name_plural = "minutes to repair"

    def __str__(self) -> str:
        return f"{self.instrument} {self.minute:%Y-%m-%d %H:%M}"
