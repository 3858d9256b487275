"""Microsoft Teams cards: Adaptive Card 1.4 in the envelope of the Workflows webhook.

Teams takes at most 28,672 bytes, counted after an expansion of its own. It accepts a larger card and reports the error
later, so only our own budget keeps cards small enough.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alerts.rendering.digest import digest_bodies
from alerts.rendering.message import ActLink, Digest, Message, Notice, event_url, page_url, runbook_url
from alerts.rendering.phrases import (
    action_text,
    change_text,
    clean,
    deferral_fact,
    headline,
    manual_text,
    other_names,
    some,
    source_label,
    title_text,
)
from alerts.rendering.subjects import TokenLine, action_label, place, subject
from alerts.rendering.summary import EventSummary
from crypto_ews.ui.text import label, moment_text

MAX_BYTES = 20_000
TARGET_BYTES = 14_000

Element = dict[str, Any]


@dataclass(frozen=True)
class Detail:
    """How many items of each list a card shows, and how many characters of its texts."""

    title: int
    tokens: int
    pairs: int
    dates: int
    changes: int
    change_text: int
    facts: int


_DETAILS = (
    Detail(title=300, tokens=15, pairs=60, dates=10, changes=8, change_text=300, facts=8),
    Detail(title=300, tokens=10, pairs=30, dates=6, changes=5, change_text=160, facts=5),
    Detail(title=200, tokens=5, pairs=12, dates=3, changes=3, change_text=80, facts=2),
)
_MINIMAL = Detail(title=160, tokens=8, pairs=0, dates=0, changes=0, change_text=0, facts=0)


def render_message(message: Message) -> Element:
    """The message as the webhook takes it: at most `MAX_BYTES` of JSON, normally under `TARGET_BYTES`."""
    content, now, base_url = message.content, message.now, message.public_base_url
    if isinstance(content, Digest):
        cards = (_envelope(body, []) for body in digest_bodies(content, base_url, escape, message.minimal))
        return next(filter(lambda card: card_size(card) <= MAX_BYTES, cards))
    if isinstance(content, Notice):
        return _envelope(_notice_body(content), _notice_actions(content, base_url))
    links = _actions(content.url, content.event_id, base_url, message.acts)
    links.append({"type": "Action.OpenUrl", "title": "Runbook", "url": runbook_url(base_url, content.category)})
    if not message.minimal:
        for detail in _DETAILS:
            card = _envelope(_event_body(content, now, base_url, detail, message.acknowledged_by), links)
            if card_size(card) <= TARGET_BYTES:
                return card
    return _envelope(_minimal_body(content, now, message.acknowledged_by), links)


def render_card(
    content: EventSummary | Notice | Digest, now: datetime, public_base_url: str, minimal: bool = False
) -> Element:
    """The card of content without an alert: no acknowledgement, no one-click links."""
    return render_message(Message(content, now, public_base_url, minimal))


def encode_card(card: Element) -> bytes:
    return json.dumps(card, ensure_ascii=False, separators=(",", ":")).encode()


def card_size(card: Element) -> int:
    """Bytes of the card with everything outside ASCII escaped: the largest encoding that a receiver may choose."""
    return len(json.dumps(card, ensure_ascii=True, separators=(",", ":")))


_WEB_PAGE = re.compile(r"https?://[!-~]{1,1500}")
# Teams computes a date from text between double braces.
_MARKDOWN = re.compile(r"([\\`*\[\]~<>]|\{(?=\{)|(?<=\{)\{|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z]))")
_MARKDOWN_START = re.compile(r"^(\s*)(#{1,6}\s|[-+]\s|\d+(?=[.)]\s))")


def escape(text: str, limit: int) -> str:
    """Foreign text made safe for Teams' Markdown: one line, at most `limit` characters, without formats and links.

    An underscore within a word, as in BTCUSD_PERP, does not format and is not escaped.
    """
    escaped = _MARKDOWN.sub(r"\\\1", clean(text, limit))
    if start := _MARKDOWN_START.match(escaped):
        mark = start[2]
        escaped = f"{mark}\\{escaped[start.end() :]}" if mark[0].isdigit() else f"\\{escaped}"
    return escaped


def _envelope(body: list[Element], actions: list[Element]) -> Element:
    content: Element = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "full"},
        "body": body,
    }
    if actions:
        content["actions"] = actions
    attachment = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": content,
    }
    return {"type": "message", "attachments": [attachment]}


def _actions(
    source_url: str, event_id: int | None, public_base_url: str, acts: tuple[ActLink, ...] = ()
) -> list[Element]:
    # In the order of use; Teams shows six buttons.
    actions: list[Element] = [{"type": "Action.OpenUrl", "title": act.title, "url": act.url} for act in acts]
    if _WEB_PAGE.fullmatch(source_url):
        actions.append({"type": "Action.OpenUrl", "title": "Source", "url": source_url})
    if event_id is not None:
        url = event_url(public_base_url, event_id)
        actions.append({"type": "Action.OpenUrl", "title": f"Event #{event_id}", "url": url})
    return actions


def _notice_actions(notice: Notice, public_base_url: str) -> list[Element]:
    actions = _actions("", notice.event_id, public_base_url)
    if notice.page:
        url = page_url(public_base_url, notice.page)
        actions.append({"type": "Action.OpenUrl", "title": "Decide", "url": url})
    if notice.runbook:
        url = runbook_url(public_base_url, notice.runbook)
        actions.append({"type": "Action.OpenUrl", "title": "Runbook", "url": url})
    return actions


# Escaping may leave nothing of a text, and Teams refuses an element without text.
_NOTHING = "–"


def _text(text: str, **style: Any) -> Element:
    return {"type": "TextBlock", "text": text or _NOTHING, "wrap": True, **style}


def _column(items: list[Element], width: str) -> Element:
    return {"type": "Column", "width": width, "items": items}


def _notice_body(notice: Notice) -> list[Element]:
    style = "good" if notice.good else "warning"
    title = _text(escape(notice.title, 300), weight="Bolder", size="Medium")
    texts = [escape(notice.text, 1000), *(escape(line, 300) for line in notice.lines)]
    return [
        {"type": "Container", "style": style, "bleed": True, "items": [title]},
        *(_text(text) for text in texts if text),
    ]


def _style(summary: EventSummary) -> str:
    if summary.over:
        return "good"
    if summary.risk_level is None:
        return "emphasis"
    return "attention" if summary.risk_level == "critical" else "warning"


def _header(summary: EventSummary, title_limit: int) -> Element:
    kind = f"{label(summary.category)} · {source_label(summary.source)}"
    left = [
        _text(escape(kind, 80), weight="Bolder", size="Small", spacing="None"),
        _text(escape(title_text(summary), title_limit), weight="Bolder", size="Large", spacing="Small"),
    ]
    right = [
        _text(headline(summary), weight="Bolder", horizontalAlignment="Right", spacing="None"),
        _text(f"#{summary.event_id}", isSubtle=True, size="Small", horizontalAlignment="Right", spacing="None"),
    ]
    columns = {"type": "ColumnSet", "columns": [_column(left, "stretch"), _column(right, "auto")]}
    return {"type": "Container", "style": _style(summary), "bleed": True, "items": [columns]}


def _key_facts(
    summary: EventSummary, now: datetime, acknowledged_by: str, minimal: bool = False
) -> list[tuple[str, str]]:
    """The facts that a reader must see at a glance."""
    facts = []
    if acknowledged_by:
        facts.append(("Acknowledged", escape(acknowledged_by, 300)))
    if summary.over:
        if summary.status == "closed":
            facts.append(("Closed", escape(summary.close_reason, 200) or "yes"))
        facts.append(("Over", f"**{escape(summary.ended, 600) or 'yes'}**"))
    elif summary.action:
        facts.append(("Action", f"**{escape(action_text(summary), 300)}**"))
    if summary.positions and summary.positions.text:
        sentence = escape(summary.positions.brief, 200) if minimal else escape(summary.positions.text, 600)
        facts.append(("Positions", f"**{sentence}**"))
    if summary.deferred:
        facts.append(deferral_fact(summary.deferred, now, escape))
    if author := manual_text(summary):
        facts.append(("Opened by", escape(author, 400)))
    if summary.trading_status and not summary.over:
        facts.append(("Trading status", label(summary.trading_status)))
    if summary.trading_ends_at:
        verb = "Trading ends" if summary.trading_ends_at > now else "Trading ended"
        facts.append((verb, f"**{moment_text(summary.trading_ends_at, now)}**"))
    if summary.risk_level:
        facts.append(("Risk", label(summary.risk_level)))
    return facts


def _fact_set(facts: list[tuple[str, str]]) -> Element:
    shown = [{"title": title or _NOTHING, "value": value or _NOTHING} for title, value in facts]
    return {"type": "FactSet", "facts": shown}


def _minimal_body(summary: EventSummary, now: datetime, acknowledged_by: str) -> list[Element]:
    names, more = some([escape(subject(line), 60) for line in summary.at_risk], _MINIMAL.tokens)
    facts = _key_facts(summary, now, acknowledged_by, minimal=True)
    if names:
        facts.append((_whose(summary), ", ".join(names) + (f" + {more} more" if more else "")))
    return [_header(summary, _MINIMAL.title), _fact_set([*facts, ("Event", f"#{summary.event_id}")])]


def _event_body(
    summary: EventSummary, now: datetime, base_url: str, detail: Detail, acknowledged_by: str
) -> list[Element]:
    page = event_url(base_url, summary.event_id)
    facts = _key_facts(summary, now, acknowledged_by)
    facts += [(escape(label(name), 40), escape(value, 160)) for name, value in summary.facts[: detail.facts]]
    if summary.published_at:
        facts.append(("Published", moment_text(summary.published_at, now)))
    facts.append(("Seen", moment_text(summary.seen_at, now)))
    return [
        _header(summary, detail.title),
        _fact_set(facts),
        *_changes(summary, detail, page),
        *_tokens(summary, now, detail, page),
        *_list("Our pairs", summary.our_pairs, detail.pairs, page),
        *_dates(summary, now, detail, page),
        *_list("Other pairs", summary.other_pairs, detail.pairs // 4, page, subtle=True),
        *_list("Other tokens", other_names(summary), detail.pairs // 4, page, subtle=True),
        *_list("On the networks of", summary.network_tokens, detail.pairs // 4, page, subtle=True),
    ]


def _section(title: str, items: list[Element]) -> Element:
    heading = _text(f"**{title}**", spacing="None")
    return {"type": "Container", "separator": True, "spacing": "Medium", "items": [heading, *items]}


def _more(count: int, page: str) -> list[Element]:
    return [_text(f"[+ {count} more]({page})", spacing="Small")] if count else []


def _list(title: str, items: tuple[str, ...] | list[str], limit: int, page: str, subtle: bool = False) -> list[Element]:
    if not items:
        return []
    names, more = some([escape(item, 60) for item in items], limit)
    shown = [_text(", ".join(names), spacing="Small", isSubtle=subtle)] if names else []
    return [_section(f"{title} ({len(items)})", [*shown, *_more(more, page)])]


def _whose(summary: EventSummary) -> str:
    """Heading of the lines at risk: ours (tokens, single pairs or both), or "At risk" if none is ours."""
    if not summary.our_tokens:
        return "At risk"
    pairs = [line.single_pairs for line in summary.at_risk]
    if all(pairs):
        return "Our single pairs"
    return "Our tokens and pairs" if any(pairs) else "Our tokens"


def _tokens(summary: EventSummary, now: datetime, detail: Detail, page: str) -> list[Element]:
    lines = summary.at_risk
    if not lines:
        return []
    if summary.over:
        # The key facts above say what was demanded and what is in force now.
        return _list("Tokens", [subject(line) for line in lines], detail.tokens, page)
    rows = [_token_row(line, now) for line in lines[: detail.tokens]]
    more = max(len(lines) - detail.tokens, 0)
    return [_section(f"{_whose(summary)} ({len(lines)})", [*rows, *_more(more, page)])]


def _token_row(line: TokenLine, now: datetime) -> Element:
    where = f"single pairs {place(line)}" if line.single_pairs else place(line).removeprefix("on ")
    ends = f"ends {moment_text(line.trading_ends_at, now)}" if line.trading_ends_at else ""
    what = " · ".join(filter(None, (action_label(line.action), label(line.trading_status), ends)))
    color = {"halt": "Attention", "exit": "Attention", "reduce_only": "Warning"}.get(line.action, "Default")
    return {
        "type": "ColumnSet",
        "spacing": "Small",
        "columns": [
            _column([_text(escape(subject(line), 60), weight="Bolder", color=color)], "auto"),
            _column([_text(escape(what, 160)), _text(escape(where, 120), isSubtle=True, spacing="None")], "stretch"),
        ],
    }


def _dates(summary: EventSummary, now: datetime, detail: Detail, page: str) -> list[Element]:
    if not summary.dates:
        return []
    # Coming dates are listed; past ones are only counted.
    ahead = [line for line in summary.dates if line.at > now] or list(summary.dates)
    rows = []
    for line in ahead[: detail.dates]:
        tickers, more = some([escape(ticker, 60) for ticker in line.tickers], 4)
        which = f" ({', '.join(tickers)}{f' + {more} more' if more else ''})" if tickers else ""
        rows.append((moment_text(line.at, now), f"{escape(line.what, 120)}{which}".strip() or "as announced"))
    return [_section("When", [_fact_set(rows), *_more(len(summary.dates) - len(rows), page)])]


def _changes(summary: EventSummary, detail: Detail, page: str) -> list[Element]:
    if not summary.changes:
        return []
    rows = [
        (escape(label(change.field), 60), change_text(change, detail.change_text, escape))
        for change in summary.changes[: detail.changes]
    ]
    return [_section("What changed", [_fact_set(rows), *_more(len(summary.changes) - len(rows), page)])]
