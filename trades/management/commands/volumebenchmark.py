"""`manage.py volumebenchmark [--instrument NAME] [--json]`: the volume benchmark as it was last made."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from trades.daily.outcomes import key_statistics
from trades.models import TradedInstrument, VolumeDay, VolumeJob, VolumeThreshold
from trades.storage.days import SPREADS

_FIGURES = (
    "mean_28", "mean_56", "mean_84", "std_28", "std_56", "std_84", "momentum", "top_move", *SPREADS, "largest",
)  # fmt: skip


class Command(BaseCommand):
    help = (
        "Prints the volume benchmark: minute volumes, ranks, thresholds, moves after event keys, and when it was made."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--instrument", metavar="NAME", help="one symbol, or VENUE:SYMBOL, with its last ten days")
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        names = {row.id: f"{row.venue}:{row.symbol}" for row in TradedInstrument.objects.all()}
        rows = VolumeDay.objects.order_by("-day", "rank", "instrument_id")
        if requested := options["instrument"]:
            chosen = [
                number
                for number, name in names.items()
                if requested.upper() in (name.upper(), name.partition(":")[2].upper())
            ]
            if not chosen:
                raise CommandError(f"no instrument {requested!r}, expected one whose trades are counted", returncode=2)
            days = [_of(row, names) for number in chosen for row in rows.filter(instrument_id=number)[:10]]
        else:
            last = rows.values_list("day", flat=True).first()
            days = [_of(row, names) for row in rows.filter(day=last)] if last else []
        keys = {key: found._asdict() for key, found in key_statistics().items()}
        report = {"jobs": _jobs(), "thresholds": _thresholds(), "keys": keys, "instruments": days}
        self.stdout.write(json.dumps(report) if options["json"] else _as_text(report))


def _of(row: VolumeDay, names: dict[int, str]) -> dict[str, Any]:
    return {
        "instrument": names.get(row.instrument_id, str(row.instrument_id)),
        "day": row.day.isoformat(),
        "rank": row.rank,
        "class": "eligible" if row.eligible else "young",
        "by_minutes": row.squares is not None,
        **{name: getattr(row, name) for name in _FIGURES},
    }


def _jobs() -> dict[str, Any]:
    return {
        job.name: {
            "day": job.day.isoformat(),
            "at": job.finished_at.isoformat(),
            "seconds": job.seconds,
            "note": job.note,
        }
        for job in VolumeJob.objects.all()
    }


def _thresholds() -> list[dict[str, Any]]:
    last = VolumeThreshold.objects.order_by("-day").values_list("day", flat=True).first()
    if last is None:
        return []
    return [
        {
            "of": row.venue or "desk",
            "day": row.day.isoformat(),
            "threshold": row.threshold,
            "instruments": row.instruments,
        }
        for row in VolumeThreshold.objects.filter(day=last).order_by("venue")
    ]


def _as_text(report: dict[str, Any]) -> str:
    lines = [f"{name}: {job['day']}, {job['seconds']:.1f} s, {job['note']}" for name, job in report["jobs"].items()]
    lines += [
        f"threshold of {one['of']} after {one['day']}: "
        + ("none before the 56th day" if one["threshold"] is None else f"{one['threshold']:.3f}")
        + f" ({one['instruments']} instruments judged)"
        for one in report["thresholds"]
    ]
    lines += [f"{key}: {_moves(found)}" for key, found in report["keys"].items()]
    if not report["instruments"]:
        return "\n".join([*lines, "no benchmark yet: it is made at 23:59:30 UTC and after each pass of the backfill"])
    form = "{:<24} {:<10} {:>5} {:<8} {:>12} {:>12} {:>8}"
    lines.append(form.format("instrument", "day", "rank", "class", "mean 28 d", "std 28 d", "7 d"))
    for one in report["instruments"]:
        figures = (_cell(one["mean_28"], ",.6g"), _cell(one["std_28"], ",.6g"), _cell(one["momentum"], "+.1%"))
        lines.append(form.format(one["instrument"], one["day"], _cell(one["rank"], ",.0f"), one["class"], *figures))
    return "\n".join(lines)


def _moves(found: dict[str, Any]) -> str:
    """ "412 observations on 61 days, mean move -0.09 % (-0.31 to +0.13 %), median …"."""
    mean = f"mean move after one timeframe {_share(found['mean'])}"
    if found["low"] is not None:
        mean += f" ({_share(found['low'])} to {_share(found['high'])}, by days)"
    rest = f"median {_share(found['median'])}, deviation {100 * found['std']:.2f} %"
    return f"{found['n']:,} observations on {found['days']} days, {mean}, {rest}"


def _share(value: float) -> str:
    return f"{100 * value:+.2f} %"


def _cell(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)
