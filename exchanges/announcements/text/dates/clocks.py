# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""The times of day of a text, in every spelling.

08:00 · 9:59:59 PM · 8 a.m. · 0800 UTC · 08:00 hours · 8.00 UTC · 3 UTC · noon · midnight · 上午11:00 · 下午3点半 · 11時30分 · 오후 3시 ·
saat 06:00 · в 06:00 · 10 giờ 30 sáng · 8h30
"""

from __future__ import annotations

import re

from exchanges.announcements.text.dates.months import CHINESE_NUMBER, number_of
from exchanges.announcements.text.dates.types import Clock
from exchanges.announcements.text.dates.zones import Zone, zone_after, zone_before

_HALF_BEFORE = re.compile(
    r"(?:上午|下午|凌晨|早上|早晨|清晨|晚上|晚间|晚間|夜间|傍晚|中午|午前|午後|오전|오후|새벽|저녁|밤|\bAM|\bPM)(?=\s?$)"
)
_HALF_AFTER = r"(?:\s?(?P<half>[ap]\.?\s?m\b\.?)|\s(?P<half_word>in the (?:morning|afternoon|evening)|sáng|chiều|tối|trưa|утра|дня|вечера|ночи))"
_HOURS = r"(?:\s?(?:hours|hrs?|uhr|часов|час[а]?|h)\b)"
_NAMED_ZONE = r"\s?[(,]?\s?(?:UTC|GMT|KST|JST|HKT|SGT|MSK|МСК|TSİ|TRT|CES?T|E[SD]?T|P[SD]?T|[a-z]{2,9}\s(?:[a-z]{2,9}\s)?time)(?![a-z0-9])"
# The patterns, what a text needs to match one (quick to look for), and whether a text of plain ASCII can.
_CLOCKS: tuple[tuple[re.Pattern[str], re.Pattern[str] | None, bool], ...] = (
    # 08:00, 8:00:30 PM, 上午 11:00, 08:00 hours
    (re.compile(rf"(?<![\d:+])(?<!\d\.)(?P<h>\d{{1,2}}):(?P<min>\d{{2}})(?::(?P<s>\d{{2}})(?:\.\d{{1,6}})?)?(?!\d|:\d|%|,\d{{3}}){_HALF_AFTER}?{_HOURS}?(?:\s(?:noon|midday)\b)?", re.I), re.compile(r"\d:\d\d"), True),
    # 8 a.m., 8.30 pm
    (re.compile(r"(?<![\d:.,/])(?P<h>\d{1,2})(?:\.(?P<min>\d{2}))?\s?(?P<half>[ap]\.?m\b\.?)", re.I), re.compile(r"\d\s?[ap]\.?m", re.I), True),
    # 11点, 下午3点半, 11時30分, 오후 3시 30분, 10 giờ 30 phút
    (
        re.compile(
            rf"(?<![\d:])(?<!\d[.,])(?P<h>\d{{1,2}}|(?<![月年])(?!一\s?[时時点點]){CHINESE_NUMBER}{{1,3}})\s?(?:[点點時시]|时(?!区|區)|giờ)(?!間|间|간|区|區)(?:\s?(?P<min>\d{{1,2}}|{CHINESE_NUMBER}{{1,3}})\s?(?:分|분|phút)|(?<=giờ)\s(?P<minutes>[0-5]\d)(?!\d)|\s?(?P<thirty>半|반)|\s?(?:整|鐘|钟|정각))?{_HALF_AFTER}?",
            re.I,
        ),
        re.compile(r"[点點時时시]|giờ", re.I),
        False,
    ),
    # noon, midnight
    (re.compile(r"\b(?:12(?::00)?\s)?(?:(?P<noon>noon|midday)|(?P<midnight>midnight))\b", re.I), re.compile(r"[nm](?:oon|id)", re.I), True),
    (
        re.compile(
            r"(?P<noon>\böğlen\b|\bполдень\b|\bполудня\b|正午|정오)|(?P<midnight>\bgece yarısı\b|\bполночь\b|\bполуночи\b|\bnửa đêm\b|零点|零點|零时|零時|午夜|자정)",
            re.I,
        ),
        None,
        False,
    ),
)  # fmt: skip
# Numbers that are a time only beside a zone or a word. What a text needs to match one, and the words that must stand
# before, or None.
_EDGE = r"(?<![\w:.,/$€#-])"
_LED = re.compile(r"(?:\b(?:at|by|from|to|until|till|after|before|saat|pukul|в)|[-~])\s$", re.I)
_AT = re.compile(r"\b(?:at|about|saat|pukul|в)\s$", re.I)
_RUSSIAN_AT = re.compile(r"\b(?:в|с|до)\s$", re.I)
_BARE: tuple[tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str] | None, bool], ...] = (
    (re.compile(rf"(?<![\w:.,/$€#])(?<!\D-)(?P<h>[01]\d|2[0-4])(?P<min>[0-5]\d)(?=\s?z\b|{_NAMED_ZONE}|\s?(?:hours|hrs)\b)(?:\s?(?:hours|hrs)\b)?", re.I), re.compile(r"\d{4}\s?[(,]?\s?[^\W\d_]"), None, True),
    (re.compile(rf"{_EDGE}(?P<h>\d{{1,2}})[.h](?P<min>[0-5]\d)(?![\d.,:%])(?={_NAMED_ZONE}|\s?z\b|['’][dt][aei]){_HOURS}?", re.I), re.compile(r"\d[.h]\d\d", re.I), None, True),
    (re.compile(rf"{_EDGE}(?P<h>\d{{1,2}})(?=h?{_NAMED_ZONE})", re.I), re.compile(r"\s\d{1,2}\s?[(,]?\s?[^\W\d_]"), _LED, True),
    (re.compile(rf"{_EDGE}(?P<h>\d{{1,2}})\s?h\s?(?P<min>[0-5]\d)?(?![\w.,:%])(?:\s(?P<half_word>sáng|chiều|tối|trưa))?", re.I), re.compile(r"\d\s?h", re.I), None, False),
    (re.compile(rf"{_EDGE}(?P<h>\d{{1,2}})[.](?P<min>[0-5]\d)(?![\d.,:%])", re.I), re.compile(r"\s\d{1,2}\.\d\d"), _AT, False),
    (re.compile(rf"{_EDGE}(?P<h>[01]\d|2[0-4])(?P<min>[0-5]\d)(?![\w,:%/]|\.\d)", re.I), re.compile(r"\s\d{4}"), _AT, False),
    (re.compile(rf"{_EDGE}(?P<h>\d{{1,2}})-(?P<min>[0-5]\d)(?={_NAMED_ZONE})", re.I), re.compile(r"\s\d{1,2}-\d\d"), _RUSSIAN_AT, True),
    (re.compile(rf"{_EDGE}(?P<h>\d{{1,2}})\s?ч(?:ас\w{{0,2}})?\.?(?:\s?(?P<min>[0-5]\d)\s?мин\w*\.?)?(?!\w)", re.I), re.compile(r"\d\s?ч", re.I), None, False),
    (re.compile(rf"{_EDGE}(?P<h>\d{{1,2}})\so'clock\b(?:\s(?P<half_word>in the (?:morning|afternoon|evening)))?", re.I), re.compile(r"\d\so'", re.I), None, True),
)  # fmt: skip
_FIRST_END = re.compile(
    r"(?<![\w:.,/$€#+-])(?:(?P<h>[01]\d|2[0-3])[:.]?(?P<min>[0-5]\d)|(?P<hour>\d{1,2}))\s?(?:-|~|to|and|until|till)\s?$",
    re.I,
)
_AFTERNOON = frozenset("下午 晚上 晚间 晚間 夜间 傍晚 午後 오후 저녁 밤 PM chiều tối дня вечера".split())
_MORNING = frozenset("上午 凌晨 早上 早晨 清晨 午前 오전 새벽 AM sáng утра ночи".split())


# More than any real sentence or row has.
MAX_CLOCKS = 100


def clocks(text: str, taken: list[tuple[int, int]]) -> list[Clock]:
    """The times of a text in its order, outside the spans of its days."""
    mask = bytearray(len(text))
    for start, stop in taken:
        mask[start:stop] = b"\1" * (stop - start)
    found: list[Clock] = []
    plain = text.isascii()
    for pattern, needed, ascii_too in _CLOCKS:
        if (ascii_too or not plain) and (needed is None or needed.search(text)):
            _add(found, mask, text, pattern, None, True)
    for pattern, needed, led, sure in _BARE:
        if needed.search(text):
            _add(found, mask, text, pattern, led, sure)
    found.extend(_first_ends(text, found, mask))
    return sorted(found, key=lambda clock: clock.start)


def _first_ends(text: str, found: list[Clock], mask: bytearray) -> list[Clock]:
    """The first ends of windows that are only a number: "3 to 5 AM", "0300-0500 UTC"."""
    ends = []
    for clock in found:
        match = _FIRST_END.search(text, max(0, clock.start - 14), clock.start)
        if match is None or any(mask[match.start() : match.end()]):
            continue
        hour, minute = int(match["h"] or match["hour"]), int(match["min"] or 0)
        if re.search(r"p\.?m", text[clock.start : clock.stop], re.I) and hour + 12 <= clock.hour:
            hour += 12
        if hour < 24:
            ends.append(Clock(hour, minute, 0, clock.zone, match.start(), match.end("min" if match["min"] else "hour")))
    return ends


def _add(
    found: list[Clock],
    mask: bytearray,
    text: str,
    pattern: re.Pattern[str],
    led: re.Pattern[str] | None,
    sure: bool,
) -> None:
    for match in pattern.finditer(text):
        if any(mask[match.start() : match.end()]):
            continue
        if led is not None and not led.search(text[max(0, match.start() - 8) : match.start()]):
            continue
        if len(found) >= MAX_CLOCKS:
            return
        clock = _clock(text, match, sure)
        if clock is not None:
            mask[clock.start : clock.stop] = b"\1" * (clock.stop - clock.start)
            found.append(clock)


def _clock(text: str, match: re.Match[str], sure: bool) -> Clock | None:
    groups = match.groupdict()
    start = match.start()
    if groups.get("noon"):
        hour, minute, second = 12, 0, 0
    elif groups.get("midnight"):
        hour, minute, second = 0, 0, 0
    else:
        hour = number_of(groups["h"])
        minute = 30 if groups.get("thirty") else number_of(groups.get("min") or groups.get("minutes") or "0")
        second = int(groups.get("s") or 0)
        before = _HALF_BEFORE.search(text, max(0, start - 4), start)
        start = before.start() if before else start
        hour = _of_day(hour, groups, before[0] if before else "")
    if hour > 24 or minute > 59 or second > 59 or (hour == 24 and (minute or second)):
        return None
    zone, stop = _zone(text, start, match.end())
    return Clock(hour, minute, second, zone, start, stop, sure)


def _of_day(hour: int, groups: dict[str, str | None], before: str) -> int:
    half = (groups.get("half") or "").lower().replace(".", "").replace(" ", "")
    word = (groups.get("half_word") or "").lower()
    if half == "pm" or before in _AFTERNOON or word in _AFTERNOON or word.endswith(("afternoon", "evening")):
        return hour + 12 if hour < 12 else hour
    if before == "中午" or word == "trưa":
        return hour + 12 if hour < 3 else hour
    if half == "am" or before in _MORNING or word in _MORNING or word.endswith("morning"):
        return 0 if hour == 12 else hour
    return hour


def _zone(text: str, start: int, stop: int) -> tuple[Zone | None, int]:
    after = zone_after(text, stop)
    if after is not None:
        return after
    before = zone_before(text, start)
    return (before[0] if before else None), stop
