"""A message as lines of plain text: for the console, the webhook and receivers without formatting."""

from __future__ import annotations

from alerts.rendering.digest import digest_lines
from alerts.rendering.message import Digest, Message, Notice, event_url, page_url, runbook_url
from alerts.rendering.phrases import (
    action_text,
    change_text,
    clean,
    deferral_fact,
    headline,
    line_text,
    manual_text,
    other_names,
    some,
    source_label,
    title_text,
)
from alerts.rendering.summary import EventSummary
from crypto_ews.ui.text import label, moment_text

_RED, _YELLOW, _GREEN, _BOLD, _DIM, _RESET = "\033[31m", "\033[33m", "\033[32m", "\033[1m", "\033[2m", "\033[0m"
_LABEL_WIDTH = 15
_LIST_LIMIT = 30

Line = tuple[str, str]
"""Style and text."""


def render_text(message: Message, channel: str, color: bool) -> str:
    """The message as lines with a rule on the left, and an empty line at the end."""
    content = message.content
    if isinstance(content, Digest):
        paint = _YELLOW
    else:
        paint = (_GREEN if content.good else _YELLOW) if isinstance(content, Notice) else _paint(content)
    lines = [(_BOLD, f"[{channel}] {subject(message)}"), *_lines(message)]

    def line(style: str, text: str) -> str:
        return f"{paint}┃{_RESET} {style}{text}{_RESET if style else ''}" if color else f"┃ {text}"

    return "\n".join(line(style, text) for style, text in lines) + "\n\n"


def plain_lines(message: Message) -> list[str]:
    """The message as lines without decoration, the one-click links last."""
    lines = [text for _, text in _lines(message)]
    return lines + [f"{act.title + ':':<{_LABEL_WIDTH}}{act.url}" for act in message.acts]


def subject(message: Message) -> str:
    """Why the message is sent, in one line."""
    content = message.content
    if isinstance(content, Digest):
        return "market" if content.kind == "market" else "digest"
    if isinstance(content, Notice):
        return "notice"
    return (
        f"{headline(content)}: {label(content.category)} · {source_label(content.source)} · event #{content.event_id}"
    )


def _lines(message: Message) -> list[Line]:
    content = message.content
    if isinstance(content, Digest):
        title, *rows = digest_lines(content)
        return [(_BOLD, title), *(("", row) for row in rows)]
    if isinstance(content, Notice):
        texts = [clean(content.text, 1000), *(clean(line, 300) for line in content.lines)]
        if content.page:
            texts.append(f"{'Decide':<{_LABEL_WIDTH}}{page_url(message.public_base_url, content.page)}")
        if content.runbook:
            texts.append(f"{'Runbook':<{_LABEL_WIDTH}}{runbook_url(message.public_base_url, content.runbook)}")
        return [(_BOLD, clean(content.title, 300)), *(("", text) for text in texts if text)]
    return _event_lines(content, message)


def _paint(summary: EventSummary) -> str:
    if summary.over:
        return _GREEN
    return _RED if summary.risk_level == "critical" else _YELLOW


def _event_lines(summary: EventSummary, message: Message) -> list[Line]:
    now, base_url = message.now, message.public_base_url
    lines = [(_BOLD, clean(title_text(summary), 300))]

    def add(name: str, value: str, style: str = "") -> None:
        lines.append((style, f"{name:<{_LABEL_WIDTH}}{value}"))

    if summary.over:
        if summary.status == "closed":
            add("Closed", clean(summary.close_reason, 200))
        add("Over", clean(summary.ended, 600), _BOLD)
    elif summary.action:
        add("Action", clean(action_text(summary), 300), _BOLD)
    if summary.positions and summary.positions.text:
        add("Positions", clean(summary.positions.text, 600), _BOLD)
    if summary.deferred:
        add(*deferral_fact(summary.deferred, now, clean))
    if author := manual_text(summary):
        add("Opened by", clean(author, 400))
    if message.acknowledged_by:
        add("Acknowledged", clean(message.acknowledged_by, 300))
    if summary.trading_status and not summary.over:
        add("Trading status", label(summary.trading_status))
    if summary.trading_ends_at:
        add("Trading ends", moment_text(summary.trading_ends_at, now), _BOLD)
    for change in summary.changes:
        add("Changed", f"{clean(label(change.field), 200)}: {change_text(change, 200, clean)}")
    if summary.over:
        _add_list(
            lines, "Our tokens", list(dict.fromkeys(line.token for line in summary.our_tokens if not line.single_pairs))
        )
    else:
        for line in summary.at_risk[:_LIST_LIMIT]:
            name = "Our pairs" if line.single_pairs else "Our token"
            add(name if summary.our_tokens else "At risk", clean(line_text(line), 300))
        if (more := len(summary.at_risk) - _LIST_LIMIT) > 0:
            add("", f"+ {more} more")
    _add_list(lines, "Our pairs", summary.our_pairs)
    for date in [date for date in summary.dates if date.at > now][:10]:
        add("When", f"{moment_text(date.at, now)} {clean(date.what, 120)}".rstrip())
    _add_list(lines, "Other pairs", summary.other_pairs, _DIM)
    _add_list(lines, "Other tokens", other_names(summary), _DIM)
    _add_list(lines, "Networks of", summary.network_tokens, _DIM)
    for name, value in summary.facts[:8]:
        add(clean(label(name), _LABEL_WIDTH - 1), clean(value, 160), _DIM)
    if summary.url:
        add("Source", clean(summary.url, 1000), _DIM)
    add("Event", event_url(base_url, summary.event_id), _DIM)
    add("Runbook", runbook_url(base_url, summary.category), _DIM)
    return lines


def _add_list(lines: list[Line], name: str, items: tuple[str, ...] | list[str], style: str = "") -> None:
    if items:
        names, more = some([clean(item, 60) for item in items], _LIST_LIMIT)
        lines.append((style, f"{name:<{_LABEL_WIDTH}}{', '.join(names)}{f' + {more} more' if more else ''}"))
