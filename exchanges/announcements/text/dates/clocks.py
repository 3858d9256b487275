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

_HALF = r"(?P<pre>上午|下午|凌晨|早上|早晨|清晨|晚上|晚间|晚間|夜间|傍晚|中午|午前|午後|오전|오후|새벽|저녁|밤)\s?"
_HALF_AFTER = r"(?:\s?(?P<half>[ap]\.?\s?m\b\.?)|\s(?P<half_word>in the (?:morning|afternoon|evening)|sáng|chiều|tối|trưa|утра|дня|вечера|ночи))"
_HOURS = r"(?:\s?(?:hours|hrs?|uhr|часов|час[а]?|h)\b)"
_NAMED_ZONE = r"\s?[(,]?\s?(?:UTC|GMT|KST|JST|HKT|SGT|MSK|МСК|TSİ|TRT|CES?T|E[SD]?T|P[SD]?T)\b"
_CLOCKS = (
    # 08:00, 8:00:30 PM, 上午 11:00, 08:00 hours
    re.compile(
        rf"(?:{_HALF})?(?<![\d:.,])(?P<h>\d{{1,2}}):(?P<min>\d{{2}})(?::(?P<s>\d{{2}})(?:\.\d{{1,6}})?)?(?![\d:%]){_HALF_AFTER}?{_HOURS}?",
        re.I,
    ),
    # 8 a.m., 8.30 pm
    re.compile(r"(?<![\d:.,/])(?P<h>\d{1,2})(?:\.(?P<min>\d{2}))?\s?(?P<half>[ap]\.?m\b\.?)", re.I),
    # 11点, 下午3点半, 11時30分, 오후 3시 30분, 10 giờ 30 phút
    re.compile(
        rf"(?:{_HALF})?(?<![\d:.,])(?P<h>\d{{1,2}}|(?<![月年]){CHINESE_NUMBER}{{1,3}})\s?(?:[点點時시]|时(?!区|區)|giờ)(?!間|间|간|区|區)(?:\s?(?P<min>\d{{1,2}}|{CHINESE_NUMBER}{{1,3}})\s?(?:分|분|phút)|(?<=giờ)\s(?P<minutes>[0-5]\d)(?!\d)|\s?(?P<thirty>半|반)|\s?(?:整|鐘|钟|정각))?{_HALF_AFTER}?",
        re.I,
    ),
    # noon, midnight
    re.compile(
        r"(?:(?:\b12(?::00)?\s)?\b(?:(?P<noon>noon|midday|öğlen|полдень|полудня)|(?P<midnight>midnight|gece yarısı|полночь|полуночи|nửa đêm))(?!\w)|(?P<noon2>正午|정오)|(?P<midnight2>零点|零點|零时|零時|午夜|자정|深夜0時))",
        re.I,
    ),
)
# Numbers that are a time only beside a zone, a word, or a day.
_BARE = (
    re.compile(
        rf"(?<![\w:.,/$€#-])(?P<h>[01]\d|2[0-4])(?P<min>[0-5]\d)(?=\s?z\b|{_NAMED_ZONE}|\s?(?:hours|hrs)\b)(?:\s?(?:hours|hrs)\b)?",
        re.I,
    ),
    re.compile(
        rf"(?<![\w:.,/$€#-])(?P<h>\d{{1,2}})(?P<sep>[.h])(?P<min>[0-5]\d)(?![\d.,:%])(?={_NAMED_ZONE}|\s?z\b){_HOURS}?",
        re.I,
    ),
    re.compile(
        rf"(?:(?<=\bat )|(?<=\bby )|(?<=\bfrom )|(?<=\bto )|(?<=[-~] )|(?<=\buntil )|(?<=\bafter )|(?<=\bbefore ))(?P<h>\d{{1,2}})(?={_NAMED_ZONE}|\s?z\b)",
        re.I,
    ),
)
_BESIDE = (
    re.compile(r"(?<![\w:.,/$€#-])(?P<h>\d{1,2})\s?h\s?(?P<min>[0-5]\d)?(?![\w.,:%])", re.I),
    re.compile(
        r"(?:(?<=\bsaat )|(?<=\bat )|(?<=\bpukul )|(?<=\bв ))(?P<h>\d{1,2})[.](?P<min>[0-5]\d)(?![\d.,:%])", re.I
    ),
    re.compile(r"(?:(?<=\bat )|(?<=\bsaat )|(?<=\bв ))(?P<h>[01]\d|2[0-4])(?P<min>[0-5]\d)(?![\w.,:%/])", re.I),
)
_AFTERNOON = frozenset("下午 晚上 晚间 晚間 夜间 傍晚 午後 오후 저녁 밤 chiều tối дня вечера".split())
_MORNING = frozenset("上午 凌晨 早上 早晨 清晨 午前 오전 새벽 sáng утра ночи".split())


def clocks(text: str, taken: list[tuple[int, int]]) -> list[Clock]:
    """The times of a text in its order, outside the spans of its days."""
    mask = bytearray(len(text))
    for start, stop in taken:
        mask[start:stop] = b"\1" * (stop - start)
    found: list[Clock] = []
    for patterns, sure in ((_CLOCKS, True), (_BARE, True), (_BESIDE, False)):
        for pattern in patterns:
            for match in pattern.finditer(text):
                if any(mask[match.start() : match.end()]):
                    continue
                clock = _clock(text, match, sure)
                if clock is not None:
                    mask[match.start() : match.end()] = b"\1" * (match.end() - match.start())
                    found.append(clock)
    return sorted(found, key=lambda clock: clock.start)


def _clock(text: str, match: re.Match[str], sure: bool) -> Clock | None:
    groups = match.groupdict()
    if groups.get("noon") or groups.get("noon2"):
        hour, minute, second = 12, 0, 0
    elif groups.get("midnight") or groups.get("midnight2"):
        hour, minute, second = 0, 0, 0
    else:
        hour = number_of(groups["h"])
        minute = 30 if groups.get("thirty") else number_of(groups.get("min") or groups.get("minutes") or "0")
        second = int(groups.get("s") or 0)
        hour = _of_day(hour, groups)
    if hour > 24 or minute > 59 or second > 59 or (hour == 24 and (minute or second)):
        return None
    zone, stop = _zone(text, match)
    return Clock(hour, minute, second, zone, match.start(), stop, sure)


def _of_day(hour: int, groups: dict[str, str | None]) -> int:
    half = (groups.get("half") or "").lower().replace(".", "").replace(" ", "")
    word = (groups.get("half_word") or "").lower()
    before = groups.get("pre") or ""
    if half == "pm" or before in _AFTERNOON or word in _AFTERNOON or word.endswith(("afternoon", "evening")):
        return hour + 12 if hour < 12 else hour
    if before == "中午" or word == "trưa":
        return hour + 12 if hour < 3 else hour
    if half == "am" or before in _MORNING or word in _MORNING or word.endswith("morning"):
        return 0 if hour == 12 else hour
    return hour


def _zone(text: str, match: re.Match[str]) -> tuple[Zone | None, int]:
    after = zone_after(text, match.end())
    if after is not None:
        return after
    before = zone_before(text, match.start())
    return (before[0] if before else None), match.end()
