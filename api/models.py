"""Tokens of the HTTP API, and what was done with them.

The text of a token is never stored: only its SHA-256 and the few characters that people see.
"""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Scope(models.TextChoices):
    """What a token may do."""

    READ = "read", "read: everything that is read"
    ACT = "act", "act: acknowledge, silence, open and close events, post positions"
    TRADE = "trade", "trade: order gate"
    ADMIN = "admin", "admin: all of these"
    PAIRS = "pairs", "pairs: lists of pairs alone, for URLs of bots that can only put a token there"


class ApiToken(models.Model):
    """A token. `ews_` and 43 characters of base64url, which are 256 random bits; shown once."""

    name = models.CharField(max_length=64, unique=True, help_text="Who uses it; it is in the audit log.")
    shown = models.CharField(max_length=16, help_text="The first characters, to recognise it.")
    sha256 = models.CharField(max_length=64, unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=8, choices=Scope))
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Empty: it does not expire.")
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="Written once a minute.")

    class Meta:
        verbose_name = "API token"
        constraints = [
            models.CheckConstraint(condition=~Q(scopes=[]), name="api_token_has_scopes"),
            # It may stand in a URL, and must be able to do nothing else.
            models.CheckConstraint(
                condition=Q(scopes=["pairs"]) | ~Q(scopes__contains=["pairs"]), name="api_token_pairs_alone"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.shown}…)"

    def condition(self, now: datetime) -> str:
        """What people are told of it: revoked, expired, valid until, valid."""
        if self.revoked_at is not None:
            return f"revoked {self.revoked_at:%Y-%m-%d %H:%M} UTC"
        if self.expires_at is None:
            return "valid"
        return f"{'expired' if self.expires_at <= now else 'valid until'} {self.expires_at:%Y-%m-%d %H:%M} UTC"


class ApiAct(models.Model):
    """A request that writes, or was to write: who, from where, what, and what became of it. Never changed.

    It is deleted after the retention time of audit trails. Written in the transaction of the act itself.
    """

    at = models.DateTimeField()
    by = models.CharField(max_length=64, help_text="Name of the token.")
    token = models.ForeignKey(ApiToken, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    address = models.GenericIPAddressField(null=True, blank=True)
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=200)
    what = models.TextField(blank=True, help_text="The body, as JSON.")
    status = models.PositiveSmallIntegerField(help_text="Of the answer, as in HTTP.")
    result = models.TextField(blank=True)
    made = models.JSONField(default=dict, blank=True, help_text="Ids of what it wrote: {event, silences}.")
    idempotency_key = models.CharField(max_length=200, null=True, blank=True)
    body_sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("-at", "-id")
        verbose_name = "act through the API"
        verbose_name_plural = "acts through the API"
        constraints = [
            models.UniqueConstraint(fields=["token", "path", "idempotency_key"], name="api_act_key_once"),
        ]
        indexes = [models.Index(fields=["at"], name="api_act_by_age")]

    def __str__(self) -> str:
        return f"{self.by}: {self.method} {self.path} ({self.status})"


class StreamTicket(models.Model):
    """A one-time ticket for a stream, until it is used. Its text is never stored."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"of {self.token}, until {self.expires_at}"
