"""The outbox: alerts queued with their events, and every delivery attempt."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from alerts.models.people import Silence
from events.enums import AlertReason
from events.models import Event


class Channel(models.TextChoices):
    CEX = "cex", "Exchanges"
    DEFI = "defi", "DeFi"
    STABLECOIN = "stablecoin", "Stablecoins"
    TOKEN_VOLATILITY = "token_volatility", "Token volatility"
    TOKEN_LIQUIDITY = "token_liquidity", "Token liquidity"


class Alert(models.Model):
    """One message to one channel about one revision of an event. It is sent only when the receiver has accepted it."""

    class State(models.TextChoices):
        PENDING = "pending", "to be sent when due"
        SENDING = "sending", "leased to a dispatcher"
        GROUPED = "grouped", "listed in a digest that is not accepted yet"
        DEFERRED = "held", "deferred; sent later if still relevant"
        SENT = "sent", "accepted by the receiver"
        SUPERSEDED = "superseded", "replaced by a newer card of the event"
        DIGESTED = "digested", "listed in a digest that was accepted"
        SILENCED = "silenced", "matched a silence"
        SUPPRESSED = "muted", "suppressed, see muted_by"
        DEAD = "dead", "given up; can be sent again manually"

    event = models.ForeignKey(Event, null=True, blank=True, on_delete=models.CASCADE, related_name="alerts")
    life = models.PositiveIntegerField(
        default=1, db_default=1, help_text="Life of the event when the alert was queued (`Event.life`)."
    )
    reason = models.CharField(max_length=16, choices=AlertReason)
    revision = models.PositiveIntegerField(default=1)
    channel = models.CharField(max_length=32, help_text="One of the configured channels.")
    state = models.CharField(max_length=16, choices=State, default=State.PENDING)
    urgency = models.SmallIntegerField(default=0, help_text="Higher goes first when a channel is behind.")
    detail = models.JSONField(
        default=dict, blank=True, help_text="Snapshot needed to render the card (changes, merged reasons)."
    )
    queued_at = models.DateTimeField()
    due_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    leased_until = models.DateTimeField(null=True, blank=True)
    leased_by = models.CharField(max_length=200, blank=True)
    shrunk = models.BooleanField(default=False, help_text="Rebuilt as a minimal card after HTTP 400 or 413.")
    done_at = models.DateTimeField(null=True, blank=True)
    done_reason = models.CharField(max_length=200, blank=True)
    decisions = models.JSONField(
        default=list, blank=True, help_text="What each stage of the pipeline decided: [{stage, decision, reason, at}]."
    )
    muted_by = models.CharField(
        max_length=32,
        blank=True,
        help_text="Why the alert is deferred, silenced or suppressed: a value of alerts.verdicts.SuppressionReason.",
    )
    inhibitor = models.ForeignKey(
        Event,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="The event that inhibits the alert.",
    )
    severity = models.SmallIntegerField(
        default=0, help_text="Severity of the event when the alert was queued; higher is worse."
    )
    alone = models.BooleanField(
        default=False, help_text="Never grouped into a digest again, as a receiver refused one that listed it."
    )
    digest = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="members")
    silence = models.ForeignKey(Silence, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ("-queued_at", "-id")
        constraints = [
            models.UniqueConstraint(fields=["event", "life", "reason", "revision", "channel"], name="alert_once"),
        ]
        indexes = [
            models.Index(
                "channel",
                models.F("urgency").desc(),
                "due_at",
                "id",
                condition=Q(state__in=["pending", "sending"]),
                name="alert_open",
            ),
            models.Index(fields=["id"], condition=Q(state="held"), name="alert_held"),
            models.Index(fields=["event", "channel", "id"], name="alert_event_channel"),
            models.Index(fields=["-queued_at"], name="alert_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.reason} to {self.channel}"

    def listed_events(self) -> list[int]:
        """The events that a digest listed when it was made, whatever became of its members since."""
        listed: list[int] | None = self.detail.get("digest", {}).get("events")
        if listed is None:
            # Of a digest that an earlier release made.
            rows = Alert.objects.filter(digest=self.pk, event__isnull=False).order_by()
            listed = [event_id for event_id in rows.values_list("event_id", flat=True) if event_id is not None]
        return sorted(set(listed))


class AlertAttempt(models.Model):
    """One request to a receiver and the decision made from its answer."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="tries")
    channel = models.CharField(max_length=32)
    started_at = models.DateTimeField()
    duration_ms = models.PositiveIntegerField()
    http_status = models.PositiveSmallIntegerField(null=True, blank=True)
    decision = models.CharField(max_length=16, help_text="started, sent, retry, shrink, dead, suspend or lost")
    reason = models.CharField(max_length=300)
    excerpt = models.TextField(blank=True)

    class Meta:
        ordering = ("-started_at", "-id")
        indexes = [models.Index(fields=["channel", "-started_at"], name="attempt_channel")]

    def __str__(self) -> str:
        return f"{self.decision}: {self.reason}"


class ChannelState(models.Model):
    """What dispatchers share about a channel: its suspension and its rate limit."""

    channel = models.CharField(max_length=32, primary_key=True)
    suspended_at = models.DateTimeField(null=True, blank=True)
    suspended_reason = models.CharField(max_length=300, blank=True)
    probe_at = models.DateTimeField(
        null=True, blank=True, help_text="Next probe while suspended; otherwise the channel pauses until then."
    )
    last_started_at = models.DateTimeField(
        null=True, blank=True, help_text="Time of the last request or of its answer, whichever is later."
    )
    recent_starts = ArrayField(
        models.DateTimeField(),
        default=list,
        blank=True,
        help_text="Times of the requests that the rate limit still counts.",
    )
    market_card_at = models.DateTimeField(null=True, blank=True, help_text="When the last market digest was made.")

    def __str__(self) -> str:
        return self.channel
