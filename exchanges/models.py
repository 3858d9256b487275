"""Announcements as events, and which articles were read already."""

from __future__ import annotations

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
