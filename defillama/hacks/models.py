"""Hacks as events, the hacks that were seen, and the tables of networks and protocols, which admins extend."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from events.models import Event


class HackEvent(Event):
    """A hack. Of a bridge if `bridge_hack` is set: for DeFiLlama that is a field of the row, not another kind."""

    day = models.DateField(help_text="UTC; DeFiLlama gives no hour.")
    amount_usd = models.BigIntegerField(null=True, blank=True, help_text="Empty: not known.")
    bridge_hack = models.BooleanField(default=False)
    target_type = models.CharField(max_length=64, blank=True)
    technique = models.TextField(blank=True)
    chains = ArrayField(models.TextField(), default=list, blank=True)


class SeenHack(models.Model):
    """A hack that was seen in a list. A hack without a row here is new, whatever its day."""

    class State(models.TextChoices):
        REPORTED = "news", "became an event"
        OLD = "old", "older than the look-back at the first start"

    natural_key = models.CharField(max_length=400, unique=True)
    name = models.CharField(max_length=300)
    day = models.DateField()
    amount_usd = models.BigIntegerField(null=True, blank=True, help_text="Empty: not known.")
    bridge_hack = models.BooleanField(default=False)
    told = models.JSONField(
        default=dict, blank=True, help_text="Source → its rows of this hack; empty: no longer listed."
    )
    listed_as = models.CharField(
        max_length=400,
        blank=True,
        default="",
        db_default="",
        db_index=True,
        help_text="Key of its present name and day, if it was renamed or redated.",
    )
    state = models.CharField(max_length=8, choices=State)
    first_seen_at = models.DateTimeField()
    event = models.ForeignKey(Event, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ("-day", "name")
        indexes = [models.Index(fields=["-day", "name"], name="seen_hack_newest")]

    def __str__(self) -> str:
        return f"{self.name}, {self.day}"


class Origin(models.TextChoices):
    SHIPPED = "shipped"
    ADMIN = "admin"


def _names(help_text: str) -> ArrayField:
    return ArrayField(models.CharField(max_length=300), default=list, blank=True, help_text=help_text)


class Network(models.Model):
    """A network and its coin. Shipped rows are added after each migrate; admins' changes stay."""

    name = models.CharField(max_length=300, unique=True, help_text="As DeFiLlama writes it.")
    aliases = _names("Other names, separated by commas.")
    coin = models.CharField(max_length=64, blank=True, help_text="Upper case; empty: the network has no coin.")
    canonical_bridges = _names("Bridges whose loss is a loss of the network itself, separated by commas.")
    origin = models.CharField(max_length=16, choices=Origin, default=Origin.ADMIN, editable=False)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class ProtocolToken(models.Model):
    """A protocol's tokens, which a hack of it puts at risk."""

    name = models.CharField(max_length=300, unique=True, help_text="As DeFiLlama writes it, without a version.")
    aliases = _names("Other names and DeFiLlama's identifiers (parent#aave), separated by commas.")
    tokens = ArrayField(
        models.CharField(max_length=64), default=list, blank=True, help_text="Upper case, separated by commas."
    )
    origin = models.CharField(max_length=16, choices=Origin, default=Origin.ADMIN, editable=False)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
