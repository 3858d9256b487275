# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""Time zones as notices name them: abbreviations, offsets, and places ("Beijing time", 北京时间, giờ Việt Nam)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from exchanges.announcements.text.normalise import remembered_alone


@dataclass(frozen=True)
class Zone:
    """Hours east of UTC. summer: whose rule adds an hour in summer ("us", "eu"), or ""."""

    hours: float
    summer: str = ""

    def on(self, day: date) -> float:
        """The offset on a day. Notices stop nothing in the hour of a change, so the day decides."""
        if self.summer == "us":
            begins, ends = _sunday(day.year, 3, 8), _sunday(day.year, 11, 1)
        elif self.summer == "eu":
            begins, ends = _sunday(day.year, 3, 25), _sunday(day.year, 10, 25)
        else:
            return self.hours
        return self.hours + 1 if begins <= day < ends else self.hours


def _sunday(year: int, month: int, from_day: int) -> date:
    """The first Sunday of a month that is not before a day."""
    first = date(year, month, from_day)
    return first + timedelta(days=6 - first.weekday())


UTC_ZONE = Zone(0)
_ABBREVIATIONS: Mapping[str, Zone] = {
    "utc": UTC_ZONE, "gmt": UTC_ZONE, "z": UTC_ZONE, "kst": Zone(9), "jst": Zone(9), "hkt": Zone(8), "sgt": Zone(8),
    "cst": Zone(8), "bjt": Zone(8), "pht": Zone(8), "myt": Zone(8), "awst": Zone(8), "ict": Zone(7), "wib": Zone(7),
    "ist": Zone(5.5), "gst": Zone(4), "msk": Zone(3), "trt": Zone(3), "eest": Zone(3), "eet": Zone(2), "cet": Zone(1),
    "cest": Zone(2), "wat": Zone(1), "sast": Zone(2), "mez": Zone(1), "mesz": Zone(2), "wita": Zone(8), "pkt": Zone(5), "nzst": Zone(12), "nzdt": Zone(13), "bst": Zone(1), "brt": Zone(-3), "est": Zone(-5), "edt": Zone(-4),
    "et": Zone(-5, "us"), "cdt": Zone(-5), "ct": Zone(-6, "us"), "mst": Zone(-7), "pst": Zone(-8), "pdt": Zone(-7),
    "pt": Zone(-8, "us"), "eastern": Zone(-5, "us"), "pacific": Zone(-8, "us"), "aest": Zone(10), "aedt": Zone(11), "мск": Zone(3), "tsi": Zone(3), "tsİ": Zone(3),
}  # fmt: skip
_PLACES: Mapping[str, Zone] = {
    "beijing": Zone(8), "china": Zone(8), "shanghai": Zone(8), "hong kong": Zone(8), "singapore": Zone(8),
    "taipei": Zone(8), "taiwan": Zone(8), "manila": Zone(8), "malaysia": Zone(8), "korea": Zone(9), "korean": Zone(9),
    "seoul": Zone(9), "japan": Zone(9), "tokyo": Zone(9), "vietnam": Zone(7), "hanoi": Zone(7), "bangkok": Zone(7),
    "jakarta": Zone(7), "india": Zone(5.5), "indian": Zone(5.5), "dubai": Zone(4), "moscow": Zone(3),
    "istanbul": Zone(3), "turkey": Zone(3), "turkish": Zone(3), "türkiye": Zone(3), "eastern": Zone(-5, "us"),
    "new york": Zone(-5, "us"), "central": Zone(-6, "us"), "pacific": Zone(-8, "us"),
    "central european": Zone(1, "eu"), "central european summer": Zone(2), "eastern daylight": Zone(-4),
    "pacific daylight": Zone(-7), "british summer": Zone(1), "berlin": Zone(1, "eu"), "paris": Zone(1, "eu"), "london": Zone(0, "eu"),
    "uk": Zone(0, "eu"), "sydney": Zone(10), "mexico city": Zone(-6), "mexico": Zone(-6), "lagos": Zone(1), "brasilia": Zone(-3), "thailand": Zone(7), "philippine": Zone(8), "coordinated universal": UTC_ZONE, "universal": UTC_ZONE,
}  # fmt: skip
_PHRASES: Mapping[str, Zone] = {
    "北京时间": Zone(8), "北京時間": Zone(8), "中国时间": Zone(8), "香港时间": Zone(8), "香港時間": Zone(8),
    "新加坡时间": Zone(8), "新加坡時間": Zone(8), "台北时间": Zone(8), "台北時間": Zone(8), "台湾时间": Zone(8),
    "台灣時間": Zone(8), "东八区时间": Zone(8), "東八區時間": Zone(8), "东八区": Zone(8), "東八區": Zone(8),
    "東8區": Zone(8), "东8区": Zone(8), "首尔时间": Zone(9), "日本時間": Zone(9), "日本标准时间": Zone(9),
    "日本標準時": Zone(9), "韓国時間": Zone(9), "한국시간": Zone(9), "한국 시간": Zone(9), "한국표준시": Zone(9),
    "한국 표준시": Zone(9), "한국 기준": Zone(9), "국내시간": Zone(9), "서울 시간": Zone(9),
    "世界协调时间": UTC_ZONE, "世界协调时": UTC_ZONE, "协调世界时": UTC_ZONE, "世界標準時間": UTC_ZONE,
    "世界协调時": UTC_ZONE, "世界協調時間": UTC_ZONE, "協調世界時": UTC_ZONE, "協定世界時": UTC_ZONE,
    "世界标准时间": UTC_ZONE, "格林尼治时间": UTC_ZONE, "格林威治時間": UTC_ZONE, "협정 세계시": UTC_ZONE,
    "협정세계시": UTC_ZONE, "türkiye saatiyle": Zone(3), "türkiye saatine göre": Zone(3), "türkiye saati": Zone(3),
    "istanbul saati": Zone(3), "İstanbul saati": Zone(3), "по московскому времени": Zone(3),
    "московского времени": Zone(3), "московское время": Zone(3), "по москве": Zone(3), "по мск": Zone(3),
    "horário de brasília": Zone(-3), "hora de brasília": Zone(-3), "hora de méxico": Zone(-6),
    "hora de argentina": Zone(-3), "hora peninsular": Zone(1, "eu"), "hora de madrid": Zone(1, "eu"),
    "heure de paris": Zone(1, "eu"), "ora italiana": Zone(1, "eu"), "deutscher zeit": Zone(1, "eu"),
    "czasu polskiego": Zone(1, "eu"), "за києвом": Zone(2, "eu"), "за київським часом": Zone(2, "eu"),
    "เวลาประเทศไทย": Zone(7), "เวลาไทย": Zone(7), "waktu jakarta": Zone(7), "waktu indonesia barat": Zone(7),
    "по киеву": Zone(2, "eu"), "по киевскому времени": Zone(2, "eu"), "по гринвичу": UTC_ZONE, "по utc": UTC_ZONE,
    "всемирного координированного времени": UTC_ZONE, "giờ việt nam": Zone(7), "giờ vn": Zone(7),
    "giờ hà nội": Zone(7), "giờ quốc tế": UTC_ZONE, "giờ utc": UTC_ZONE,
}  # fmt: skip


def _any(words: Mapping[str, Zone]) -> str:
    return "|".join(re.escape(word).replace(r"\ ", r"\s") for word in sorted(words, key=len, reverse=True))


# A minus is an offset only where it is not the dash of a window of hours ("08:00 UTC - 10:00 UTC").
_OFFSET = (
    r"(?P<offset>(?:\s?\+\s?|\s?±\s?)\d{1,2}(?::?[0-5]\d)?(?!\d)"
    r"|\s?-(?:0?\d|1[01])(?![\d:])|\s?-0[3-9]:?[0-5]\d(?![\d:]|\s?\(?(?:UTC|GMT)))?"
)
# The offset of an ISO time stands without a name.
ZONE = (
    rf"(?:(?P<zone>{_any(_PHRASES)})(?:\s?\(?(?:UTC|GMT)\s?\+\s?\d{{1,2}}\)?)?"
    rf"|\b(?P<place>{_any(_PLACES)})(?:\sstandard|\sdaylight|\slocal)?\stime\b(?:\s?\(?(?:UTC|GMT)\s?\+\s?\d{{1,2}}\)?)?"
    rf"|(?<=\()(?P<city>{_any(_PLACES)})(?=\))"
    rf"|(?<![a-z])(?P<short>{_any(_ABBREVIATIONS)})(?![a-z0-9_İçğşüöа-яё])(?:\s(?:standard\s)?time\b)?{_OFFSET}"
    r"|(?<=\d)\s?(?P<bare>\+\d\d:?\d\d)(?!\d)|(?<=:\d\d:\d\d)(?P<iso>-0[3-9]:[0-5]\d)(?!\d|\s?\(?(?:UTC|GMT)))"
)
AFTER = re.compile(rf"(?:'\w{{1,4}}|까지|부터|まで|から)?[ ,]{{0,2}}[(\[]?\s?{ZONE}(?:\s?[)\]])?", re.I)
# Before a time only names that are nothing else.
_BEFORE = re.compile(
    rf"(?:(?P<zone>{_any(_PHRASES)})|\b(?P<place>{_any(_PLACES)})\stime|\b(?P<short>UTC|GMT|KST|JST|TSİ|МСК)"
    r"(?P<offset>\s?\+\s?\d{1,2}(?::?[0-5]\d)?)?)\s?[):,]{0,2}\s?$",
    re.I,
)
# What a name in plain ASCII contains.
_MAY_NAME = ("UTC", "GMT", "KST", "JST", "HKT", "SGT", "WIB", "TRT", "MSK", "CET", "CEST", " TIME", " SAATI")
_PLACES_UPPER = tuple(place.upper() for place in _PLACES)
_PLAIN_NAMES = rf"\b(?:(?P<place>{_any(_PLACES)})(?:\sstandard|\slocal)?\stime\b|(?P<short>UTC|GMT|KST|JST|HKT|SGT|WIB|TSI|TSİ|TRT|МСК|MSK|CES?T)(?![a-z0-9_İçğşüöа-яё]){_OFFSET})"
_NAMED_PLAIN = re.compile(_PLAIN_NAMES, re.I)
_SHORT = "|".join(f"{name}(?<!\\w{name})" for name in "UTC GMT KST JST HKT SGT WIB TSI TRT MSK CEST CET".split())
_NAMED_SHORT = re.compile(rf"(?P<short>{_SHORT})(?![A-Z0-9_]){_OFFSET}")
_NAMED = re.compile(rf"(?P<zone>{_any(_PHRASES)})|{_PLAIN_NAMES}", re.I)
# "All times are in UTC+8", "Time (UTC+8)", "the times given (UTC+8)", 以上时间均为北京时间, Saatler TSİ'dir.
_STATES = re.compile(
    r"(?:\b(?:times?|dates?|hours|schedule|from|to|start|begins?|ends?|deadline|saat(?:ler)?i?|giờ|thời gian)\b|时间|時間|日時|時刻|시간|시각|일시|врем\w*)[^.。;\d\n]{0,40}$",
    re.I,
)


def zone_after(text: str, position: int) -> tuple[Zone, int] | None:
    """The zone that stands at a position, and where it stops."""
    found = AFTER.match(text, position)
    return (_zone(found), found.end()) if found else None


def zone_before(text: str, position: int) -> tuple[Zone, int] | None:
    """The zone that stands before a position, and where it begins."""
    begin = max(0, position - 30)
    found = _BEFORE.search(text[begin:position])
    return (_zone(found), begin + found.start()) if found else None


def with_zones(texts: Sequence[str]) -> Iterator[str]:
    """The texts that may name a zone, without those in plain ASCII that have no name of one."""
    upper = "\n".join(texts).upper()
    names = [name for name in _MAY_NAME if name in upper]
    for text in texts:
        if not text.isascii() or (names and _has_any(text.upper(), names)):
            yield text


def _has_any(text: str, names: Sequence[str]) -> bool:
    return any(map(text.__contains__, names))


def _names_place(upper: str) -> bool:
    """Whether a text in capitals may have the name of a place before "time": most times are no place's."""
    return " SAATI" in upper or any(
        piece.removesuffix(" STANDARD").removesuffix(" LOCAL").endswith(_PLACES_UPPER)
        for piece in upper.split(" TIME")[:-1]
    )


@remembered_alone
def named_zones(text: str) -> tuple[tuple[Zone, bool], ...]:
    """The zones that a text names by names that are nothing else, each with whether it is stated for all times.

    It is stated where no time stands before it: "All times are UTC+8", "Time (UTC+8)".
    """
    if text.isascii():
        upper = text.upper()
        if not _has_any(upper, _MAY_NAME[:-2]) and not _names_place(upper):
            return ()
        # Capitals with regard to case are quicker to look through, and most texts name no place.
        matches = _NAMED_PLAIN.finditer(text) if _names_place(upper) else _NAMED_SHORT.finditer(upper)
    else:
        matches = _NAMED.finditer(text)
    return tuple((_zone(found), _is_stated(text, found)) for found in matches)


def _is_stated(text: str, found: re.Match[str]) -> bool:
    return _STATES.search(text, max(0, found.start() - 60), found.start()) is not None


def _zone(found: re.Match[str]) -> Zone:
    groups = found.groupdict()
    if groups.get("zone"):
        words = " ".join(groups["zone"].split())
        return _PHRASES.get(words) or _BY_NAME[words.casefold()]
    place = groups.get("place") or groups.get("city")
    if place:
        return _BY_NAME[" ".join(place.split()).casefold() + " time"]
    offset = groups.get("bare") or groups.get("iso") or groups.get("offset")
    if offset:
        hours = _hours(offset)
        if hours is not None:
            return Zone(hours)
    short = groups.get("short")
    return _BY_NAME[short.casefold()] if short else UTC_ZONE


_BY_NAME: Mapping[str, Zone] = {
    **{word.casefold(): zone for word, zone in {**_PHRASES, **_ABBREVIATIONS}.items()},
    **{f"{place.casefold()} time": zone for place, zone in _PLACES.items()},
}


def _hours(offset: str) -> float | None:
    digits = re.sub(r"[\s:]", "", offset)
    number = digits[1:]
    hours = int(number[:-2]) + int(number[-2:]) / 60 if len(number) > 2 else float(int(number))
    return (-hours if digits[0] == "-" else hours) if hours <= 14 else None
