"""What people do about alerts: silences, acknowledgements, receivers that they add; and the record of their acts."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from alerts.encryption import DecryptionError, decrypt, encrypt
from alerts.receiver import Receiver
from crypto_ews.conf.channels import BASE_CHANNELS, KINDS
from events.enums import Category
from events.models import Event


class Silence(models.Model):
    """Alerts that match are kept but not sent, until a time. An empty field matches everything."""

    token = models.CharField(max_length=64, blank=True)
    category = models.CharField(max_length=32, choices=Category, blank=True)
    source = models.CharField(max_length=32, blank=True)
    exchange = models.CharField(
        max_length=32, blank=True, help_text="As in tickers: BINANCE stands for BINANCE_USDM and BINANCE_COINM too."
    )
    lets_worse_through = models.BooleanField(
        default=True, help_text="Tell all the same when an event gets worse or turns."
    )
    until = models.DateTimeField()
    reason = models.CharField(max_length=200)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField(auto_now_add=True)
    posted = models.BooleanField(
        default=False, editable=False, help_text="Its channels were told of it, and are to be told when it is over."
    )

    class Meta:
        ordering = ("-until",)

    def __str__(self) -> str:
        return f"{self.what} until {self.until:%Y-%m-%d %H:%M}"

    @property
    def what(self) -> str:
        return " ".join(filter(None, (self.token, self.category, self.source, self.exchange))) or "everything"


class Acknowledgement(models.Model):
    """Somebody has taken an event in hand. It stands until it is given back, or the event gets worse."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="acknowledgements")
    life = models.PositiveIntegerField(
        default=1, db_default=1, help_text="Of the event when it was taken (`Event.life`); it counts in no other."
    )
    by = models.CharField(max_length=150)
    at = models.DateTimeField()
    note = models.TextField(blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("-at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=["event", "life"], condition=Q(ended_at=None), name="acknowledgement_stands_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.by} at {self.at:%Y-%m-%d %H:%M}"


class AddedReceiver(models.Model):
    """A receiver that an admin added. Its address and secret are kept sealed and are never shown again."""

    name = models.CharField(max_length=32, unique=True, help_text="Of its channel: lower case, digits, underscores.")
    kind = models.CharField(max_length=16, choices=[(kind, kind) for kind in KINDS])
    follows = ArrayField(
        models.CharField(max_length=32, choices=[(channel, channel) for channel in BASE_CHANNELS]),
        help_text="The channels whose alerts it gets too.",
    )
    sealed_target = models.TextField()
    sealed_secret = models.TextField(blank=True)
    enabled = models.BooleanField(default=True)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("name",)
        verbose_name = "receiver"

    def __str__(self) -> str:
        return f"{self.name} ({self.kind})"

    def keep(self, target: str, secret: str) -> None:
        """Seal them into the row, which is not saved yet."""
        self.sealed_target, self.sealed_secret = encrypt(target), encrypt(secret) if secret else ""

    def receiver(self) -> Receiver:
        """With an empty target when SECRET_KEY has changed since: then nothing can be sent to it."""
        try:
            target = decrypt(self.sealed_target)
            secret = decrypt(self.sealed_secret) if self.sealed_secret else ""
        except DecryptionError:
            target = secret = ""
        return Receiver(self.name, self.kind, tuple(self.follows), target, secret, added=True)


class AuditEntry(models.Model):
    """Something that a person did about alerts. Never changed; dropped after a while."""

    class Act(models.TextChoices):
        ACKNOWLEDGED = "acknowledged", "took an event in hand"
        RELEASED = "released", "gave an event back"
        SILENCED = "silenced", "made a silence"
        SILENCE_CHANGED = "silence_changed", "changed a silence"
        SILENCE_ENDED = "silence_ended", "ended a silence"
        RESENT = "resent", "sent an alert again"
        RECEIVER_ADDED = "receiver_added", "added a receiver"
        RECEIVER_CHANGED = "receiver_changed", "changed a receiver"
        RECEIVER_REMOVED = "receiver_removed", "removed a receiver"
        TESTED = "tested", "sent a test"

    at = models.DateTimeField()
    act = models.CharField(max_length=32, choices=Act)
    by = models.CharField(max_length=150, help_text="A user of the admin, or the name that somebody gave.")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    where = models.CharField(max_length=80, help_text="admin, command line, or the card of a channel.")
    address = models.GenericIPAddressField(null=True, blank=True)
    event = models.ForeignKey(Event, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    what = models.TextField(blank=True)
    link = models.CharField(
        max_length=32, null=True, blank=True, unique=True, help_text="Of the one-click link that was used up by it."
    )
    link_ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-at", "-id")
        verbose_name_plural = "audit entries"
        indexes = [models.Index(fields=["at"], name="audit_by_age")]

    def __str__(self) -> str:
        return f"{self.by} {self.get_act_display()}"
