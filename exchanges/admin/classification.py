"""The table of classification rules as an admin page, with a form that classifies a title."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from exchanges.announcements.classification.classify import MAX_TITLE, classify
from exchanges.announcements.classification.rule import Rule
from exchanges.announcements.classification.rules import RULES


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
    """The page, for the ModelAdmin of articles. Who may view articles may view their classification."""

    admin_site: Any
    opts: Any

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.classification_view)
        return [
            path("classification/", view, name="exchanges_classification"),
            *super().get_urls(),  # type: ignore[misc]
        ]

    def classification_view(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perm("exchanges.view_seenarticle"):
            raise PermissionDenied
        title = request.GET.get("title", "").strip()[:MAX_TITLE]
        context = {
            **self.admin_site.each_context(request),
            "title": "Classification of announcements",
            "opts": self.opts,
            "rows": [rule_row(rule) for rule in RULES],
            "tried": title,
            "match": classify(title) if title else None,
        }
        return TemplateResponse(request, "admin/exchanges/classification.html", context)
