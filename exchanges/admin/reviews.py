"""The queue of reviews: notices that nobody could judge, and the decisions of people on them.

Rows and page are read-only; a decision goes through `exchanges.review_decisions`.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.admin.options import get_content_type_for_model
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter, FieldTextFilter
from unfold.decorators import display

from crypto_ews.ui.display import NOTHING, badge, chips, moment
from crypto_ews.ui.model_admin import DayRangeFilter, ReadOnlyAdmin, only_pressed
from events import clock
from events.admin.panels import Figure, FigureSource, register_figures
from events.models import Review
from exchanges.admin.review_forms import DecisionForm
from exchanges.announcements.decided import EventDecision, found_dates, one_click_decisions
from exchanges.review_decisions import (
    CannotDecide,
    article_of,
    decide_event,
    decide_harmless,
    open_event_of,
    take_back,
)

MOST_NAMED = 3
"""A button of one click names everything that it puts at risk; with more names, the form is used."""
MAX_SHOWN_TEXT = 20_000
_DECIDES = "events.change_review"
_OPENS = "events.add_event"
_CLOSES = "events.change_event"


class DecidedFilter(DropdownFilter):
    """Shows undecided reviews by default: what people have to do."""

    title = "decision"
    parameter_name = "decided"
    all_option = None

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "undecided"), ("yes", "decided"), ("all", "all")]

    def value(self) -> str:
        return super().value() or "no"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Review]) -> QuerySet[Review]:
        return queryset if self.value() == "all" else queryset.filter(decided_at__isnull=self.value() == "no")


@admin.register(Review)
class ReviewAdmin(ReadOnlyAdmin):
    list_display = ("headline", "why", "names", "released", "state")
    list_display_links = ("headline",)
    list_buttons = ("decide", "harmless")
    list_filter = (
        DecidedFilter,
        ("reason", ChoicesDropdownFilter),
        ("decision", ChoicesDropdownFilter),
        ("source", FieldTextFilter),
        ("opened_at", DayRangeFilter),
    )
    list_fullwidth = True
    list_per_page = 25
    search_fields = ("title", "natural_key")
    ordering = ("-first", "-opened_at", "-id")
    actions = None

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        may = request.user.has_perm
        if not may(_DECIDES):
            return self.list_display
        return (*self.list_display, "decide" if may(_OPENS) else "harmless")

    @display(description="Notice", ordering="opened_at")
    def headline(self, review: Review) -> SafeString:
        first = badge("first", "red") if review.first else ""
        return format_html(
            '<span class="ews-title">{} <span class="ews-strong">{}</span> <span class="ews-muted">{}</span></span>',
            first,
            review.title,
            f"{review.source} #{review.pk}",
        )

    @display(description="Why", ordering="reason")
    def why(self, review: Review) -> SafeString:
        return format_html('<span class="ews-muted">{}</span>', review.get_reason_display())

    @display(description="Names")
    def names(self, review: Review) -> SafeString:
        return chips([*review.tokens, *review.tickers])

    @display(description="Released", ordering="released_at")
    def released(self, review: Review) -> SafeString:
        return moment(review.released_at, clock.now())

    @display(description="State", ordering="decided_at")
    def state(self, review: Review) -> SafeString:
        if review.decided_at is None:
            return badge("undecided", "amber")
        return format_html(
            '<span class="ews-stack">{}<span class="ews-muted">{}</span></span>',
            badge(review.decision, "grey"),
            review.decided_by or review.source,
        )

    @display(description="Decide")
    def decide(self, review: Review) -> SafeString:
        return self._buttons(review, _one_click(review)) if review.decided_at is None else NOTHING

    @display(description="Decide")
    def harmless(self, review: Review) -> SafeString:
        return self._buttons(review, {}) if review.decided_at is None else NOTHING

    @staticmethod
    def _buttons(review: Review, decisions: dict[str, EventDecision]) -> SafeString:
        """Buttons that submit the form that the list lies in, with its token, to the page that decides."""
        address = reverse("admin:events_review_decide", args=[review.pk])
        rows = [(name, _words(decision), "ews-danger") for name, decision in decisions.items()]
        buttons = format_html_join(
            "",
            '<button type="submit" class="ews-button {}" formaction="{}" name="decision" value="{}:{}">{}</button>',
            ((tone, address, review.digest, name, title) for name, title, tone in [*rows, (HARMLESS, "Harmless", "")]),
        )
        page = reverse("admin:events_review_change", args=[review.pk])
        return format_html('<div class="ews-buttons">{}<a class="ews-button" href="{}">Other…</a></div>', buttons, page)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:review_id>/decide/", view(self.decide_view), name="events_review_decide"),
            path("<int:review_id>/take-back/", view(self.take_back_view), name="events_review_take_back"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The page of a review: the notice, and the form of a decision."""
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = object_id.isdecimal() and len(object_id) < 19
        review = Review.objects.select_related("payload").filter(pk=object_id).first() if found else None
        if review is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return self._page(request, review, None)

    def decide_view(self, request: HttpRequest, review_id: int) -> HttpResponse:
        """Store a decision: of one click (`decision` is "digest:name"), or of the form."""
        if request.method != "POST":
            return only_pressed(request, reverse("admin:events_review_change", args=[review_id]))
        _require(request, _DECIDES)
        review = Review.objects.filter(pk=review_id).first()
        if review is None:
            raise Http404(f"review {review_id} does not exist")
        now, by = clock.now(), request.user.get_username()
        digest, _, name = request.POST.get("decision", "").partition(":")
        form = None
        try:
            if name == HARMLESS:
                with transaction.atomic():
                    decide_harmless(review_id, digest, by, now)
                    self.log_change(request, review, "Harmless")
                self._decided_harmless(request, review)
            elif name:
                decision = _one_click(review).get(name)
                if decision is None:
                    raise CannotDecide("the notice was edited since this page was made; read it again")
                self._decide_event(request, review, digest, decision, now)
            else:
                form = self._form(request, review, now)
                if not form.is_valid():
                    return self._page(request, review, form)
                self._decide_event(request, review, form.cleaned_data["digest"], form.decision(), now)
                for note in form.notes:
                    messages.warning(request, f"{note}.")
        except CannotDecide as error:
            if form is not None and review.decided_at is None:
                form.add_error(None, str(error))
                return self._page(request, review, form)
            messages.error(request, f"Review {review_id}: {error}.")
        return HttpResponseRedirect(reverse("admin:events_review_changelist"))

    def _decide_event(
        self, request: HttpRequest, review: Review, digest: str, decision: EventDecision, now: datetime
    ) -> None:
        _require(request, _OPENS)
        with transaction.atomic():
            decided = decide_event(review.pk, digest, decision, request.user.get_username(), now)
            event = decided.event
            assert event is not None, "a decision for an event has one"
            self.log_change(request, review, f"Event {event.pk}: {_words(decision)}")
            self.log_addition(request, event, f"Opened by review {review.pk}: {_words(decision)}")
        page = reverse("admin:events_event_change", args=[event.pk])
        low = "" if event.priority == "high" else " Its priority is low: it names nothing that is watched."
        opened = format_html('<a class="ews-link" href="{}">Event {}</a> is open.{}', page, event.pk, low)
        self._report(request, review, opened)

    def _decided_harmless(self, request: HttpRequest, review: Review) -> None:
        event = open_event_of(review)
        also = f" Event {event.pk} of the same notice is still open; close it on its page." if event else ""
        self._report(request, review, format_html("Harmless: {}.{}", review.title, also))

    @staticmethod
    def _report(request: HttpRequest, review: Review, what: SafeString) -> None:
        page = reverse("admin:events_review_change", args=[review.pk])
        messages.success(request, format_html('{} <a class="ews-link" href="{}">Take it back</a>', what, page))

    def take_back_view(self, request: HttpRequest, review_id: int) -> HttpResponse:
        """Make a review undecided again; the event that its decision opened is closed as a false alarm."""
        if request.method != "POST":
            return only_pressed(request, reverse("admin:events_review_change", args=[review_id]))
        _require(request, _DECIDES)
        review = Review.objects.filter(pk=review_id).first()
        if review is None:
            raise Http404(f"review {review_id} does not exist")
        if review.event_id is not None:
            _require(request, _CLOSES)
        try:
            with transaction.atomic():
                closed = take_back(review_id, request.user.get_username(), clock.now())
                self.log_change(request, review, "Taken back" + (f"; event {closed.pk} is closed" if closed else ""))
                if closed is not None:
                    self.log_change(request, closed, f"Closed: the decision on review {review_id} was taken back")
            messages.success(request, f"Review {review_id} is undecided again.")
        except CannotDecide as error:
            messages.error(request, f"Review {review_id}: {error}.")
        return HttpResponseRedirect(reverse("admin:events_review_change", args=[review_id]))

    @staticmethod
    def _form(request: HttpRequest, review: Review, now: datetime) -> DecisionForm:
        data = request.POST if request.method == "POST" else None
        return DecisionForm(data, review, found_dates(article_of(review)), now)

    def _page(self, request: HttpRequest, review: Review, form: DecisionForm | None) -> HttpResponse:
        now, may = clock.now(), request.user.has_perm
        undecided = review.decided_at is None
        history = LogEntry.objects.filter(content_type=get_content_type_for_model(review), object_id=str(review.pk))
        may_open = undecided and may(_DECIDES) and may(_OPENS)
        by_person = review.decision in (Review.Decision.EVENT, Review.Decision.HARMLESS)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Review {review.pk}",
            "opts": self.opts,
            "original": review,
            "review": review,
            "now": now,
            "text": review.text[:MAX_SHOWN_TEXT],
            "is_cut": len(review.text) > MAX_SHOWN_TEXT,
            "open_event": open_event_of(review),
            "clicks": [(name, _words(decision)) for name, decision in _one_click(review).items()] if may_open else [],
            "form": (form or self._form(request, review, now)) if may_open else None,
            "may_decide": undecided and may(_DECIDES),
            "may_take_back": by_person and may(_DECIDES) and (review.event_id is None or may(_CLOSES)),
            "history": history.select_related("user").order_by("-action_time")[:50],
        }
        return TemplateResponse(request, "admin/exchanges/review.html", context)


HARMLESS = "harmless"


def _require(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied


def _one_click(review: Review) -> dict[str, EventDecision]:
    """The decisions that a button makes, each under a name that only this decision has."""
    dates = found_dates(article_of(review))
    decisions = one_click_decisions(review.tokens, review.tickers, dates, MOST_NAMED)
    return {hashlib.sha256(repr(decision).encode()).hexdigest()[:16]: decision for decision in decisions}


def _words(decision: EventDecision) -> str:
    """What a button says: all that is at risk by it, and when."""
    return f"{decision.title} · {decision.at:%Y-%m-%d %H:%M} UTC" if decision.at else decision.title


def _figures(now: datetime) -> list[Figure]:
    undecided = Review.objects.filter(decided_at=None)
    count, first = undecided.count(), undecided.filter(first=True).exists()
    tone = "bad" if first else "warn" if count else ""
    return [Figure("Notices to review", count, reverse("admin:events_review_changelist"), tone)]


register_figures(FigureSource("events.view_review", _figures))
