# ruff: noqa: E501 (notices are easier to read on one line)
"""The second opinion: its file is what the script makes, and it may only send a notice to a person."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import numpy as np
import pytest

from benchmarks.train_second_opinion import developed, inputs_of, made, probabilities, trained
from exchanges.announcements import opinion as module
from exchanges.announcements import reviews
from exchanges.announcements.opinion import FILE, THRESHOLD, features, opinion, packed, prepared, shipped, unpacked
from exchanges.announcements.reader import read_parts
from exchanges.announcements.reviews import review_of
from exchanges.announcements.text.blocks import blocks
from exchanges.announcements.text.clauses import clauses
from exchanges.announcements.text.normalise import normalise
from exchanges.announcements.types import ParsedNotice, Review, ReviewReason
from markets.symbols import SymbolSplitter
from tests.exchanges.samples import CAPTURES

SPLITTER = SymbolSplitter()
RELEASED = datetime(2026, 5, 7, tzinfo=UTC)


def parsed(title: str, body: str | None = None, exchange: str = "okx") -> ParsedNotice:
    return read_parts(exchange, title, body, RELEASED, SPLITTER)


def review(title: str, body: str | None = None) -> Review:
    return review_of(ReviewReason.LANGUAGE, normalise(title), clauses(blocks(body)), SPLITTER, "okx")


# -------------------------------------------------------------------------------------------------------------- letters


def test_names_figures_and_dates_are_neutral() -> None:
    one = prepared("KELP/USDT, ZUNI/BTC and MIRA leave Kraken on 2026-05-14 03:00 (UTC)", 300)
    other = prepared("1FLUX/EUR and TANQ leave Bybit on 2027-11-02 18:30 (UTC)", 300)
    assert one == "¤ and ¤ leave § on 0 (utc)"
    assert other == one
    # An abbreviation that says what a notice is about stays, and so does a title in capitals.
    assert prepared("VIP API fees of KELP", 300) == "vip api fees of ¤"
    assert prepared("TRADING OF KELP ENDS", 300) == "trading of kelp ends"


def test_hashes_are_the_same_everywhere() -> None:
    title, body = features("Ω下架", "")
    assert title.tolist() == [65300, 6643, 44101, 45747, 49747, 26434, 9796, 24704, 59942, 37963]
    assert len(body) == 0
    assert [len(part) for part in features("", "")] == [0, 0]


def test_any_text_has_an_opinion() -> None:
    for text in ("", " ", "\ud800", "\x00¤§0", "💥" * 400, "a\u0301" * 300):
        assert 0 <= opinion(text, text) <= 1


def test_a_name_does_not_decide() -> None:
    assert opinion("Farewell to KELP/USDT") == opinion("Farewell to W3X/BTC")


# ---------------------------------------------------------------------------------------------------------------- model


@pytest.mark.parametrize(
    ("title", "text"),
    [
        (
            "Our books for KELP close for the last time",
            "Trading in KELP/EUR ends for good on 3 June 2026 at 09:00 UTC.",
        ),
        (
            "A change to our markets",
            "ZUNI/USDT leaves our order book on 9 May 2026 at 08:00 UTC. Open orders will be cancelled; deposits stop too.",
        ),
        (
            "Transfers of TANQ are on hold",
            "We have switched off deposits and withdrawals of TANQ until further notice.",
        ),
        ("关于停止ZUNI交易的公告", "平台将于2026-06-01停止ZUNI/USDT的交易，请及时提币。"),
        ("Прекращение торгов MIRA", "1 июня 2026 торги парой MIRA/USDT будут прекращены."),
    ],
)
def test_an_event_in_words_of_its_own_is_seen(title: str, text: str) -> None:
    assert opinion(title, text) >= THRESHOLD


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Guess what a fork is and win 300 USDC", "The quiz ends on 1 June. We may cancel the campaign at any time."),
        ("Savings: KELP leaves the list", "New subscriptions end on 2026-06-01. Spot trading of KELP is not affected."),
        ("Welcome ZUNI", "We list ZUNI/USDT on 2026-06-01. Deposits are open. The token may be delisted at any time."),
        ("Our app gets an update", "The mobile app is not available on 1 June from 02:00 to 03:00 UTC."),
        ("活动：交易ZUNI瓜分10,000 USDT", "活动期间交易ZUNI的用户可瓜分奖池。平台有权终止活动。"),
    ],
)
def test_a_harmless_notice_is_left_alone(title: str, text: str) -> None:
    assert opinion(title, text) < THRESHOLD


def test_training_is_reproducible_and_knows_no_order() -> None:
    sample = made(english=1, others=1)[::6]
    first = trained(sample, steps=15)
    again = trained(sample, steps=15)
    assert packed(first) == packed(again)
    backwards = trained(sample[::-1], steps=15)
    assert np.allclose(first.body, backwards.body, atol=1e-6)
    # Eight bits lose little.
    notices = [(row.title, row.text) for row in sample[:40]]
    assert np.allclose(probabilities(first, notices), probabilities(unpacked(packed(first)), notices), atol=0.03)


def test_the_script_and_the_package_say_the_same() -> None:
    notices = [(row.title, row.text) for row in made(english=1, others=1)[::25]]
    assert np.allclose(probabilities(shipped(), notices), [opinion(title, text) for title, text in notices], atol=1e-4)


@pytest.mark.long
def test_the_shipped_file_is_of_the_script_as_it_stands() -> None:
    """Training again: `python -m benchmarks.train_second_opinion --check`."""
    captures = CAPTURES if CAPTURES.is_dir() else None
    expected = inputs_of([*developed(), *made()], captures)
    assert {name: shipped().inputs[name] for name in expected} == expected


def test_the_file_is_small_and_of_one_size() -> None:
    assert FILE.stat().st_size < 2_000_000
    with pytest.raises(ValueError, match="weights; expected"):
        unpacked(module.zlib.compress(b'{"constant": 0}\nxx'))


def test_it_takes_a_millisecond_whatever_it_reads() -> None:
    for text in ("Trading of KELP/USDT ends. " * 200, "A1,/ " * 400_000, "下架" * 500_000, "0 " * 1_000_000):
        taken = []
        for _ in range(5):
            start = time.perf_counter()
            opinion(text[:600], text)
            taken.append(time.perf_counter() - start)
        assert min(taken) < 0.002


# --------------------------------------------------------------------------------------------------------------- reader

HARMLESS = "Share 5,000 USDC in Our Spring Trading Competition"


def test_it_only_raises_reviews(monkeypatch: pytest.MonkeyPatch) -> None:
    before = parsed(HARMLESS)
    assert not before.event and before.review is None
    monkeypatch.setattr(reviews, "opinion", lambda title, text: 0.99)
    found = parsed(HARMLESS)
    assert found.review is not None and found.review.reason is ReviewReason.SECOND_OPINION
    assert (found.event, found.rule, found.category) == (before.event, before.rule, before.category)
    # An event stays one, and what a title rule takes for the end of one needs nobody.
    delisting = parsed("OKX to delist KELP and ZUNI spot trading pairs")
    assert delisting.event and delisting.review is None
    for ended in (
        "OKX Has Completed the Kelp (KELP) Token Swap",
        "Trading of KELP/USDT Resumes",
        "Delisting of KELP Cancelled",
    ):
        notice = parsed(ended)
        assert not notice.event and notice.review is None, ended


def test_below_the_threshold_it_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reviews, "opinion", lambda title, text: THRESHOLD - 0.001)
    assert parsed(HARMLESS).review is None


def test_another_reason_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    foreign = "Retiraremos KELP de nuestra plataforma el 3 de junio"
    usual = parsed(foreign).review
    monkeypatch.setattr(reviews, "opinion", lambda title, text: 0.99)
    found = parsed(foreign).review
    assert usual is not None and found is not None and found.reason is usual.reason is not ReviewReason.SECOND_OPINION


# -------------------------------------------------------------------------------------------------------------- reviews


def test_a_review_names_what_the_notice_is_about() -> None:
    found = review(
        "Changes for Kelp (KELP) and ZUNI",
        "<p>Trading in KELP/USDT and ZUNI/BTC comes to an end.</p><ul><li>MIRA/EUR</li></ul>",
    )
    assert found.tokens == ("KELP", "ZUNI", "MIRA")
    assert found.tickers == ("KELP/USDT", "ZUNI/BTC", "MIRA/EUR")
    assert found.ending


def test_what_only_pays_is_not_named() -> None:
    found = review("Spring fair", "<p>Share 5,000 TANQ and $2 million USDT. Trading in KELP/USDC ends on 1 June.</p>")
    assert found.tokens == ("KELP",)
    assert review("Win 300 XRP in our fair").tokens == ()
    # Every pair of BTC is not meant where one is.
    pair = review("Notice", "<p>Trading in BTC/EUR and KELP/BTC ends on 1 June.</p>")
    assert (pair.tokens, pair.tickers) == (("KELP",), ("BTC/EUR", "KELP/BTC"))
    assert review("Removal of Bitcoin (BTC)").tokens == ("BTC",)


@pytest.mark.parametrize(
    "title",
    [
        "KELP is leaving", "KELP: delisting aangekondigd", "关于下架KELP的公告", "關於終止KELP交易的公告", "KELP 거래지원 종료 안내",
        "KELPの取扱い終了のお知らせ", "KELP listeden çıkarılıyor", "Делистинг KELP", "Hủy niêm yết KELP",
    ],
)  # fmt: skip
def test_a_word_of_ending_is_known_in_each_language(title: str) -> None:
    assert review(title).ending
    assert "KELP" in review(title).tokens


def test_a_condition_ends_nothing() -> None:
    assert not review(
        "Spring fair", "<p>We may terminate the fair, or suspend accounts, if rules are broken.</p>"
    ).ending
    assert not review("News of KELP", "<p>KELP can be staked from 1 June.</p>").ending


def test_a_review_of_a_hostile_notice_is_bounded() -> None:
    body = "\n".join(f"KELP{number}/USDT, A{number} ends (B{number})." for number in range(20_000))
    start = time.perf_counter()
    found = review("Everything ends", body)
    assert time.perf_counter() - start < 2
    assert len(found.tokens) <= reviews.MAX_NAMES and len(found.tickers) <= reviews.MAX_NAMES


# --------------------------------------------------------------------------------------------- what no rule explains


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("Crypto.com Exchange Retires FIX 4.4 Gateway for Spot and Derivatives Trading", None),
        ("Kraken Pro: server move on 16 May", "The terminal reconnects by itself. Orders are not touched."),
        ("Version 2.112 of the platform released", "Charts load faster."),
        ("Happy holidays from support", "Replies may take longer until 2 January. Markets never close."),
    ],
)
def test_what_names_nothing_at_risk_and_does_not_sound_like_an_event_is_no_review(title: str, body: str | None) -> None:
    notice = parsed(title, body)
    assert not notice.event and notice.review is None


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("Contracts in KELP and MIRA", "From noon UTC on 14 May nobody finds a price for them here."),
        ("One-minute read: KELP", "Its holders say the chain has died. We follow from noon UTC on 14 May."),
        ("Change of plan for KELP/USDT", None),
    ],
)
def test_what_no_rule_explains_and_sounds_like_an_event_is_a_review(title: str, body: str | None) -> None:
    notice = parsed(title, body)
    assert notice.event or notice.review is not None


def test_a_quiz_about_a_hard_fork_is_a_quiz_whatever_it_names() -> None:
    for title in ("하드포크 OX 퀴즈 풀고 에어드랍 받자", "KELP hard fork quiz: win a share of 5,000 USDT"):
        notice = parsed(title)
        assert not notice.event and notice.review is None
    # A coin that is called so is none.
    assert parsed("퀴즈톡(QTCON) 거래지원 종료 안내 (7월 2일 17:00)").event
