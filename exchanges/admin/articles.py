"""Articles in the admin: every listed article with its state and event; and the history of risk tags."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, FieldTextFilter
from unfold.decorators import display

from crypto_ews.ui.display import NOTHING, badge, moment
from crypto_ews.ui.model_admin import DayRangeFilter, ReadOnlyAdmin
from crypto_ews.ui.text import words
from events import clock
from events.admin.panels import EventPanel, register_event_panel
from events.models import Event, plain_events
from exchanges.admin.classification import ClassificationViewMixin
from exchanges.models import SeenArticle, TagSpell
from markets.admin_search import TokenSearchMixin


@admin.register(SeenArticle)
class SeenArticleAdmin(ClassificationViewMixin, ReadOnlyAdmin):
    list_display = ("headline", "exchange", "condition", "rule", "kind", "of_event", "frames", "released")
    list_buttons = ("frames",)
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("exchange", FieldTextFilter),
        ("rule", FieldTextFilter),
        ("category", FieldTextFilter),
        ("released_at", DayRangeFilter),
    )
    list_fullwidth = True
    search_fields = ("title", "article_id")
    fields = (
        "title",
        "exchange",
        "article_id",
        "link",
        "catalogue",
        "released",
        "first_seen",
        "read",
        "condition",
        "rule",
        "kind",
        "of_event",
        "content",
        "frames",
        "attempts",
        "next_try",
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[SeenArticle]:
        plain = plain_events().only("title")
        return SeenArticle.objects.prefetch_related(Prefetch("event", plain))

    @display(description="Article", ordering="title")
    def headline(self, article: SeenArticle) -> SafeString:
        return format_html('<span class="ews-title ews-strong">{}</span>', article.title)

    @display(description="State", ordering="state")
    def condition(self, article: SeenArticle) -> SafeString:
        return badge(article.state, "amber" if article.state == SeenArticle.State.EVENT else None)

    @display(description="Category", ordering="category")
    def kind(self, article: SeenArticle) -> str:
        return words(article.category) or "–"

    @display(description="Event")
    def of_event(self, article: SeenArticle) -> SafeString:
        if article.event is None:
            return NOTHING
        url = reverse("admin:events_event_change", args=[article.event.pk])
        return format_html('<a class="ews-link" href="{}">#{}</a>', url, article.event.pk)

    @display(description="Link")
    def link(self, article: SeenArticle) -> SafeString:
        if not article.url.startswith(("https://", "http://")):
            return format_html("{}", article.url or "–")
        return format_html(
            '<a class="ews-link" href="{}" target="_blank" rel="noopener noreferrer">{}</a>',
            article.url,
            article.url,
        )

    @display(description="Payload")
    def content(self, article: SeenArticle) -> SafeString:
        if not article.payload_id:
            return NOTHING
        url = reverse("admin:events_payload", args=[article.payload_id])
        return format_html('<a class="ews-link" href="{}">{}</a>', url, article.payload_id[:12])

    @display(description="Frames")
    def frames(self, article: SeenArticle) -> SafeString:
        url = reverse("admin:exchanges_article_frames", args=[article.pk])
        return format_html('<a class="ews-link" href="{}">Frames</a>', url)

    @display(description="Released", ordering="released_at")
    def released(self, article: SeenArticle) -> SafeString:
        return moment(article.released_at, clock.now())

    @display(description="First seen", ordering="first_seen_at")
    def first_seen(self, article: SeenArticle) -> SafeString:
        return moment(article.first_seen_at, clock.now())

    @display(description="Read", ordering="read_at")
    def read(self, article: SeenArticle) -> SafeString:
        return moment(article.read_at, clock.now())

    @display(description="Next attempt")
    def next_try(self, article: SeenArticle) -> SafeString:
        return moment(article.next_attempt_at, clock.now())


@admin.register(TagSpell)
class TagPeriodAdmin(TokenSearchMixin, ReadOnlyAdmin):
    """The history of a token's risk tags: search for the token."""

    list_display = ("token", "tag", "exchange", "began", "ended")
    list_filter = (
        ("tag", FieldTextFilter),
        ("exchange", FieldTextFilter),
        ("began_at", DayRangeFilter),
        ("ended_at", DayRangeFilter),
    )
    search_fields = ("token__iexact",)

    @display(description="Began", ordering="began_at")
    def began(self, period: TagSpell) -> SafeString:
        shown = moment(period.began_at, clock.now())
        return format_html("before {}", shown) if period.at_first_reading else shown

    @display(description="Ended", ordering="ended_at")
    def ended(self, period: TagSpell) -> SafeString:
        return moment(period.ended_at, clock.now()) if period.ended_at else badge("has it now", "amber")


def _panel_context(event: Event, request: HttpRequest) -> dict[str, Any]:
    return {"articles": SeenArticle.objects.filter(event_id=event.pk)[:20]}


register_event_panel(
    EventPanel("Articles", "admin/exchanges/event_panel.html", "exchanges.view_seenarticle", _panel_context)
)
