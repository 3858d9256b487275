"""What people do about alerts: silences, acknowledgements, added receivers, and the audit log of it."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q, Value

from alerts.encryption import DecryptionError, decrypt, encrypt
from alerts.receiver import Receiver
from crypto_ews.conf.channels import ACTIONS, BASE_CHANNELS, KINDS, RiskFilter
from events.enums import Category
from events.models import Event


class Silence(models.Model):
    """Matching alerts are stored but not sent until the silence expires. An empty field matches everything."""

    token = models.CharField(max_length=64, blank=True)
    category = models.CharField(max_length=32, choices=Category, blank=True)
    source = models.CharField(max_length=32, blank=True)
    exchange = models.CharField(
        max_length=32, blank=True, help_text="As in tickers; BINANCE includes BINANCE_USDM and BINANCE_COINM."
    )
    lets_worse_through = models.BooleanField(
        default=True, help_text="Still send alerts of events that get worse or turn."
    )
    until = models.DateTimeField()
    reason = models.CharField(max_length=200)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField(auto_now_add=True)
    posted = models.BooleanField(
        default=False, editable=False, help_text="Posted in its channels; its end is to be posted too."
    )

    class Meta:
        ordering = ("-until",)

    def __str__(self) -> str:
        return f"{self.what} until {self.until:%Y-%m-%d %H:%M} UTC"

    @property
    def is_of_everything(self) -> bool:
        return not (self.token or self.category or self.source or self.exchange)

    @property
    def what(self) -> str:
        return " ".join(filter(None, (self.token, self.category, self.source, self.exchange))) or "everything"


class Acknowledgement(models.Model):
    """Somebody took responsibility for an event, until they unacknowledge it or the event gets worse."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="acknowledgements")
    life = models.PositiveIntegerField(
        default=1, db_default=1, help_text="Life of the event that was acknowledged (`Event.life`); valid in no other."
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
        return f"{self.by} at {self.at:%Y-%m-%d %H:%M} UTC"


class AddedReceiver(models.Model):
    """A receiver that an admin added. Its address and secret are stored encrypted and never shown again."""

    name = models.CharField(
        max_length=32, unique=True, help_text="Name of its channel: lower case, digits, underscores."
    )
    kind = models.CharField(max_length=16, choices=[(kind, kind) for kind in KINDS])
    follows = ArrayField(
        models.CharField(max_length=32, choices=[(channel, channel) for channel in BASE_CHANNELS]),
        blank=True,
        help_text="The channels whose alerts are delivered to it too.",
    )
    risk = models.BooleanField(
        "risk messages", default=False, db_default=False, help_text="webhook only: every change of the token view."
    )
    risk_venues = ArrayField(
        models.CharField(max_length=32), blank=True, default=list, db_default=Value([]),
        help_text="Exchanges or venues, separated by commas, whose rows it gets; empty: all.",
    )  # fmt: skip
    risk_min_action = models.CharField(
        max_length=16, blank=True, default="", db_default="", choices=[(action, action) for action in ACTIONS],
        help_text="The mildest action whose rows it gets; empty: all.",
    )  # fmt: skip
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

    def set_secrets(self, target: str, secret: str) -> None:
        """Encrypt an address and a secret into the row. The row is not saved."""
        self.sealed_target, self.sealed_secret = encrypt(target), encrypt(secret) if secret else ""

    def receiver(self) -> Receiver:
        """The receiver, decrypted; its target is empty if SECRET_KEY has changed, and then nothing can be sent."""
        try:
            target = decrypt(self.sealed_target)
            secret = decrypt(self.sealed_secret) if self.sealed_secret else ""
        except DecryptionError:
            target = secret = ""
        return Receiver(self.name, self.kind, tuple(self.follows), target, secret, added=True, risk=self._risk_filter())

    def _risk_filter(self) -> RiskFilter | None:
        if not self.risk or self.kind != "webhook":
            return None
        return RiskFilter(tuple(self.risk_venues), self.risk_min_action)


class AuditEntry(models.Model):
    """Something that a person did. Never changed; deleted after the retention time.

    A trigger adds what Django logs of other changes in the admin, so that this is the only list of people's acts.
    """

    class Act(models.TextChoices):
        ACKNOWLEDGED = "acknowledged", "acknowledged an event"
        RELEASED = "released", "unacknowledged an event"
        SILENCED = "silenced", "made a silence"
        SILENCE_CHANGED = "silence_changed", "changed a silence"
        SILENCE_ENDED = "silence_ended", "ended a silence"
        RESENT = "resent", "sent an alert again"
        RECEIVER_ADDED = "receiver_added", "added a receiver"
        RECEIVER_CHANGED = "receiver_changed", "changed a receiver"
        RECEIVER_REMOVED = "receiver_removed", "removed a receiver"
        TESTED = "tested", "sent a test"
        TOKEN_MADE = "token_made", "made an API token"
        TOKEN_REVOKED = "token_revoked", "revoked an API token"
        BLOCKED = "blocked", "blocked tokens"
        CORRECTED = "corrected", "corrected an event"
        CLOSED = "closed", "closed an event"
        FALSE_ALARM = "false_alarm", "called an event a false alarm"
        REOPENED = "reopened", "reopened an event"
        UNPINNED = "unpinned", "unpinned fields of an event"
        ADDED = "added", "added a row"
        CHANGED = "changed", "changed a row"
        DELETED = "deleted", "deleted a row"

    at = models.DateTimeField()
    act = models.CharField(max_length=32, choices=Act)
    by = models.CharField(max_length=150, help_text="An admin user, or the name that was given.")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    where = models.CharField(max_length=80, help_text="admin, command line, or the card of a channel.")
    address = models.GenericIPAddressField(null=True, blank=True)
    event = models.ForeignKey(Event, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    what = models.TextField(blank=True)
    link = models.CharField(
        max_length=32, null=True, blank=True, unique=True, help_text="The one-click link that was used up."
    )
    link_ends_at = models.DateTimeField(null=True, blank=True)
    log_id = models.BigIntegerField(
        null=True, blank=True, unique=True, editable=False, help_text="The row of Django's log that it was made from."
    )

    class Meta:
        ordering = ("-at", "-id")
        verbose_name_plural = "audit entries"
        indexes = [models.Index(fields=["at"], name="audit_by_age")]

    def __str__(self) -> str:
        return f"{self.by} {self.get_act_display()}"
