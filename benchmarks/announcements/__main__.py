"""Detection quality of the announcement reader: `python -m benchmarks.announcements [--unlabelled] [--blind-misses]`.

Sets: the labelled captures (titles, articles), the trials, the unlabelled articles of nine months, the blind sets that
nobody tunes on (tests/exchanges/announcements/blind) and the development set. Every miss is printed, but for the blind
sets: whoever works on the parser must not see theirs.

Event: precision and recall, where a review is no event for precision and is found for recall; and recall without that
benefit. Category, phase, market, trading status: share right of the rows that are events by label and by us. Tokens and
tickers: F1 over all names of those rows; `tokens_optional` are neither right nor wrong. Tickers are also compared
without slashes and hyphens ("loose"). Dates: F1, and the share found of the labelled and the wrong together;
`other_dates` are neither. Intervals are of 95 %: Wilson's for shares, a bootstrap over notices for F1.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.announcements import bounds, labelled
from benchmarks.announcements.report import bound_lines, set_lines, unlabelled_lines
from benchmarks.announcements.score import Score, score
from markets.symbols import SymbolSplitter


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--captures", type=Path, default=labelled.CAPTURES, help="folder of the captured announcements")
    parser.add_argument("--trials", type=Path, default=labelled.TRIALS, help="file of trials")
    parser.add_argument("--unlabelled", action="store_true", help="list what of the unlabelled is taken for events")
    parser.add_argument(
        "--blind-misses", action="store_true", help="print the misses of the blind sets: not for tuning"
    )
    parser.add_argument("--markdown", action="store_true", help="print only the table of docs/quality.md")
    parser.add_argument("--set", action="append", dest="sets", metavar="NAME", help="only these sets, by name")
    options = parser.parse_args()
    captured = options.captures.is_dir()
    if not captured and options.captures != labelled.CAPTURES:
        parser.error(f"--captures {options.captures}: no such folder")
    splitter = SymbolSplitter()
    sets = {
        name: rows for name, rows in all_sets(options.captures, options.trials).items() if _asked(name, options.sets)
    }
    scores: dict[str, Score] = {}
    for name, rows in sets.items():
        scores[name] = score(name, rows, splitter)
        if options.markdown:
            continue
        if name == "unlabelled":
            lines = unlabelled_lines(scores[name], options.unlabelled)
        else:
            lines = set_lines(scores[name], options.blind_misses or not _is_blind(name))
        print("\n".join(lines), flush=True)
    print("\n".join(bound_lines(all_bounds(scores), options.markdown)))


def all_sets(captures: Path = labelled.CAPTURES, trials: Path = labelled.TRIALS) -> dict[str, list[labelled.Row]]:
    """The sets that are there, by name. Captures and trials lie beside the project, not in it."""
    sets: dict[str, list[labelled.Row]] = {}
    if captures.is_dir():
        sets["titles"] = labelled.captured_titles(captures)
        sets["titles, borderline"] = labelled.captured_titles(captures, apart=True)
        sets["articles"] = labelled.captured_articles(captures)
        sets["articles, borderline"] = labelled.captured_articles(captures, apart=True)
    if trials.is_file():
        sets["trials"] = labelled.trials(trials)
    if captures.is_dir():
        sets["unlabelled"] = labelled.unlabelled(captures)
    sets |= labelled.development_sets()
    return sets | {f"blind {name}": rows for name, rows in labelled.blind_sets().items()}


def all_bounds(scores: dict[str, Score]) -> list[bounds.Bound]:
    """The bounds of the sets that were scored."""
    found: list[bounds.Bound] = []
    if blind := {name: one for name, one in scores.items() if _is_blind(name)}:
        found += bounds.blind_bounds(blind)
    if "unlabelled" in scores:
        found += bounds.unlabelled_bounds(scores["unlabelled"])
    if "trials" in scores:
        found += bounds.trial_bounds(scores["trials"])
    return [*found, *bounds.speed_bounds(scores)]


def _is_blind(name: str) -> bool:
    return name.startswith("blind ")


def _asked(name: str, asked: list[str] | None) -> bool:
    return asked is None or any(name == one or name.startswith(f"{one} ") for one in asked)


if __name__ == "__main__":
    main()
