"""The names of months in the languages that are read, and numbers written as Chinese characters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from exchanges.announcements.text.normalise import remembered_alone

# In each language the stems or full forms of January to December; endings of cases are listed or follow an apostrophe.
_ENGLISH = (
    "jan(?:uary)?", "feb(?:ruary)?", "mar(?:ch)?", "apr(?:il)?", "may", "june?", "july?", "aug(?:ust)?",
    "sept?(?:ember)?", "oct(?:ober)?", "nov(?:ember)?", "dec(?:ember)?",
)  # fmt: skip
_TURKISH = (
    "ocak", "[şs]ubat", "mart", "nisan", "may[ıi]s", "haziran", "temmuz", "a[ğg]ustos", "eyl[üu]l", "ekim",
    "kas[ıi]m", "aral[ıi]k",
)  # fmt: skip
_RUSSIAN = (
    "янв(?:ар[ьяе])?", "фев(?:р)?(?:ал[ьяе])?", "мар(?:т[ае]?)?", "апр(?:ел[ьяе])?", "ма[йяе]", "июн[ьяе]?",
    "июл[ьяе]?", "авг(?:уст[ае]?)?", "сен(?:т)?(?:ябр[ьяе])?", "окт(?:ябр[ьяе])?", "ноя(?:б)?(?:р[ьяе])?",
    "дек(?:абр[ьяе])?",
)  # fmt: skip
# Notices in these languages are for an admin to read; their dates are the same to everyone.
_OTHER = (
    "enero|janeiro|januari|janvier|januar|gennaio|sty(?:czeń|cznia)|січня|มกราคม",
    "febrero|fevereiro|februari|februar|février|febbraio|lutego|лютого|กุมภาพันธ์",
    "marzo|março|maart|maret|mars|märz|marca|березня|มีนาคม",
    "abril|april|avril|aprile|kwietnia|квітня|เมษายน",
    "mayo|maio|mei|mai|maggio|maja|травня|พฤษภาคม",
    "junio|junho|juni|juin|giugno|czerwca|червня|มิถุนายน",
    "julio|julho|juli|juillet|luglio|lipca|липня|กรกฎาคม",
    "agosto|agustus|augustus|août|sierpnia|серпня|สิงหาคม",
    "sep?tiembre|setembro|september|septembre|settembre|września|вересня|กันยายน",
    "octubre|outubro|oktober|octobre|ottobre|października|жовтня|ตุลาคม",
    "noviembre|novembro|november|novembre|listopada|листопада|พฤศจิกายน",
    "diciembre|dezembro|desember|dezember|décembre|dicembre|grudnia|грудня|ธันวาคม",
)
MONTH = (
    "(?:"
    + "|".join(
        f"(?P<m{number}>{'|'.join(names)})"
        for number, names in enumerate(zip(_ENGLISH, _TURKISH, _RUSSIAN, _OTHER, strict=True), start=1)
    )
    + r")(?![^\W\d_])\.?(?:'\w{1,5})?"
)
_MONTH = re.compile(MONTH, re.I)
_PLAIN_WORD = re.compile(r"[A-Za-z]{3,}")
_WORD = re.compile(r"(?:[^\W\d_]|[ก-๎]){3,}")
CHINESE_NUMBER = "[〇零一二三四五六七八九十廿卅]"
_DIGITS: Mapping[str, int] = {digit: value for value, digit in enumerate("〇一二三四五六七八九")} | {"零": 0}


@lru_cache(maxsize=4096)
def _is_month(word: str) -> bool:
    return _MONTH.match(word) is not None


@remembered_alone
def has_month(text: str) -> bool:
    """Whether a word of a text may be the name of a month: most texts have none, and patterns need not look."""
    words = (_PLAIN_WORD if text.isascii() else _WORD).findall(text)
    return any(_is_month(word) for word in set(words) if len(word) < 15)


def named_month(groups: Mapping[str, str | None]) -> int:
    """The month whose group of `MONTH` matched."""
    return next(number for number in range(1, 13) if groups.get(f"m{number}"))


def number_of(text: str) -> int:
    """A number in digits or in Chinese characters up to 99, or a year digit by digit (二〇二六)."""
    if text.isdecimal():
        return int(text)
    text = text.replace("廿", "二十").replace("卅", "三十")
    if "十" in text:
        tens, _, ones = text.partition("十")
        return _digits(tens or "一") * 10 + _digits(ones or "〇")
    return _digits(text)


def _digits(text: str) -> int:
    value = 0
    for digit in text:
        value = value * 10 + _DIGITS.get(digit, 0)
    return value
