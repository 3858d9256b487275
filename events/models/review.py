"""Reviews: what a source published and nobody could judge. A person decides; until then `can_trade` says `watch`."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from events.enums import max_length


class Review(models.Model):
    """A notice that is neither known to be harmless nor an event whose tokens are known.

    One is undecided at a time for each natural key; decided ones stay, as labels. Written by `events.reviews`.
    """

    class Reason(models.TextChoices):
        UNEXPLAINED = "unexplained", "no rule explains the notice"
        BODY = "body", "the body speaks of a risk under a harmless title"
        LANGUAGE = "language", "the notice is in a language that is not read"
        PARTIES = "parties", "the notice does not say which of its tokens leaves"
        SECOND_OPINION = "second_opinion", "the second opinion disagrees"

    class Decision(models.TextChoices):
        EVENT = "event", "an event"
        HARMLESS = "harmless", "harmless"
        EXPLAINED = "explained", "explained: the notice was edited, or is read now"

    source = models.CharField(max_length=32, help_text="As in events.")
    natural_key = models.CharField(
        max_length=400, help_text="Identifies the notice when it is read again; an event of it has the same."
    )
    title = models.TextField()
    text = models.TextField(blank=True, help_text="What was read of its body; empty: the title alone.")
    url = models.TextField(blank=True)
    reason = models.CharField(max_length=max_length(Reason), choices=Reason)
    ending = models.BooleanField(default=False, help_text="It has a word of ending.")
    first = models.BooleanField(
        default=False, help_text="Shown first: it has a word of ending and names a watched pair or coin."
    )
    tokens = ArrayField(models.TextField(), default=list, blank=True, help_text="Assets that it names.")
    tickers = ArrayField(models.TextField(), default=list, blank=True, help_text="Pairs as VENUE:SYMBOL.")
    venues = ArrayField(
        models.TextField(),
        default=list,
        blank=True,
        help_text="As in tickers: tokens may be concerned on every market of their exchanges.",
    )
    digest = models.CharField(max_length=64, help_text="SHA-256 of title and text: a decision holds for these.")
    released_at = models.DateTimeField(help_text="When it was published; not known: when it was first seen.")
    opened_at = models.DateTimeField()
    notified_at = models.DateTimeField(null=True, blank=True, help_text="When its card was queued.")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(
        max_length=150, blank=True, help_text="A person, until the audit forgets names; empty: nobody."
    )
    decision = models.CharField(max_length=max_length(Decision), choices=Decision, blank=True, default="")
    label = models.JSONField(
        default=dict, blank=True, help_text="The decision as a labelled line: category, tokens, tickers."
    )
    event = models.ForeignKey(
        "events.Event", null=True, blank=True, on_delete=models.SET_NULL, related_name="reviews", db_index=False
    )
    payload = models.ForeignKey(
        "events.PayloadBody", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    # Some dozens of rows a year: `can_trade` pays more for an index that its first call opens than a scan costs.
    class Meta:
        ordering = ("-first", "-opened_at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=["natural_key"], condition=Q(decided_at=None), name="review_undecided_natural_key"
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None, decision="") | (Q(decided_at__isnull=False) & ~Q(decision="")),
                name="review_decided_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.title}"
