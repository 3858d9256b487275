"""One spelling for titles and sentences: what looks the same to a reader is the same to the parser."""

from __future__ import annotations

from time import perf_counter

import pytest

from exchanges.announcements.text.names import PAIR
from exchanges.announcements.text.normalise import normalise


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("MI\u00adNA/B\u200bTC", "MINA/BTC"),
        ("MINA\u2060/\u2060BTC\ufe0f \u202aends\u202c", "MINA/BTC ends"),
        ("08:00\u00a0(UTC)\u3000on\u202f14\u2009May", "08:00 (UTC) on 14 May"),
        ("ＭＩＮＡ／ＢＴＣ　０８：００　（ＵＴＣ）", "MINA/BTC 08:00 (UTC)"),
        ("𝐌𝐈𝐍𝐀/𝗕𝗧𝗖", "MINA/BTC"),
        ("“MINA” — the ‘old’ one «MINA» 10:00–12:00", '"MINA" - the \'old\' one "MINA" 10:00-12:00'),
        ("USDⓈ-M and USDⓢ", "USD-M and USD"),
        ("tra\u0323\u0302n", "tr\u1ead\u006e"),
        ("다음", "다음"),
    ],
)
def test_unseen_characters_and_other_forms(written: str, read: str) -> None:
    assert normalise(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("移除MINA/BTC和LTO/BTC", "移除 MINA/BTC 和 LTO/BTC"),
        ("5月14日11：00（东八区）下架MINA、LTO。请", "5 月 14 日 11:00(东八区) 下架 MINA, LTO. 请"),
        ("MINA/BTC의 거래지원", "MINA/BTC 의 거래지원"),
        ("米娜（MINA）を廃止", "米娜 (MINA) を廃止"),
        ("移除币安人生/USDT", "移除币安人生/USDT"),
        ("Binance Will Delist 币安人生USDT Perpetual Contract", "Binance Will Delist 币安人生USDT Perpetual Contract"),
        ("兑换为USDT", "兑换为 USDT"),
    ],
)  # fmt: skip
def test_blanks_around_foreign_words(written: str, read: str) -> None:
    assert normalise(written) == read
    assert normalise(read) == read


def test_a_pair_in_chinese_is_a_pair() -> None:
    assert [found[0] for found in PAIR.finditer(normalise("币安将移除MINA/BTC、LTO／BTC交易对"))] == [
        "MINA/BTC",
        "LTO/BTC",
    ]


def test_normalise_is_linear() -> None:
    def seconds(size: int) -> float:
        start = perf_counter()
        normalise("移A除/１，" * size)
        return perf_counter() - start

    seconds(100)
    assert seconds(40_000) < 8 * max(seconds(20_000), 0.01)
