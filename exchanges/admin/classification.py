"""Classification in the admin: the table of rules, a form that reads any notice, and the frames of a stored one."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from crypto_ews.conf import get_config
from events import clock
from events.admin.typed_fields import time_field
from events.models import Review
from exchanges.admin.frames import frames_context
from exchanges.announcements.archived import stored_article
from exchanges.announcements.classification.classify import MAX_TITLE, classify
from exchanges.announcements.classification.rule import Rule
from exchanges.announcements.classification.rules import RULES
from exchanges.announcements.types import Article
from exchanges.models import SeenArticle
from exchanges.review_decisions import article_of
from markets.venues import exchange_names, exchange_title

MAX_BODY = 1_000_000
_VIEW = "exchanges.view_seenarticle"


class NoticeForm(forms.Form):
    """A notice to try."""

    title = forms.CharField(
        label="Title",
        max_length=MAX_TITLE,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "Title of a notice"}),
    )
    body = forms.CharField(
        label="Body",
        required=False,
        max_length=MAX_BODY,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 6, "placeholder": "HTML or plain text, as it was published"}),
        help_text="Without it the title alone is read.",
    )
    exchange = forms.ChoiceField(label="Exchange", required=False, widget=UnfoldAdminSelectWidget())
    released_at = time_field("Released", "It gives dates without a year their year. Without it they may be left out.")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["exchange"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "any other"), *((name, exchange_title(name)) for name in exchange_names())]

    def article(self) -> Article:
        """The notice that was typed; the form is valid."""
        typed = self.cleaned_data
        at = typed["released_at"]
        return Article(
            typed["exchange"], "", typed["title"], typed["body"] or None, at.astimezone(UTC) if at is not None else None
        )


def rule_row(rule: Rule) -> dict[str, Any]:
    """A rule as the page shows it: its conditions as (what is matched, pattern)."""
    conditions = [
        ("title, as written" if rule.raw else "title", rule.title),
        ("unless the title", rule.unless),
        ("a sentence of the body", rule.body),
        ("unless that sentence", rule.body_unless),
    ]
    return {
        "rule": rule,
        "hints": [hint for hint in (rule.phase, rule.market) if hint],
        "conditions": [(what, pattern) for what, pattern in conditions if pattern],
    }


class ClassificationViewMixin:
    """The pages, for the ModelAdmin of articles. Who may view articles may view how they were read."""

    admin_site: Any
    opts: Any

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("classification/", view(self.classification_view), name="exchanges_classification"),
            path("classification/review/<int:review_id>/", view(self.review_view), name="exchanges_review_frames"),
            path("<int:article_id>/frames/", view(self.article_view), name="exchanges_article_frames"),
            *super().get_urls(),  # type: ignore[misc]
        ]

    def classification_view(self, request: HttpRequest) -> HttpResponse:
        """The rules, and what becomes of the notice in the form. A long body comes by POST; nothing is stored."""
        if request.method not in ("GET", "HEAD", "POST"):
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
        _require(request, _VIEW)
        data = request.POST if request.method == "POST" else request.GET if "title" in request.GET else None
        form = NoticeForm(data if data is None or data.get("title", "").strip() else None)
        read = form.is_bound and form.is_valid()
        article = form.article() if read else None
        return self._page(
            request,
            "admin/exchanges/classification.html",
            "Classification of announcements",
            article,
            rows=[rule_row(rule) for rule in RULES],
            form=form,
            match=classify(article.title) if article is not None else None,
        )

    def article_view(self, request: HttpRequest, article_id: int) -> HttpResponse:
        """How a seen article was read: from its answer in the archive, else from the title alone."""
        _require(request, _VIEW)
        row = SeenArticle.objects.filter(pk=article_id).first() if article_id < 2**63 else None
        if row is None:
            raise Http404(f"there is no article {article_id}")
        article = stored_article(row, get_config(), clock.now())
        return self._page(request, "admin/exchanges/article_frames.html", "Frames", article, row=row)

    def review_view(self, request: HttpRequest, review_id: int) -> HttpResponse:
        """The page of a review's article; where that is gone, what the text of the review gives."""
        _require(request, _VIEW)
        _require(request, "events.view_review")
        review = Review.objects.filter(pk=review_id).first() if review_id < 2**63 else None
        if review is None:
            raise Http404(f"there is no review {review_id}")
        article = article_of(review)
        row = SeenArticle.objects.filter(exchange=article.exchange, article_id=article.article_id).first()
        if row is not None and stored_article(row, get_config(), clock.now()).body:
            return HttpResponseRedirect(reverse("admin:exchanges_article_frames", args=[row.pk]))
        return self._page(request, "admin/exchanges/article_frames.html", "Frames", article, row=row, review=review)

    def _page(
        self, request: HttpRequest, template: str, title: str, article: Article | None, **more: Any
    ) -> TemplateResponse:
        now = clock.now()
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "now": now,
            **more,
            **(frames_context(article, now) if article is not None else {}),
        }
        return TemplateResponse(request, template, context)


def _require(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied
