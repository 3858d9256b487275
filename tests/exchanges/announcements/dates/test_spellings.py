# ruff: noqa: E501 (a spelling stands on one line)
"""One grammar for every spelling of a moment: days × times × the words between, in seven languages."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from exchanges.announcements.text.dates import moments, without_dates
from exchanges.announcements.text.normalise import normalise

RELEASED = datetime(2026, 5, 7, 6, tzinfo=UTC)
# All of them are 14 May 2026, 03:00 UTC.
ENGLISH = (
    ["2026-05-14", "2026/05/14", "2026.05.14", "14.05.2026", "14/05/2026", "05/14/2026", "14-05-2026", "14 May 2026", "14 May", "14th May 2026", "14th of May, 2026", "the 14th of May", "May 14, 2026", "May 14th", "14-May-2026", "14-May-26", "14 May '26", "May 14, '26", "14/05/26", "Thursday, 14 May 2026", "Thu, May 14, 2026", "Thu 14 May", "2026 May 14", "20260514", "14 MAY 2026", "14.5.2026", "14 May 2026 (Thursday)", "２０２６-０５-１４"],
    ["03:00 UTC", "3:00 AM (UTC)", "3 AM UTC", "3am UTC", "3 a.m. UTC", "03.00 UTC", "0300 UTC", "0300 hours UTC", "0300 hrs (UTC)", "03:00 hours UTC", "03:00:00 UTC", "03:00 GMT", "03:00 (UTC+00:00)", "03:00Z", "11:00 UTC+8", "11:00 (GMT+8)", "11:00 UTC +08:00", "11:00 Beijing time", "11 AM Singapore time", "11:00 HKT", "12:00 KST", "noon KST", "12 noon JST", "06:00 MSK", "10:00 ICT", "08:30 IST", "05:00 CEST", "04:00 London time", "03h00 UTC", "０３：００（ＵＴＣ）"],
    ["{d} at {t}", "{d}, {t}", "{t} on {d}", "{t}, {d}", "at {t} on {d}", "{d} - {t}", "on {d}, at exactly {t}", "{d} | {t}", "{d} ({t})", "{t} ({d})", "from {t} on {d} onwards", "by {t} on {d}", "On {d} trading of AAA/USDT stops at {t}.", "At {t} trading of AAA/USDT stops ({d})."],
)  # fmt: skip
CHINESE = (
    ["2026年5月14日", "2026 年 5 月 14 日", "2026年05月14日", "5月14日", "2026年5月14號", "2026-05-14", "2026年5月14日（星期四）", "二〇二六年五月十四日"],
    ["11:00（UTC+8）", "11：00（北京时间）", "上午11:00（东八区时间）", "上午 11 点（北京時間）", "11点整（UTC+8）", "11 时 00 分（UTC+8）", "11時（香港時間）", "上午十一点（北京时间）", "凌晨3点（UTC）", "03:00（UTC）"],
    ["{d} {t}", "将于{d} {t}下架", "自 {d} {t} 起", "于{d}的{t}停止交易", "{d}将停止交易，时间为{t}", "本平台將於 {d} {t} 暫停充值"],
)  # fmt: skip
KOREAN = (
    ["2026년 5월 14일", "2026년 5월 14일(목)", "5월 14일", "2026.05.14", "2026. 5. 14.", "26.05.14", "2026/05/14(목)", "2026 년 5 월 14 일"],
    ["12:00 (KST)", "오후 12시 (KST)", "정오 (KST)", "12시 00분 KST", "12:00(한국시간)", "오전 3시 (UTC)", "03:00 UTC"],
    ["{d} {t}", "{d} {t}부터", "{d}에 거래가 종료됩니다. 시각: {t}", "{d} 거래 종료 시각은 {t}입니다"],
)  # fmt: skip
JAPANESE = (
    ["2026年5月14日", "2026年5月14日(木)", "5月14日（木）", "2026/05/14(木)", "令和8年5月14日"],
    [
        "12:00（日本時間）",
        "12時（日本時間）",
        "午後0時（JST）",
        "12時00分（日本時間）",
        "正午（日本時間）",
        "午前3時（UTC）",
    ],
    ["{d} {t}より", "{d}の{t}に", "{d}　{t}をもって", "{d}に取扱いを{t}で終了"],
)
TURKISH = (
    ["14 Mayıs 2026", "14 Mayıs", "14 Mayıs 2026 Perşembe", "14.05.2026", "14 MAYIS 2026"],
    [
        "06:00 (TSİ)",
        "saat 06:00'da (TSİ)",
        "saat 06.00'da (TSİ)",
        "TSİ 06:00'da",
        "06:00 (Türkiye saati)",
        "03:00 (UTC)",
    ],
    ["{d} {t}", "{d} günü {t}", "{d} tarihinde, {t}", "{d} itibarıyla {t}"],
)
RUSSIAN = (
    ["14 мая 2026 г.", "14 мая 2026 года", "14 мая", "14.05.2026", "14.05.2026 г."],
    ["06:00 МСК", "06:00 (мск)", "06:00 по московскому времени", "6:00 утра МСК", "03:00 (UTC)", "06:00 (UTC+3)"],
    ["{d} в {t}", "{d}, {t}", "в {t} {d}", "с {t} {d}"],
)
VIETNAMESE = (
    ["14/05/2026", "14/5/2026", "14 tháng 5 năm 2026", "14 tháng 5", "14-05-2026", "14/05"],
    ["10:00 (giờ Việt Nam)", "10:00 (UTC+7)", "10h00 (giờ Việt Nam)", "10 giờ 00 (UTC+7)", "10 giờ sáng (giờ Việt Nam)", "03:00 (UTC)"],
    ["{t} ngày {d}", "vào lúc {t} ngày {d}", "ngày {d} lúc {t}", "lúc {t}, {d}", "từ {t} ngày {d}"],
)  # fmt: skip
OTHER = (
    ["14 de mayo de 2026", "14 mai 2026", "14. Mai 2026", "14 Mei 2026", "14 травня 2026 року", "14 พฤษภาคม 2026"],
    ["03:00 UTC", "10:00 WIB", "05:00 CEST"],
    ["{d} {t}", "{d}, {t}", "{d} ({t})"],
)


def sentences(days: list[str], times: list[str], joins: list[str]) -> Iterator[str]:
    """Every day with every form of words, the times in turn, and every time with every form of words."""
    turns = itertools.cycle(times)
    for day, join in itertools.product(days, joins):
        yield normalise(join.format(d=day, t=next(turns)))
    turns = itertools.cycle(days)
    for time, join in itertools.product(times, joins):
        yield normalise(join.format(d=next(turns), t=time))


@pytest.mark.parametrize(
    "language",
    [ENGLISH, CHINESE, KOREAN, JAPANESE, TURKISH, RUSSIAN, VIETNAMESE, OTHER],
    ids=["en", "zh", "ko", "ja", "tr", "ru", "vi", "other"],
)
def test_every_spelling_of_one_moment_is_that_moment(language: tuple[list[str], list[str], list[str]]) -> None:
    expected = [datetime(2026, 5, 14, 3, tzinfo=UTC)]
    wrong = {
        text: found
        for text in sentences(*language)
        if (found := [moment.at for moment in moments(text, RELEASED)]) != expected
    }
    assert wrong == {}


def shown(text: str, released: datetime | None = RELEASED, exchange: str = "") -> str:
    """Day and time of each moment: "14T03:00", a window of hours "14T03:00~05:00", the second end of a window ")"."""
    return " ".join(
        f"{moment.at:%dT%H:%M}" + (f"~{moment.end:%H:%M}" if moment.end else "") + (")" if moment.ends_window else "")
        for moment in moments(normalise(text), released, exchange)
    )


@pytest.mark.parametrize(
    "text",
    [
        "14 May 2026, 03:00-05:00 UTC", "from 03:00 UTC to 05:00 UTC on May 14", "between 03:00 and 05:00 UTC on 14 May",
        "14 May 2026 03:00 UTC - 05:00 UTC", "3-5 AM UTC on 14 May", "from 3 to 5 AM UTC on May 14", "0300-0500 UTC on 14 May",
        "On 14 May trading will pause between 03:00 and 05:00 UTC", "11:00–13:00 Beijing time on 14 May",
        "2026年5月14日11:00至13:00（UTC+8）", "2026年5月14日 上午11点至下午1点（UTC+8）", "5月14日11:00～13:00（UTC+8）",
        "2026년 5월 14일 12:00부터 14:00까지 (KST)", "5월 14일(목) 오후 12시 ~ 오후 2시 (KST)",
        "2026年5月14日12時から14時まで（JST）", "14 Mayıs 2026 06:00-08:00 (TSİ)", "14 Mayıs'ta 06:00'dan 08:00'e kadar (TSİ)",
        "14 Mayıs 2026 saat 06:00 ile 08:00 (TSİ) arasında", "14 мая 2026 г. с 06:00 до 08:00 МСК", "между 06:00 и 08:00 МСК 14 мая",
        "từ 10:00 đến 12:00 ngày 14/05/2026 (giờ Việt Nam)", "ngày 14/05/2026 từ 10h00 đến 12h00 (giờ Việt Nam)",
    ],
)  # fmt: skip
def test_a_window_of_hours_in_every_spelling(text: str) -> None:
    assert shown(text) == "14T03:00~05:00"


@pytest.mark.parametrize(
    "text",
    [
        "from 14 May 2026 03:00 UTC to 15 May 2026 05:00 UTC", "between 2026-05-14 03:00 and 2026-05-15 05:00 (UTC)",
        "14 May 03:00 - 15 May 05:00 UTC", "starting 03:00 UTC on 14 May and ending 05:00 UTC on 15 May",
        "14.05.2026 03:00 - 15.05.2026 05:00", "2026年5月14日11:00至5月15日13:00（UTC+8）", "2026년 5월 14일 12:00 ~ 15일 14:00 (KST)",
        "5月14日12:00から15日14:00まで（JST）", "14 Mayıs 06:00 - 15 Mayıs 08:00 (TSİ)", "с 06:00 14 мая до 08:00 15 мая (МСК)",
        "từ 10:00 ngày 14/05 đến 12:00 ngày 15/05/2026 (giờ Việt Nam)",
    ],
)  # fmt: skip
def test_a_window_of_days_with_times_in_every_spelling(text: str) -> None:
    assert shown(text) == "14T03:00 15T05:00)"


@pytest.mark.parametrize(
    "text",
    [
        "14-15 May 2026", "from May 14 through 15", "May 14 - May 15", "between May 14 and May 15", "14-15.05.2026", "14/05 - 15/05/2026",
        "2026-05-14 ~ 2026-05-15", "5月14日-15日", "5월 14일~15일", "14–15 мая", "с 14 по 15 мая", "14-15 Mayıs",
        "từ ngày 14 đến ngày 15 tháng 5",
    ],
)  # fmt: skip
def test_a_window_of_days_in_every_spelling(text: str) -> None:
    assert shown(text) == "14T00:00 15T00:00)"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("at 08:00 and 10:00 UTC on 14 May", "14T08:00 14T10:00"),
        ("08:00 UTC on 14 and 16 May", "14T08:00 16T08:00"),
        ("on May 14 and 16, 2026 at 08:00 UTC", "14T08:00 16T08:00"),
        ("5月14日和15日11:00(UTC+8)", "14T03:00 15T03:00"),
        ("Deposits close at 03:00 UTC and withdrawals at 05:00 UTC on 14 May", "14T03:00 14T05:00"),
        ("on 14 May, deposits stop at 03:00 and withdrawals at 05:00 (UTC)", "14T03:00 14T05:00"),
        ("On 14 May deposits stop (03:00 UTC); on 15 May withdrawals stop (05:00 UTC)", "14T03:00 15T05:00"),
        ("They leave on 14 May 2026: 10:00 (UTC) for AAAUSDT, 10:30 (UTC) for BBBUSDT", "14T10:00 14T10:30"),
        ("22時 (JST) に停止、5月14日。同日23時に再開", "14T13:00 14T14:00"),
        ("14 May 2026 03:00 UTC, and the next day at 04:00 UTC", "14T03:00 15T04:00"),
        ("Spot on 13 May, 05:00 UTC; margin on the 14th at 03:00 UTC", "13T05:00 14T03:00"),
        ("on the 14th at 03:00 UTC", "14T03:00"),
        ("本月14日 11:00（UTC+8）", "14T03:00"),
        ("14일 12시(KST)", "14T03:00"),
        ("the 3rd edition at 08:00 UTC", ""),
        ("14 мая, 6 ч. 00 мин. (МСК)", "14T03:00"),
        ("в четверг, 14 мая, в 06-00 МСК", "14T03:00"),
    ],
)
def test_several_moments_of_one_sentence(text: str, expected: str) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    "text",
    ["12:00 KST (03:00 UTC) on 14 May 2026", "14 May 2026 at 03:00 UTC / 11:00 Beijing time", "14 May 2026 11:00 (03:00 UTC)", "14 May 2026 03:00 UTC, which is 12:00 KST"],
)  # fmt: skip
def test_a_time_that_is_given_again_in_another_zone_is_one_moment(text: str) -> None:
    assert shown(text) == "14T03:00"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("at 13:25 UTC today", "07T13:25"),
        ("tomorrow, 03:00 (UTC)", "08T03:00"),
        ("今日 13:00 (UTC+8)", "07T05:00"),
        ("this Friday at 09:00 UTC", "08T09:00"),
        ("today we look back", ""),
        ("every Friday by 18:00 (UTC)", ""),
    ],
)
def test_days_spoken_from_the_release(text: str, expected: str) -> None:
    assert shown(text) == expected
    assert shown(text, released=None) == ""


def test_midnight_begins_a_day_and_24_00_ends_one() -> None:
    assert shown("midnight UTC on 15 May") == "15T00:00"
    assert shown("24:00 UTC on 14 May") == "15T00:00"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("May 14, 2026 at 9 PM ET", "15T01:00"),
        ("January 14, 2026 at 9 PM ET", "15T02:00"),
        ("14 May 2026, 12:00 London time", "14T11:00"),
        ("14 January 2026, 12:00 London time", "14T12:00"),
        ("14 May 2026 10:00 UTC - 12:00 UTC", "14T10:00~12:00"),
        ("14 May 2026 10:00 UTC-3", "14T13:00"),
        ("14 May 2026 10:00 UTC-03:00", "14T13:00"),
        ("2026-05-14T11:00:00+08:00", "14T03:00"),
        ("2026-05-14T11:00:00-04:00", "14T15:00"),
    ],
)
def test_zones_with_summer_time_and_offsets(text: str, expected: str) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "block 20,260,514", "BTC-14MAY26", "v1.12.26", "1.5/2.5", "24 hours after", "24/7 from 08:00 UTC", "may 10% of 14 pairs",
        "Boost APR 3 for holders", "SEI120 days 29.9% + Boost APR1 SEI", "1,000点のポイント", "一時停止いたします", "ratio 1/2", "80/20",
        "the tag is applied to 2Z", "AAA-2605", "24小时", "24 giờ", "5/8 of all", "BTC/USDT 10.12", "3.5 UTC tokens", "5月份", "第 5 日線",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_date_is_none(text: str) -> None:
    assert shown(text) == ""


@pytest.mark.parametrize(
    ("title", "left"),
    [
        ("Foo Will Delist AAA on 14.05.2026", "Foo Will Delist AAA"),
        ("Delisting of AAA (14 May 2026, 08:00 UTC)", "Delisting of AAA"),
        ("AAA leaves on May 14th at 0800 UTC", "AAA leaves"),
        ("AAA Wallet Maintenance 2026-05-14 06:00-08:00 UTC", "AAA Wallet Maintenance"),
        ("Delist 1INCH and 0G at 3 AM UTC, 14/05/26", "Delist 1INCH and 0G"),
        ("币安将于 2026 年 5 月 14 日 11:00(UTC+8) 下架 AAA", "币安将于 下架 AAA"),
        ("14 Mayıs 2026 06:00 (TSİ) AAA listeden çıkarılıyor", "AAA listeden çıkarılıyor"),
        ("Perp 1000SHIB 24/7", "Perp 1000SHIB 24/7"),
    ],
)
def test_a_title_loses_its_dates_and_no_name(title: str, left: str) -> None:
    assert " ".join(without_dates(title).split()) == left
