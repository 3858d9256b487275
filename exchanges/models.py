"""Announcements as events, and which articles were read already."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from events.models import Event, PayloadBody


class AnnouncementEvent(Event):
    """What the events of every exchange's announcements have in common."""

    article_id = models.CharField(max_length=300)
    market = models.CharField(max_length=16, blank=True)
    phase = models.CharField(max_length=16)
    rule = models.CharField(max_length=80, help_text="The classification rule that fired.")

    class Meta:
        abstract = True


class BinanceAnnouncement(AnnouncementEvent):
    """An event that a Binance announcement told of."""


class OkxAnnouncement(AnnouncementEvent):
    """An event that an OKX announcement told of."""


class SeenArticle(models.Model):
    """An article that was met in a list. Paging stops at the first page that holds only known ones."""

    class State(models.TextChoices):
        LISTED = "listed", "listed, not read yet"
        EVENT = "event", "is an event"
        FOLLOW_UP = "follow_up", "concerns another event"
        IGNORED = "ignored", "is no event"
        QUARANTINED = "quarantined", "could not be read"
        OLD = "old", "older than the look-back at first start"

    exchange = models.CharField(max_length=32)
    article_id = models.CharField(max_length=300)
    title = models.TextField()
    url = models.TextField(blank=True)
    catalogue = models.CharField(max_length=100, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    first_seen_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=16, choices=State, default=State.LISTED)
    rule = models.CharField(max_length=80, blank=True)
    category = models.CharField(max_length=32, blank=True)
    body_digest = models.CharField(max_length=64, blank=True)
    event = models.ForeignKey(Event, null=True, blank=True, on_delete=models.SET_NULL, related_name="articles")
    payload = models.ForeignKey(PayloadBody, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    anchors = models.BooleanField(
        default=False,
        help_text="Paging may stop here: everything older was met. Off while a walk through the list was cut short.",
    )
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-released_at", "-id")
        constraints = [models.UniqueConstraint(fields=["exchange", "article_id"], name="seen_article_once")]
        indexes = [
            models.Index(fields=["exchange", "state"], name="seen_article_state"),
            models.Index(fields=["-released_at"], name="seen_article_released"),
        ]

    def __str__(self) -> str:
        return self.title


class InstrumentStatusEvent(Event):
    """What an instrument list says of a token on one venue: an instrument that stopped, gets an end, or a risk tag."""

    venue = models.CharField(max_length=32)
    token = models.CharField(max_length=64)
    state = models.CharField(max_length=200, help_text="The status as the exchange writes it, or the tag's name.")


class ExchangeHaltEvent(Event):
    """An exchange that has stopped trading on a whole venue, or will for maintenance."""

    stopped = ArrayField(
        models.TextField(),
        default=list,
        blank=True,
        help_text="Instruments (VENUE:SYMBOL) that traded before; the halt is over when they trade again.",
    )


class StatusSpell(models.Model):
    """How long an instrument stood in a status that it has left; its present one is in `Instrument`."""

    venue = models.CharField(max_length=32)
    symbol = models.CharField(max_length=64)
    status = models.CharField(max_length=32, help_text="As the exchange writes it.")
    live = models.BooleanField(help_text="The status means that it trades.")
    began_at = models.DateTimeField(help_text="When it was first seen.")
    ended_at = models.DateTimeField()

    class Meta:
        ordering = ("-ended_at", "-id")
        indexes = [models.Index(fields=["venue", "symbol", "-ended_at"], name="status_spell_symbol")]

    def __str__(self) -> str:
        return f"{self.venue}:{self.symbol} {self.status} until {self.ended_at}"


class TagSpell(models.Model):
    """How long a token carried a risk tag on an exchange. A tag often comes weeks before a delisting."""

    exchange = models.CharField(max_length=32)
    token = models.CharField(max_length=64)
    tag = models.CharField(max_length=32)
    began_at = models.DateTimeField(help_text="When it was first seen.")
    ended_at = models.DateTimeField(null=True, blank=True, help_text="Empty: the token carries it now.")
    at_first_reading = models.BooleanField(
        default=False, help_text="The tag was there at the first reading: it began earlier."
    )

    class Meta:
        ordering = ("-began_at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=["exchange", "token", "tag"], condition=models.Q(ended_at=None), name="tag_spell_open_once"
            )
        ]
        indexes = [models.Index(fields=["token", "-began_at"], name="tag_spell_token")]

    def __str__(self) -> str:
        return f"{self.token} {self.tag} from {self.began_at}"
