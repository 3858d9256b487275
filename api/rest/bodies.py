"""The bodies of events, effects and alerts, as the OpenAPI document has them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from api.rest.envelope import Envelope, Listing
from events.enums import Action, Category, Priority, RiskLevel, Scope, Status, TradingStatus


class ImportantDate(BaseModel):
    at: datetime | None = None
    what: str = ""
    tickers: list[str] = []


class Effect(BaseModel):
    """What an event does to one token."""

    token: str = Field(description="Asset, upper case; `*`: everything that the venue trades.")
    scope: Scope
    venue: str = Field(description="As in tickers; empty: everywhere.")
    tickers: list[str]
    action: Action
    risk_level: RiskLevel
    trading_status: TradingStatus
    trading_ends_at: datetime | None
    in_force_at: datetime | None


class Acknowledgement(BaseModel):
    by: str
    at: datetime
    note: str


class Event(BaseModel):
    """An event, as lists have it."""

    id: int
    source: str
    category: Category
    priority: Priority
    status: Status = Field(description="Of the event; the body's own `status` says how far it can be trusted.")
    title: str
    url: str
    tokens: list[str] = Field(description="The assets of its effects.")
    network_tokens: list[str]
    life: int
    revision: int
    published_at: datetime | None
    seen_at: datetime
    opened_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    close_reason: str
    close_kind: str
    false_alarm: bool
    valid_until: datetime | None
    next_important_at: datetime | None
    important_dates: list[ImportantDate]
    effects: list[Effect]
    acknowledged: Acknowledgement | None = Field(description="Who took responsibility in this life of the event.")
    page: str = Field(description="Its page in the admin.")


class Attempt(BaseModel):
    """One request to a receiver."""

    started_at: datetime
    duration_ms: int
    http_status: int | None
    decision: str
    reason: str


class Alert(BaseModel):
    """One message to one channel about one revision of an event."""

    id: int
    event: int | None
    life: int
    revision: int
    reason: str
    channel: str
    state: str
    suppressed_by: str
    severity: int
    queued_at: datetime
    due_at: datetime
    done_at: datetime | None
    done_reason: str
    inhibitor: int | None = Field(description="The event that inhibits it.")
    silence: int | None
    digest: int | None = Field(description="The alert that lists it.")
    decisions: list[dict[str, Any]] = Field(description="What each stage decided: {stage, decision, reason, at}.")
    attempts: list[Attempt]


class EventInFull(Event):
    """An event with everything that is known of it."""

    natural_key: str
    recorded_at: datetime
    facts: dict[str, Any] = Field(description="See docs/reference/facts.md.")
    pinned: dict[str, Any] = Field(description="What an admin corrected; polls do not overwrite it.")
    earlier_lives: list[dict[str, Any]]
    payload_sha256: str | None = Field(description="Of the upstream's answer that it was read from.")
    payload: str | None = Field(description="The page of that answer in the admin; null: none, or deleted.")
    alerts: list[Alert] = Field(description="The newest 50, newest first.")


class EventPage(Listing):
    items: list[Event]


class EventAnswer(Envelope):
    event: EventInFull


class OneEvent(Envelope):
    event: Event


class AlertPage(Listing):
    items: list[Alert]
