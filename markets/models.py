"""Reference data: assets with their names, instruments, quote assets, and the watch lists."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Asset(models.Model):
    """A coin or currency. Its ticker may be another coin's at another time; `code` is unique and ours."""

    class Kind(models.TextChoices):
        COIN = "coin"
        STABLECOIN = "stablecoin"
        FIAT = "fiat"
        UNKNOWN = "unknown"

    code = models.CharField(
        max_length=64, unique=True, help_text="The `token` of effects, instruments and rules; upper case."
    )
    name = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.UNKNOWN)
    reviewed = models.BooleanField(default=False, help_text="A person has reviewed it.")
    note = models.TextField(blank=True)

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return self.code


class AssetName(models.Model):
    """A venue's name of an asset: a multiplier contract, another ticker, a name that is valid for a time only."""

    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="names")
    venue = models.CharField(max_length=32, blank=True, help_text="Empty: on every venue.")
    name = models.CharField(max_length=64)
    multiplier = models.DecimalField(max_digits=20, decimal_places=8, default=1)
    valid_from = models.DateTimeField(null=True, blank=True)
    valid_to = models.DateTimeField(null=True, blank=True)
    origin = models.CharField(max_length=200, blank=True, help_text="The source of this name.")

    class Meta:
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(
                fields=["venue", "name", "valid_from"], nulls_distinct=False, name="asset_name_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} is {self.asset.code}"


class Instrument(models.Model):
    """A pair or contract as its exchange lists it."""

    venue = models.CharField(max_length=32)
    symbol = models.CharField(max_length=64)
    base = models.CharField(max_length=64, help_text="As the exchange writes it.")
    quote = models.CharField(max_length=64)
    token = models.CharField(max_length=64, help_text="The asset of the base, without multiplier.")
    multiplier = models.DecimalField(max_digits=20, decimal_places=8, default=1)
    settle = models.CharField(
        max_length=64,
        blank=True,
        default="",
        db_default="",
        help_text="The asset that a contract is settled in, as the exchange writes it; empty on spot.",
    )
    quote_token = models.CharField(
        max_length=64,
        blank=True,
        default="",
        db_default="",
        help_text="The asset of the quote; empty until the next reading.",
    )
    settle_token = models.CharField(
        max_length=64, blank=True, default="", db_default="", help_text="The asset of `settle`."
    )
    aliases = ArrayField(
        models.TextField(),
        default=list,
        db_default=[],
        blank=True,
        help_text="Other names that its exchange has for it.",
    )
    contract_type = models.CharField(max_length=32, blank=True)
    status = models.CharField(max_length=32, help_text="As the exchange writes it.")
    live = models.BooleanField(help_text="The status means that it trades.")
    ends_at = models.DateTimeField(null=True, blank=True)
    since = models.DateTimeField(help_text="When it was first seen in this status.")
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    pegged = models.BooleanField(
        null=True, editable=False, help_text="One of its assets has a peg, or may have; set by a trigger."
    )
    watched = models.BooleanField(null=True, editable=False, help_text="On the watch lists; set by a trigger.")

    class Meta:
        ordering = ("venue", "symbol")
        constraints = [models.UniqueConstraint(fields=["venue", "symbol"], name="instrument_once")]
        indexes = [
            models.Index(fields=["token", "venue"], name="instrument_token"),
            models.Index(fields=["venue"], condition=Q(live=True), name="instrument_live"),
        ]

    def __str__(self) -> str:
        return f"{self.venue}:{self.symbol}"


class InstrumentName(models.Model):
    """A name of an instrument in trading programs; `can_trade` looks it up here. Written by `markets.instruments`."""

    exchange = models.CharField(max_length=32)
    venue = models.CharField(max_length=32, help_text="Of the instrument.")
    instrument = models.ForeignKey(Instrument, on_delete=models.CASCADE, related_name="names")
    name = models.CharField(max_length=100, help_text="Upper case.")
    bare = models.CharField(max_length=100, help_text="The letters and digits of the name, to match other separators.")
    convention = models.CharField(max_length=32, help_text="The convention that it follows: native, ccxt, nautilus, …")

    class Meta:
        db_table = "instrument_name"
        ordering = ("venue", "name")
        constraints = [
            models.UniqueConstraint(fields=["instrument", "convention", "name"], name="instrument_name_once")
        ]
        indexes = [
            models.Index(fields=["name", "venue"], name="instrument_name_name"),
            models.Index(fields=["bare", "venue"], name="instrument_name_bare"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.convention})"


class VenueSpelling(models.Model):
    """A name of a venue or exchange in trading programs; `can_trade` looks its first argument up here."""

    spelling = models.CharField(max_length=64, help_text="A venue as in tickers, or anything else in lower case.")
    exchange = models.CharField(max_length=32)
    venue = models.CharField(max_length=32)
    list_venue = models.CharField(
        max_length=32, help_text="The venue of its instrument list: margin has no list of its own."
    )

    class Meta:
        db_table = "venue_spelling"
        constraints = [models.UniqueConstraint(fields=["spelling", "venue"], name="venue_spelling_once")]

    def __str__(self) -> str:
        return f"{self.spelling}: {self.venue}"


class QuoteAsset(models.Model):
    """An asset that pairs are quoted in: from the shipped list or an admin."""

    code = models.CharField(max_length=32, unique=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return self.code


class WatchListEntry(models.Model):
    """An admin's change to a configured watch list. It takes effect with the next cycle, without a restart."""

    class List(models.TextChoices):
        SPOT = "spot", "spot currencies"
        USDM = "usdm", "futures currencies"
        QUOTE = "quote", "quote assets that count"

    watch_list = models.CharField(max_length=16, choices=List)
    currency = models.CharField(max_length=64)
    watched = models.BooleanField(default=True, help_text="Off: removed from the configured list.")
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("watch_list", "currency")
        constraints = [models.UniqueConstraint(fields=["watch_list", "currency"], name="watch_list_once")]
        verbose_name = "watch list entry"
        verbose_name_plural = "watch lists"

    def __str__(self) -> str:
        return f"{self.get_watch_list_display()}: {'' if self.watched else 'not '}{self.currency}"

    def save(self, *args: object, **kwargs: object) -> None:
        self.currency = self.currency.strip().upper()
        super().save(*args, **kwargs)  # type: ignore[arg-type]


class WatchEffective(models.Model):
    """The effective watch lists, for readers in SQL. Written by the daemon (`markets.watch_store`)."""

    watch_list = models.CharField(max_length=16, choices=WatchListEntry.List)
    currency = models.CharField(max_length=64)

    class Meta:
        db_table = "watch_effective"
        constraints = [models.UniqueConstraint(fields=["watch_list", "currency"], name="watch_effective_once")]

    def __str__(self) -> str:
        return f"{self.watch_list}: {self.currency}"
