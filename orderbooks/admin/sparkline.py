"""A series as a small SVG chart: one polyline per stretch without gaps."""

from __future__ import annotations

import math
from collections.abc import Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString

WIDTH, HEIGHT, MARGIN = 600, 90, 4


def stretches(values: Sequence[float | None], low: float, high: float) -> list[str]:
    """The points of each stretch, "x,y x,y …"; unknown values are a gap, never a line across."""
    across = (WIDTH - 2 * MARGIN) / max(1, len(values) - 1)
    up = (HEIGHT - 2 * MARGIN) / ((high - low) or 1.0)
    found: list[list[str]] = [[]]
    for number, value in enumerate(values):
        if value is None or not math.isfinite(value):
            if found[-1]:
                found.append([])
            continue
        found[-1].append(f"{MARGIN + number * across:.1f},{HEIGHT - MARGIN - (value - low) * up:.1f}")
    return [" ".join(points) for points in found if points]


def sparkline(*series: tuple[str, Sequence[float | None]], zero: bool = False) -> SafeString:
    """Series (class, values) of equal length on one scale. zero: include zero in the scale and draw its line."""
    known = [value for _, values in series for value in values if value is not None and math.isfinite(value)]
    if not known:
        return format_html('<p class="ews-empty">{}</p>', "No data for this time.")
    low, high = min(known), max(known)
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    lines = SafeString("")
    if zero:
        (point,) = stretches([0.0], low, high)
        y = point.partition(",")[2]
        lines += format_html('<line class="ews-zero" x1="0" x2="{}" y1="{}" y2="{}"/>', WIDTH, y, y)
    for name, values in series:
        for points in stretches(values, low, high):
            # A polyline of a single point would be invisible.
            if " " in points:
                lines += format_html('<polyline class="{}" points="{}"/>', name, points)
            else:
                x, _, y = points.partition(",")
                lines += format_html('<circle class="{}" cx="{}" cy="{}" r="1.5"/>', name, x, y)
    return format_html(
        '<svg class="ews-spark" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img">{}</svg>'
        '<p class="ews-muted">{} … {}</p>',
        WIDTH, HEIGHT, lines, _label(low), _label(high),
    )  # fmt: skip


def _label(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1e6 else f"{value:,.6g}"
