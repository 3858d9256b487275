"""What the volume tracker stores: daily benchmark, a row a minute, event keys and their outcomes, unusual volume.

Rows of the tracker are written by COPY and partitioned by day. A day here is that of the benchmark: it ends at
23:59:30 UTC.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from trades.models.instruments import TradedInstrument
from trades.volume.keys import UnreadableKey, parse_key


class VolumeDay(models.Model):
    """An instrument at the end of a day: what the day came to, and the benchmark that holds for the next one.

    Volumes are in the quote currency.
    """

    pk = models.CompositePrimaryKey("instrument_id", "day")
    instrument_id = models.IntegerField()
    day = models.DateField()
    seen = models.FloatField(help_text="Minutes of the day that were seen.")
    total = models.FloatField(help_text="Of their volume.")
    squares = models.FloatField(null=True, help_text="Of minutes; empty where the day is known by longer bars.")
    spread_5m = models.FloatField(null=True, help_text="1.4826 times the median distance from the level.")
    spread_15m = models.FloatField(null=True)
    spread_30m = models.FloatField(null=True)
    spread_60m = models.FloatField(null=True)
    largest = models.FloatField(null=True, help_text="Of the day's surprises.")
    mean_28 = models.FloatField(null=True, help_text="Mean volume of a minute, 28 days.")
    mean_56 = models.FloatField(null=True)
    mean_84 = models.FloatField(null=True)
    std_28 = models.FloatField(null=True, help_text="Standard deviation over all minutes of 28 days.")
    std_56 = models.FloatField(null=True)
    std_84 = models.FloatField(null=True)
    rank = models.IntegerField(null=True, help_text="By the 28-day mean, among the venue's pairs with this quote.")
    eligible = models.BooleanField(help_text="Traded on 21 of the last 30 days; else it is young.")
    momentum = models.FloatField(null=True, help_text="Relative change of the price over seven days.")
    hour_closes = ArrayField(
        models.FloatField(null=True), null=True, help_text="Prices at the ends of the day's hours, as they closed."
    )
    top_move = models.FloatField(null=True, help_text="99 of 100 hours of 28 days moved less.")

    class Meta:
        ordering = ("-day", "instrument_id")
        verbose_name = "volume benchmark"

    def __str__(self) -> str:
        return f"{self.instrument_id} {self.day}"


class VolumeThreshold(models.Model):
    """What the surprise is held against on the day after `day`. venue: of the market card; empty: of the desk."""

    pk = models.CompositePrimaryKey("venue", "day")
    venue = models.TextField()
    day = models.DateField()
    threshold = models.FloatField(null=True, help_text="Empty before the 56th day.")
    largest = models.FloatField(null=True, help_text="Of the venue's medians of the day.")
    instruments = models.IntegerField(help_text="Which were judged.")

    class Meta:
        ordering = ("-day", "venue")

    def __str__(self) -> str:
        return f"{self.venue or 'desk'} {self.day}"


class VolumeJob(models.Model):
    """A daily job and the last day for which it was done."""

    name = models.TextField(primary_key=True)
    day = models.DateField()
    finished_at = models.DateTimeField()
    seconds = models.FloatField()
    note = models.TextField(blank=True)

    class Meta:
        ordering = ("name",)
        verbose_name = "daily volume job"

    def __str__(self) -> str:
        return f"{self.name} of {self.day}"


class TrackerRow(models.Model):
    """One instrument at a minute's close, as it was seen then."""

    pk = models.CompositePrimaryKey("instrument_id", "at")
    instrument_id = models.IntegerField()
    at = models.DateTimeField(help_text="The minute's close.")
    price = models.FloatField(null=True)
    vol_1m = models.FloatField(null=True, help_text="Mean minute volume of the window, in 28-day means.")
    vol_5m = models.FloatField(null=True)
    vol_15m = models.FloatField(null=True)
    vol_30m = models.FloatField(null=True)
    vol_60m = models.FloatField(null=True)
    buy_vol_1m = models.FloatField(null=True, help_text="Share of the window's volume that was bought.")
    buy_vol_5m = models.FloatField(null=True)
    buy_vol_15m = models.FloatField(null=True)
    buy_vol_30m = models.FloatField(null=True)
    buy_vol_60m = models.FloatField(null=True)
    surprise = models.FloatField(null=True)
    part_5m = models.FloatField(null=True, help_text="Distance of the window from its level, in spreads.")
    part_15m = models.FloatField(null=True)
    part_30m = models.FloatField(null=True)
    part_60m = models.FloatField(null=True)
    market = models.FloatField(null=True, help_text="The venue's median, half of which is taken off.")
    momentum = models.FloatField(null=True, help_text="Relative change of the price over seven days.")

    class Meta:
        ordering = ("-at", "instrument_id")
        verbose_name = "volume row"

    def __str__(self) -> str:
        return f"{self.instrument_id} {self.at:%Y-%m-%d %H:%M}"


class VolumeEventKey(models.Model):
    """An event key that is observed beside those of VOLUME_EVENT_KEYS."""

    text = models.CharField(
        "event key",
        max_length=200,
        unique=True,
        help_text="buy_vol_<minutes>m:<share>/vol_<minutes>m:<times>/timeframe:<minutes>/lvl:<rank>",
    )
    enabled = models.BooleanField(default=True)
    note = models.CharField(max_length=200, blank=True)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("text",)
        verbose_name = "volume event key"

    def __str__(self) -> str:
        return self.text

    @property
    def fault(self) -> str:
        """Why it cannot be read; empty where it can."""
        try:
            parse_key(self.text)
        except UnreadableKey as fault:
            return str(fault)
        return ""


class VolumeObservation(models.Model):
    """An event key that fired, and what came of it: after one timeframe, and at the observation's end."""

    id = models.BigAutoField(primary_key=True)
    key = models.TextField(help_text="Canonical text.")
    instrument = models.ForeignKey(TradedInstrument, on_delete=models.CASCADE, related_name="observations")
    at = models.DateTimeField(help_text="The close of the minute that fired.")
    delay_ms = models.IntegerField(help_text="From there until it was known; it opens then.")
    entry = models.FloatField(help_text="The last price that was known then.")
    times = models.FloatField(help_text="The volume, in that of the key: the largest is the strongest.")
    strongest = models.BooleanField(help_text="Of the keys that opened on this instrument at this minute.")
    due_at = models.DateTimeField(help_text="One timeframe after the close.")
    ends_at = models.DateTimeField(help_text="One timeframe after the last fire inside; at most seven.")
    due_high = models.FloatField(null=True)
    due_high_at = models.DateTimeField(null=True)
    due_low = models.FloatField(null=True)
    due_low_at = models.DateTimeField(null=True)
    due_close = models.FloatField(null=True)
    due_known = models.BooleanField(default=False)
    end_high = models.FloatField(null=True)
    end_high_at = models.DateTimeField(null=True)
    end_low = models.FloatField(null=True)
    end_low_at = models.DateTimeField(null=True)
    end_close = models.FloatField(null=True)
    end_known = models.BooleanField(default=False)

    class Meta:
        ordering = ("-at", "key")
        constraints = [models.UniqueConstraint(fields=["key", "instrument", "at"], name="volumeobservation_once")]
        indexes = [
            models.Index(fields=["ends_at"], name="volumeobservation_ends"),
            models.Index(fields=["due_at"], condition=models.Q(due_known=False), name="volumeobservation_due"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.at:%Y-%m-%d %H:%M}"


class UnusualVolume(models.Model):
    """Volume that passed the desk's threshold; also where the day's budget was used up."""

    id = models.BigAutoField(primary_key=True)
    venue = models.TextField(help_text="As in tickers.")
    symbol = models.TextField(help_text="As in the venue's stream; empty: the venue's whole market.")
    ticker = models.TextField(help_text="VENUE:SYMBOL as in events.")
    token = models.TextField(blank=True)
    at = models.DateTimeField(help_text="The close of the minute.")
    surprise = models.FloatField()
    threshold = models.FloatField()
    over_budget = models.BooleanField(help_text="It came after the day's five: told in the digest.")
    price = models.FloatField(null=True)
    move = models.FloatField(null=True, help_text="Relative, over the hour before.")
    next_move = models.FloatField(null=True, help_text="Relative, over the hour after.")
    top = models.BooleanField(null=True, help_text="That was one of this coin's largest hundredth.")
    settled = models.BooleanField(default=False, help_text="The hour after is over and was looked at.")

    class Meta:
        ordering = ("-at", "ticker")
        constraints = [models.UniqueConstraint(fields=["venue", "symbol", "at"], name="unusualvolume_once")]
        indexes = [models.Index(fields=["at"], name="unusualvolume_at")]
        verbose_name = "unusual volume"
        verbose_name_plural = "unusual volumes"

    def __str__(self) -> str:
        return f"{self.ticker} {self.at:%Y-%m-%d %H:%M}"
