"""Events of exchanges by kind, the articles that were read, and the history of statuses and tags."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from events.models import Event, PayloadBody


class AnnouncementEvent(Event):
    """The common columns of announcement events."""

    article_id = models.CharField(max_length=300)
    market = models.CharField(max_length=16, blank=True)
    phase = models.CharField(max_length=16)
    rule = models.CharField(max_length=80, help_text="The classification rule that decided.")

    class Meta:
        abstract = True


class BinanceAnnouncement(AnnouncementEvent):
    """An event from a Binance announcement."""


class OkxAnnouncement(AnnouncementEvent):
    """An event from an OKX announcement."""


class SeenArticle(models.Model):
    """An article that was in a list. Pagination stops at a known one whose `anchors` is on."""

    class State(models.TextChoices):
        LISTED = "listed", "listed, not read yet"
        EVENT = "event", "is an event"
        FOLLOW_UP = "follow_up", "changes another event"
        IGNORED = "ignored", "is no event"
        REVIEW = "review", "a person has to judge it"
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
        help_text="Pagination may stop here: everything older is known. Off after a round that did not reach the end.",
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
    """An event that an instrument list shows of a token on one venue: a stop, an end of trading, or a risk tag."""

    venue = models.CharField(max_length=32)
    token = models.CharField(max_length=64)
    state = models.CharField(max_length=200, help_text="The status as the exchange names it, or the name of the tag.")


class ExchangeHaltEvent(Event):
    """A halt of trading on an entire venue, or a planned maintenance that will halt it."""

    stopped = ArrayField(
        models.TextField(),
        default=list,
        blank=True,
        help_text="Instruments (VENUE:SYMBOL) that traded before; the halt is over when they trade again.",
    )


class StatusSpell(models.Model):
    """A past period of an instrument in one status; its present status is in `Instrument`."""

    venue = models.CharField(max_length=32)
    symbol = models.CharField(max_length=64)
    status = models.CharField(max_length=32, help_text="The status as the exchange names it.")
    live = models.BooleanField(help_text="The instrument trades in this status.")
    began_at = models.DateTimeField(help_text="When it was first seen.")
    ended_at = models.DateTimeField()

    class Meta:
        verbose_name = "instrument status period"
        ordering = ("-ended_at", "-id")
        indexes = [models.Index(fields=["venue", "symbol", "-ended_at"], name="status_spell_symbol")]

    def __str__(self) -> str:
        return f"{self.venue}:{self.symbol} {self.status} until {self.ended_at}"


class TagSpell(models.Model):
    """A period in which a token has a risk tag on an exchange. A tag often comes weeks before a delisting."""

    exchange = models.CharField(max_length=32)
    token = models.CharField(max_length=64)
    tag = models.CharField(max_length=32)
    began_at = models.DateTimeField(help_text="When it was first seen.")
    ended_at = models.DateTimeField(null=True, blank=True, help_text="Empty: the token has the tag now.")
    at_first_reading = models.BooleanField(
        default=False, help_text="The tag was in the first list that was read: it began earlier."
    )

    class Meta:
        verbose_name = "tag period"
        ordering = ("-began_at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=["exchange", "token", "tag"], condition=models.Q(ended_at=None), name="tag_spell_open_once"
            )
        ]
        indexes = [models.Index(fields=["token", "-began_at"], name="tag_spell_token")]

    def __str__(self) -> str:
        return f"{self.token} {self.tag} from {self.began_at}"
