# ruff: noqa: E501 (a notice stands on one line)
"""Rewordings of a notice that leave its meaning as it is, so that the parser's answer must stay the same.

`REWORDINGS` has one pure function for each; a function that finds nothing to change returns the notice itself. Print
what breaks with `python -m benchmarks.rewordings [--captures DIR] [--show NAME]`; it fails below 99 %.
"""

from __future__ import annotations

import argparse
import html
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.announcements.labelled import CAPTURES, is_apart, moment, rows
from benchmarks.rewordings.forms import (
    Notice,
    as_lines,
    as_markdown,
    as_tree,
    in_a_layout_table,
    markup,
    runs,
    with_texts,
    wrapped,
)
from benchmarks.rewordings.surroundings import FAREWELLS, GREETINGS, READING, SURROUNDINGS, THANKS
from exchanges.announcements.explain import answer
from exchanges.announcements.reader import read_parts
from exchanges.announcements.text.blocks import blocks
from exchanges.announcements.text.writer import Block
from markets.symbols import SymbolSplitter

Rewording = Callable[[Notice], Notice]

# ---------------------------------------------------------------------------------------------------- dates
_MOMENT = re.compile(
    r"(?<![\d/.-])(?P<y>20\d\d)[-/](?P<m>\d{1,2})[-/](?P<d>\d{1,2})(?:(?P<gap>\s)(?P<h>\d{1,2}):(?P<min>\d\d)(?:\s?(?P<half>[AP]M))?\s?\(UTC\))?(?![\d/-])(?!\s\d{1,2}:\d)"
)
_MONTHS = "January February March April May June July August September October November December".split()
Spelling = Callable[[datetime, bool], str]


def _ordinal(day: int) -> str:
    return f"{day}{'th' if 10 < day % 100 < 14 else {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th')}"


def _month(at: datetime) -> str:
    return _MONTHS[at.month - 1]


SPELLINGS: Mapping[str, Spelling] = {
    "dotted": lambda at, clock: f"{at:%d.%m.%Y %H:%M} (UTC)" if clock else f"{at:%d.%m.%Y}",
    "iso": lambda at, clock: f"{at:%Y-%m-%dT%H:%M}Z" if clock else f"{at:%Y-%m-%d}",
    "day first": lambda at, clock: f"{at.day} {_month(at)} {at.year}" + (f", {at:%H:%M} UTC" if clock else ""),
    "ordinal": lambda at, clock: f"{_month(at)} {_ordinal(at.day)}, {at.year}" + (f" at {at:%H%M} UTC" if clock else ""),
    "hours": lambda at, clock: (f"{at:%H:%M} hours UTC on " if clock else "") + f"{at.day} {_month(at)} {at.year}",
    "short year": lambda at, clock: f"{at.day} {_month(at)[:3]} '{at:%y}" + (f" {at:%H:%M} UTC" if clock else ""),
    "half days": lambda at, clock: f"{_month(at)} {at.day}, {at.year}" + (f", {at.hour % 12 or 12}:{at:%M} {'AM' if at.hour < 12 else 'PM'} UTC" if clock else ""),
    "Singapore": lambda at, clock: f"{at + timedelta(hours=8):%Y-%m-%d %H:%M} (UTC+8)" if clock else f"{at:%Y-%m-%d}",
    "New York": lambda at, clock: f"{at - timedelta(hours=4):%Y-%m-%d %H:%M} (UTC-4)" if clock else f"{at:%Y-%m-%d}",
    "full width": lambda at, clock: wide(f"{at:%Y-%m-%d %H:%M}") + "（ＵＴＣ）" if clock else wide(f"{at:%Y-%m-%d}"),
    "Chinese": lambda at, clock: f"{at.year}年{at.month}月{at.day}日" + (f" {at:%H:%M}（UTC）" if clock else ""),
}  # fmt: skip


def respelled(spelling: Spelling) -> Rewording:
    """Every date of title and body in another spelling."""

    def write(found: re.Match[str]) -> str:
        half, hour = found["half"], int(found["h"] or 0)
        hour = hour % 12 + (12 if half == "PM" else 0) if half and hour <= 12 else hour
        try:
            at = datetime(
                int(found["y"]), int(found["m"]), int(found["d"]), hour % 24, int(found["min"] or 0), tzinfo=UTC
            )
        except ValueError:
            return found[0]
        return spelling(at + timedelta(days=hour // 24), found["h"] is not None)

    def change(text: str) -> str:
        # A time that stands apart from its day would stay in its zone.
        return text if re.search(r"\d:\d\d", _MOMENT.sub("", text)) else _MOMENT.sub(write, text)

    return lambda notice: with_texts(notice, change)


# ---------------------------------------------------------------------------------------------------- unseen signs
def wide(text: str) -> str:
    """Digits and capitals at full width."""
    return "".join(chr(ord(sign) + 0xFEE0) if sign.isdigit() or sign in ":/" else sign for sign in text)


def soft_hyphens(text: str) -> str:
    return re.sub(r"(?<=\w{2})(?=\w{2})", "\u00ad", text)


def zero_widths(text: str) -> str:
    return re.sub(r"(?<=\w)(?=\w)|(?<=/)|(?=/)", "\u200b", text)


def hard_blanks(text: str) -> str:
    return "".join(
        "\u00a0" if sign == " " and number % 2 else "\u2009" if sign == " " and number % 3 else sign
        for number, sign in enumerate(text)
    )


def typographic(text: str) -> str:
    return text.replace("-", "\u2011").replace("'", "’").replace("(UTC)", "（UTC）")


def split_by_tags(notice: Notice) -> Notice:
    """Words, numbers and pairs with a tag inside."""

    def split(text: str) -> str:
        return re.sub(r"(?<=\w)(?=\w\w?\b)", "</span><span>", html.escape(text)).replace("/BTC", "<b>/</b>BTC")

    return replace(notice, body=markup(blocks(notice.body), lambda text: f"<span>{split(text)}</span>"))


def bold_in_pairs(notice: Notice) -> Notice:
    """The base of each pair in bold, its slash outside."""
    bold = re.compile(r"\b([A-Z0-9]{2,12})/([A-Z]{3,5})\b")
    return replace(
        notice,
        body=markup(blocks(notice.body), lambda text: bold.sub(r"<strong>\1</strong><!-- x -->/\2", html.escape(text))),
    )


# ---------------------------------------------------------------------------------------------------- order, voice, case
def items_reversed(notice: Notice) -> Notice:
    """Items of lists and rows of tables in the opposite order, where each stands for itself."""
    result: list[Block] = []
    for run in runs(blocks(notice.body)):
        alone = run[0].kind in ("item", "row") and not any(
            re.search(r":$|\b(?:above|these|this|it|they|aforementioned|following|such)\b", block.text, re.I)
            for block in run
        )
        result.extend(reversed(run) if alone else run)
    return replace(notice, body=markup(result))


_PAIR_LIST = re.compile(r"\b[A-Z0-9]{2,12}/[A-Z]{3,5}(?:(?:, | and |, and )[A-Z0-9]{2,12}/[A-Z]{3,5}){1,60}\b")


def pairs_reversed(notice: Notice) -> Notice:
    """The pairs of each list in the opposite order."""
    return with_texts(
        notice,
        lambda text: _PAIR_LIST.sub(lambda found: ", ".join(reversed(re.split(r", and | and |, ", found[0]))), text),
        title=False,
    )


_ALONE = re.compile(r"\b(?:20\d\d[-/]\d)")
_LEANING = re.compile(
    r"[:]$|\b(?:above|these|this|those|aforementioned|following|below|such|they|meanwhile|then|also|thereafter|afterwards)\b",
    re.I,
)


def sentences_swapped(notice: Notice) -> Notice:
    """Neighbouring paragraphs change places where each says its own subject and date."""
    found = list(blocks(notice.body))
    number = 0
    while number + 1 < len(found):
        pair = found[number : number + 2]
        before = found[number - 1].text if number else ""
        if all(
            block.kind == "paragraph"
            and len(block.text) > 60
            and _ALONE.search(block.text)
            and not _LEANING.search(block.text)
            and block.text[-1:] == "."
            for block in pair
        ) and not before.endswith(":"):
            found[number : number + 2] = reversed(pair)
            number += 1
        number += 1
    return replace(notice, body=markup(found))


_PARTICIPLES = {"delist": "delisted", "remove": "removed", "suspend": "suspended", "halt": "halted"}
_ACTIVE = re.compile(
    r"\b(?P<who>Binance(?: Futures| Margin)?|OKX|KuCoin|Bybit) will (?P<verb>delist|remove|suspend|halt) (?P<what>(?:(?! and (?:cease|delist|remove|halt|suspend)|[.;:]| will | at \d| on \d| from | starting).){3,300})",
    re.I,
)


def passive(notice: Notice) -> Notice:
    """ "X will delist Y" becomes "Y will be delisted by X"."""

    def turn(found: re.Match[str]) -> str:
        done = _PARTICIPLES[found["verb"].lower()]
        what = found["what"][:1].upper() + found["what"][1:]
        if found["verb"][0].isupper():
            return f"{what} Will Be {done.title()} by {found['who']}"
        return f"{what} will be {done} by {found['who']}"

    return with_texts(
        notice,
        lambda text: (
            _ACTIVE.sub(turn, text, count=1)
            if not re.search(r"\band (?:cease|delist|remove|halt|suspend|support)", text)
            else text
        ),
    )


def title_in_capitals(notice: Notice) -> Notice:
    return replace(notice, title=notice.title.upper().replace("USDⓈ", "USDⓈ"))


_PLAIN_WORDS = re.compile(
    r"\b(?:Will|Delist\w*|Remov\w+|Of|The|Trading|Pairs?|Spot|Margin|Perpetual|Contracts?|Notice|Supports?|Network|Upgrade|Hard|Fork|Suspen\w+|Deposits?|Withdrawals?|Multiple|Selected|On|And|Token|Swap|Rebranding|Extend|Include|Monitoring|Tag|To|Cease|Completed|Has|Have|Postponed?)\b"
)


def title_in_small_letters(notice: Notice) -> Notice:
    """The title as a sentence: its ordinary words in small letters."""
    first, rest = notice.title[:1], notice.title[1:]
    return replace(notice, title=first + _PLAIN_WORDS.sub(lambda found: found[0].lower(), rest))


# ---------------------------------------------------------------------------------------------------- what stands around
def surrounded(name: str) -> Rewording:
    """Further reading, promotions, footers or navigation after the body (and before it, where it is navigation)."""
    before, after = SURROUNDINGS[name]
    return lambda notice: replace(notice, body=before + markup(blocks(notice.body)) + after)


def surrounded_in_markdown(notice: Notice) -> Notice:
    return replace(
        notice,
        body=f"{as_markdown(notice).body}\n\n## Related articles\n\n"
        + "\n".join(f"- [{title}](https://x.example/{number})" for number, title in enumerate(READING)),
    )


def surrounded_in_plain_text(notice: Notice) -> Notice:
    lines = [block.text for block in blocks(notice.body)]
    if any(block.kind != "paragraph" for block in blocks(notice.body)):
        return notice
    return replace(notice, body="\n\n".join([*lines, "You may also like", *READING]))


_GREETING = re.compile(r"^(?:Fellow Binancians|Dear (?:\w+ )?(?:users?|traders?|customers?)),?$", re.I)
_THANKS = re.compile(r"^(?:Thank you|Thanks) for your (?:support|patience|understanding)\W*$", re.I)
_TEAM = re.compile(r"^(?:The )?(?:Binance|OKX|KuCoin) Team$", re.I)


def framed_in(language: str) -> Rewording:
    """Greeting, thanks and signature in another language."""

    def change(text: str) -> str:
        for pattern, words in ((_GREETING, GREETINGS), (_THANKS, THANKS), (_TEAM, FAREWELLS)):
            if pattern.match(text.strip()):
                return words[language]
        return text

    return lambda notice: with_texts(notice, change, title=False)


REWORDINGS: Mapping[str, Rewording] = {
    **{f"dates: {name}": respelled(spelling) for name, spelling in SPELLINGS.items()},
    "order: items": items_reversed,
    "order: pairs": pairs_reversed,
    "order: sentences": sentences_swapped,
    "voice: passive": passive,
    "case: capitals": title_in_capitals,
    "case: small letters": title_in_small_letters,
    "layout: HTML": lambda notice: with_texts(notice, str),
    "layout: tree": as_tree,
    "layout: Markdown": as_markdown,
    "layout: line ends": as_lines,
    "layout: table": in_a_layout_table,
    "layout: wrapped": wrapped,
    "noise: soft hyphens": lambda notice: with_texts(notice, soft_hyphens),
    "noise: zero widths": lambda notice: with_texts(notice, zero_widths),
    "noise: hard blanks": lambda notice: with_texts(notice, hard_blanks),
    "noise: typographic": lambda notice: with_texts(notice, typographic),
    "noise: full width": lambda notice: with_texts(notice, wide),
    "noise: tags": split_by_tags,
    "noise: bold": bold_in_pairs,
    **{f"around: {name}": surrounded(name) for name in SURROUNDINGS},
    "around: Markdown": surrounded_in_markdown,
    "around: plain text": surrounded_in_plain_text,
    **{f"frame: {language}": framed_in(language) for language in GREETINGS},
}

# ---------------------------------------------------------------------------------------------------- the comparison
NEEDED = 0.99
COMPARED = (
    "event",
    "category",
    "phase",
    "tokens",
    "tickers",
    "important_dates",
    "trading_ends_at",
    "trading_status",
    "market",
    "review",
)


def reading(notice: Notice, splitter: SymbolSplitter) -> dict[str, Any]:
    """What the parser says of a notice; names and dates without their order."""
    said = answer(read_parts(notice.exchange, notice.title, notice.body, notice.released_at, splitter), None)
    return {key: tuple(sorted(said[key])) if isinstance(said[key], list) else said[key] for key in COMPARED}


def differences(
    notices: Iterable[Notice], splitter: SymbolSplitter, one_in: int = 1
) -> Iterator[tuple[str, Notice, dict[str, Any]]]:
    """(rewording, notice, what differs: old and new value by field) for every rewording that changes a notice.

    one_in: with n, each notice meets every n-th rewording, its neighbour the ones after these.
    """
    for number, notice in enumerate(notices):
        before = reading(notice, splitter)
        for name, rewording in list(REWORDINGS.items())[number % one_in :: one_in]:
            if notice.body is None and not name.startswith(("dates", "case", "voice")):
                continue
            changed = rewording(notice)
            if changed == notice:
                continue
            after = reading(changed, splitter)
            yield name, notice, {key: (before[key], after[key]) for key in COMPARED if before[key] != after[key]}


def captured(captures: Path = CAPTURES, count: int = 30) -> list[Notice]:
    """Articles of the captures, events first, spread evenly."""
    labelled = [row for row in rows(captures / "labelled_articles.jsonl") if not is_apart(row)]
    labelled.sort(key=lambda row: not row["event"])
    step = max(1, len(labelled) // count)
    chosen = labelled[::step][:count] if count < len(labelled) else labelled
    return [
        Notice(
            row["exchange"], row["title"], row["body"], moment(row["released_at"]) if row.get("released_at") else None
        )
        for row in chosen
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("--captures", type=Path, default=CAPTURES)
    parser.add_argument("--count", type=int, default=30)
    parser.add_argument("--show", default="", help="print what differs for rewordings whose name contains this")
    options = parser.parse_args()
    same, total = Counter[str](), Counter[str]()
    for name, notice, differs in differences(captured(options.captures, options.count), SymbolSplitter()):
        total[name] += 1
        same[name] += not differs
        if differs and options.show and options.show in name:
            print(f"  {name}: {notice.title[:80]}: {differs}")
    for name in total:
        print(f"{same[name]:>3}/{total[name]:<3} {name}")
    share = same.total() / max(1, total.total())
    print(f"{same.total()}/{total.total()} = {share:.4f}")
    raise SystemExit(share < NEEDED)
