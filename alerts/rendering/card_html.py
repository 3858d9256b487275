"""A card as HTML, for the preview in the admin and for e-mail.

It renders the part of Adaptive Cards 1.4 that `alerts.rendering.teams_card` writes and raises ValueError for anything
else. All text is escaped, only web addresses become links, and no script, style sheet or picture is loaded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

Element = dict[str, Any]

_FONT = "font-family:'Segoe UI',system-ui,sans-serif;font-size:14px;line-height:20px;color:#242424;"
_SIZES = {"Small": 12, "Default": 14, "Medium": 17, "Large": 20, "ExtraLarge": 26}
_COLORS = {"Default": "#242424", "Attention": "#b10e1c", "Warning": "#8a3707", "Good": "#0e700e", "Accent": "#3b3f9e"}
_FILLS = {
    "default": "#ffffff",
    "emphasis": "#f0f0f0",
    "good": "#e7f2da",
    "attention": "#fde7e9",
    "warning": "#fff4ce",
}
_SPACING = {"None": 0, "Small": 4, "Default": 8, "Medium": 16, "Large": 24}
_HTTP = re.compile(r"https?://[!-~]+")
# A backslash and the character it escapes; bold on or off; a link.
_MARK = re.compile(r"\\([!-/:-@\[-`{-~])|(\*\*)|\[((?:\\.|[^\]\\])*)\]\((https?://[^)\s]+)\)")


def card_page(message: Element) -> str:
    """A full HTML document, for e-mail."""
    page = format_html(
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"></head>'
        '<body style="margin:0;padding:16px;background:#ffffff">{}</body></html>',
        card_html(message),
    )
    return str(page)


def card_html(message: Element) -> SafeString:
    """The card of a Teams message as an HTML fragment. Raises ValueError for an unknown element."""
    card = message["attachments"][0]["content"]
    return format_html(
        '<div style="{}max-width:760px;border:1px solid #d1d1d1;border-radius:8px;padding:12px 16px;'
        'background:#ffffff;overflow-wrap:anywhere;white-space:pre-line">{}{}</div>',
        _FONT,
        _elements(card["body"]),
        _actions(card.get("actions", [])),
    )


def _elements(elements: Iterable[Element]) -> SafeString:
    return format_html_join("", "{}", ((_element(element, first=not n),) for n, element in enumerate(elements)))


def _element(element: Element, first: bool) -> SafeString:
    kind = element["type"]
    if kind not in _RENDERERS:
        raise ValueError(f"element type was {kind!r}; expected one of {', '.join(_RENDERERS)}")
    gap = 0 if first else _SPACING[element.get("spacing", "Default")]
    line = "border-top:1px solid #d1d1d1;padding-top:8px;" if element.get("separator") and not first else ""
    return format_html('<div style="margin-top:{}px;{}">{}</div>', gap, line, _RENDERERS[kind](element))


def _text_block(element: Element) -> SafeString:
    style = f"font-size:{_SIZES[element.get('size', 'Default')]}px;line-height:1.35;"
    style += f"color:{'#616161' if element.get('isSubtle') else _COLORS[element.get('color', 'Default')]};"
    if element.get("weight") == "Bolder":
        style += "font-weight:600;"
    if element.get("horizontalAlignment"):
        style += f"text-align:{element['horizontalAlignment'].lower()};"
    return format_html('<div dir="auto" style="{}">{}</div>', style, inline(element["text"]))


def _fact_set(element: Element) -> SafeString:
    rows = format_html_join(
        "",
        '<tr><td style="padding:1px 16px 1px 0;font-weight:600;vertical-align:top;overflow-wrap:normal">{}</td>'
        '<td dir="auto" style="padding:1px 0;vertical-align:top">{}</td></tr>',
        ((inline(fact["title"]), inline(fact["value"])) for fact in element["facts"]),
    )
    return format_html('<table role="presentation" style="{}border-collapse:collapse">{}</table>', _FONT, rows)


def _container(element: Element) -> SafeString:
    fill = _FILLS[element["style"]] if "style" in element else "transparent"
    bleed = "margin:-12px -16px 0;padding:12px 16px;border-radius:8px 8px 0 0;" if element.get("bleed") else ""
    return format_html('<div style="background:{};{}">{}</div>', fill, bleed, _elements(element["items"]))


def _column_set(element: Element) -> SafeString:
    columns = format_html_join(
        "",
        '<td style="vertical-align:top;padding-right:12px;{}">{}</td>',
        (
            ("width:100%" if column["width"] == "stretch" else "white-space:pre", _elements(column["items"]))
            for column in element["columns"]
        ),
    )
    return format_html(
        '<table role="presentation" style="{}width:100%;border-collapse:collapse"><tr>{}</tr></table>', _FONT, columns
    )


_RENDERERS: dict[str, Callable[[Element], SafeString]] = {
    "TextBlock": _text_block,
    "FactSet": _fact_set,
    "Container": _container,
    "ColumnSet": _column_set,
}


def _actions(actions: Iterable[Element]) -> SafeString:
    buttons = []
    for action in actions:
        if action["type"] != "Action.OpenUrl":
            raise ValueError(f"action type was {action['type']!r}; expected Action.OpenUrl")
        if _HTTP.fullmatch(action["url"]):
            buttons.append((action["url"], action["title"]))
    return format_html_join(
        "",
        '<a href="{}" rel="noreferrer noopener" style="display:inline-block;margin:12px 8px 0 0;padding:5px 12px;'
        'border:1px solid #8a8a8a;border-radius:4px;color:#242424;text-decoration:none">{}</a>',
        buttons,
    )


def inline(text: str) -> SafeString:
    """Teams' Markdown within a line as HTML: backslashes, bold, links. Everything else is text."""
    html: list[str] = []
    bold, at = False, 0
    for mark in _MARK.finditer(text):
        html.append(escape(text[at : mark.start()]))
        at = mark.end()
        protected, stars, label, url = mark.groups()
        if protected:
            html.append(escape(protected))
        elif stars:
            bold = not bold
            html.append("<b>" if bold else "</b>")
        else:
            html.append(
                format_html('<a href="{}" rel="noreferrer noopener">{}</a>', url, re.sub(r"\\(.)", r"\1", label))
            )
    html.append(escape(text[at:]))
    return mark_safe("".join(html) + ("</b>" if bold else ""))
