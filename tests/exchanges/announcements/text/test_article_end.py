# ruff: noqa: E501 (a notice stands on one line)
"""Where an article ends, and what belongs to it."""

from __future__ import annotations

from time import thread_time

import pytest

from exchanges.announcements.text.blocks import blocks
from exchanges.announcements.text.clauses import clauses

NOTICE = "<p>The exchange will end trading in MINA/BTC at 2026-05-14 03:00 (UTC).</p>"
LINKS = '<ul><li><a href="/1">We will delist QORA/USDT on 2026-06-01</a></li><li><a href="/2">Deposits of VENT stop on 2026-06-02</a></li></ul>'


def kept(body: str) -> str:
    return "\n".join(clause.text for clause in clauses(blocks(body)))


@pytest.mark.parametrize(
    "after",
    [
        LINKS,
        f"<p>Thank you!</p>{LINKS}",
        "<p>The Exchange Team</p><p>Our users also asked why QORA/USDT left on 2026-06-01.</p>",
        "<p>Kind regards,</p><p>Your Team</p><p>Trade QORA/USDT until 2026-06-01.</p>",
        "<h3>Related news</h3><p>QORA/USDT is delisted on 2026-06-01.</p>",
        f"<p>猜你喜欢</p>{LINKS}",
        "<p>함께 보면 좋은 글</p><p>QORA/USDT 거래지원 종료 (6월 1일)</p>",
        "<p>あわせて読みたい</p><p>QORA/USDTの上場廃止(6月1日)</p>",
        "<p>Читайте также:</p><p>Делистинг QORA/USDT 01.06.2026.</p>",
        "<p>Diğer duyurular</p><p>QORA/USDT 01.06.2026 tarihinde kaldırılacak.</p>",
        "<p>Có thể bạn quan tâm</p><p>Hủy niêm yết QORA/USDT ngày 01/06/2026.</p>",
        "<p>Hot events: QORA launchpool ends 2026-06-01.</p>",
        "<p>See also: QORA/USDT removed on 2026-06-01</p>",
        "<p>Next article: QORA/USDT will be removed on 2026-06-01</p>",
        "<p>Register now and trade QORA/USDT until 2026-06-01 to win a share of 10,000 USDT!</p>",
        '<div class="recommended"><p>QORA/USDT leaves on 2026-06-01.</p></div>',
        "<footer><p>QORA/USDT leaves on 2026-06-01.</p></footer>",
        "<p>Risk warning: trading is risky. QORA/USDT fell before 2026-06-01.</p>",
    ],
)
def test_what_stands_after_the_article_names_nothing(after: str) -> None:
    text = kept(NOTICE + after)
    assert "MINA/BTC" in text
    assert "QORA" not in text
    assert "06-01" not in text


@pytest.mark.parametrize(
    "body",
    [
        "<p>Thank you for being with us. We will close QORA/USDT on 2026-06-01.</p>",
        "<p>Dear users,</p><p>Thank you for your support over the years.</p><p>QORA/USDT closes on 2026-06-01.</p>",
        f"{NOTICE}<ul><li><a href='/q'>QORA/USDT</a></li></ul>",
        f"{NOTICE}<p>The Exchange Team</p><p>Update: QORA/USDT closes on 2026-06-01 too.</p>",
        f"<p>The exchange will end the pairs named below.</p><p>Related announcement</p>{LINKS.replace('QORA', 'LUMP')}<p>The pair QORA/USDT will be closed for trading at 2026-06-01 03:00 (UTC).</p><p>Exchange Team</p>",
        '<div class="main-nav"><p>QORA/USDT closes for trading on 2026-06-01, as we say here.</p></div>',
        f"{NOTICE}<p>We will also suspend deposits of QORA/USDT during the campaign.</p>",
        "<table><tr><td>QORA/USDT</td><td>2026-06-01</td></tr></table><p>Thank you!</p>",
        "<p>We have news about some markets of ours today.</p><p>Exchange Team</p><ul><li>QORA/USDT: 2026-06-01</li></ul>",
        f"{NOTICE}<p>Thank you for your patience.</p><p>Trading in QORA/USDT ends at 2026-06-01 03:00 (UTC).</p>",
        *(
            f"{NOTICE}<p>{words}</p><p>QORA/USDT leaves at 2026-06-01 03:00 (UTC).</p>"
            for words in (
                "You may want to close your positions.",
                "Also on 2026-05-15 deposits stop.",
                "Deposit channels",
                "Recommendations",
                "Read more",
                "Don't miss the deadline of 14 May",
                "More on the removal",
                "Message from the team",
                "Рекомендуем закрыть позиции.",
                "Команда проекта перенесла дату.",
                "이전 공지에서 안내드린 일정이 변경되었습니다.",
                "투자유의종목 지정",
                "相关内容如下：",
                "Risk warning tags will be added as well",
                "İlgili duyuruda belirtildi",
                "Latest notice: deposits stop",
                "Xem thêm tại đây",
                "次のお知らせをご確認ください",
            )
        ),
        f"{NOTICE}<p>Related pairs: QORA/USDT</p>",
        f"{NOTICE}<p>Next step: QORA/USDT leaves on 2026-06-01</p>",
        f"{NOTICE}<p>İlgili çiftler: QORA/USDT</p>",
    ],
)
def test_what_belongs_to_the_article_stays(body: str) -> None:
    assert "QORA" in kept(body)


@pytest.mark.parametrize(
    ("body", "rows"),
    [
        (
            "<table><tr><th>Pair</th><th>Last trade</th></tr><tr><td>A/BTC</td><td rowspan='2'>2026-05-14</td></tr><tr><td>B/BTC</td></tr></table>",
            [(("Pair", "A/BTC"), ("Last trade", "2026-05-14")), (("Pair", "B/BTC"), ("Last trade", "2026-05-14"))],
        ),
        ("<table><tr><td>Token</td><td>Time</td></tr><tr><td>A</td><td>03:00</td></tr></table>", [(("Token", "A"), ("Time", "03:00"))]),
        ("<table><tr><th>Token</th><td>A</td></tr><tr><th>Time</th><td>03:00</td></tr></table>", [(("Token", "A"), ("Time", "03:00"))]),
        ("<table><tr><td>Token<td>Time<tr><td>A<td>03:00</table>", [(("Token", "A"), ("Time", "03:00"))]),
        ("<table><tr><td>交易对</td><td>时间</td></tr><tr><td>A/B</td><td>03:00</td></tr></table>", [(("交易对", "A/B"), ("时间", "03:00"))]),
        ("Pairs:\n| Pair | Time |\n|:---|---|\n| **A**/B | 03:00 |\n", [(("Pair", "A/B"), ("Time", "03:00"))]),
        ("Pair\tTime\nA/B\t03:00", [(("Pair", "A/B"), ("Time", "03:00"))]),
        ("<table><tr><td>A/B</td><td>03:00</td></tr><tr><td>C/D</td><td>04:00</td></tr></table>", [(("", "A/B"), ("", "03:00")), (("", "C/D"), ("", "04:00"))]),
        ("<dl><dt>Pair</dt><dd>A/B</dd><dt>Time</dt><dd>03:00</dd><dt>Pair</dt><dd>C/D</dd><dt>Time</dt><dd>04:00</dd></dl>", [(("Pair", "A/B"), ("Time", "03:00")), (("Pair", "C/D"), ("Time", "04:00"))]),
        ("<table><tr><td><p>Dear users</p><table><tr><th>Pair</th></tr><tr><td>A/B</td></tr></table></td></tr></table>", [(("Pair", "A/B"),)]),
    ],
)  # fmt: skip
def test_cells_know_the_headings_of_their_columns(body: str, rows: list[tuple[tuple[str, str], ...]]) -> None:
    assert [clause.cells for clause in clauses(blocks(body)) if clause.cells] == rows


def test_a_layout_table_is_no_table() -> None:
    body = f"<table><tr><td><table><tr><td><p>Dear users,</p>{NOTICE}<p>Regards</p></td></tr></table></td></tr></table>"
    assert [block.kind for block in blocks(body)] == ["paragraph"] * 3


def test_marks_of_markdown_are_not_text() -> None:
    body = "## Plan\n\n- **MINA**/BTC\n- [LTO/BTC](https://x.example/a_b)\n- `VIB`/USDC and BTCUSD\\_PERP\n\nTrading in these markets will stop on the date that we\nname below.\n\n---\n"
    assert [(block.kind, block.text) for block in blocks(body)] == [
        ("heading", "Plan"), ("item", "MINA/BTC"), ("item", "LTO/BTC"), ("item", "VIB/USDC and BTCUSD_PERP"),
        ("paragraph", "Trading in these markets will stop on the date that we name below."),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "piece",
    ["<table><tr><td>", "<tr><td>a<td>b", "<dl><dt>Pair<dd>x", "<tr><td rowspan=200 colspan=40>x", "| a | b |\n|--|--|\n", "Thank you! \n", "[a](b", "register now and win\n"],
)  # fmt: skip
def test_the_time_grows_like_the_body(piece: str) -> None:
    def seconds(size: int) -> float:
        body = NOTICE + piece * (size // len(piece)) if "<" in piece else piece * (size // len(piece))
        began = thread_time()
        kept(body)
        return thread_time() - began

    # Least of three, and four times the size: on a busy machine one run may take twice as long. Quadratic would be 16.
    short, long = (min(seconds(size) for _ in range(3)) for size in (8_000, 32_000))
    assert long < 8 * max(short, 0.005)
