# ruff: noqa: E501 (a text stands on one line)
"""What pages put around an article, and how notices greet and close, in the languages that are read. All invented."""

from __future__ import annotations

from collections.abc import Mapping

READING = (
    "Notice of Removal of Spot Trading Pairs - 2026-02-03",
    "We Will Delist QORA, VENT and LUMP on 2025-12-19",
    "Deposits and Withdrawals of Tessel (TSL) Suspended from 2026-03-01 06:00 (UTC)",
    "Futures Will Delist USDⓈ-M PELTUSDT Perpetual Contract (2026-01-31)",
    "How to Trade NORA/USDT in Three Steps",
)
_TITLES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "en": ("Related Articles", READING),
    "zh": ("相关文章", ("关于下架QORA/USDT现货交易对的公告（2026-02-03）", "关于暂停TSL充提服务的公告（2026年3月1日 14:00）", "PELTUSDT永续合约将于1月31日下架")),
    "zh-hant": ("推薦閱讀", ("關於下架 QORA、VENT 的公告（2026-02-03）", "將於 2026年3月1日 暫停 TSL 充值與提現")),
    "ko": ("관련 공지", ("QORA/KRW 거래지원 종료 안내 (2026-02-03)", "TSL 입출금 일시 중단 안내 (3월 1일 15:00)")),
    "ja": ("関連記事", ("QORA/JPYの上場廃止について（2026年2月3日）", "TSLの入出金停止のお知らせ（3月1日 15:00）")),
    "tr": ("İlgili Makaleler", ("QORA/TRY İşlem Çifti Listeden Çıkarılacak (03.02.2026)", "TSL Para Yatırma ve Çekme İşlemleri 1 Mart 2026 Saat 09:00'da Durdurulacak")),
    "ru": ("Похожие статьи", ("Делистинг QORA/USDT 3 февраля 2026 г.", "Ввод и вывод TSL приостановлены с 01.03.2026 09:00 (МСК)")),
    "vi": ("Bài viết liên quan", ("Hủy niêm yết QORA/USDT vào ngày 03/02/2026", "Tạm ngừng nạp và rút TSL từ 13:00 ngày 01/03/2026")),
}  # fmt: skip


def _list(titles: tuple[str, ...]) -> str:
    return (
        "<ul>" + "".join(f'<li><a href="/a/{number}">{title}</a></li>' for number, title in enumerate(titles)) + "</ul>"
    )


# name → (markup before the body, markup after it)
SURROUNDINGS: Mapping[str, tuple[str, str]] = {
    **{f"reading {language}": ("", f"<h3>{heading}</h3>{_list(titles)}") for language, (heading, titles) in _TITLES.items()},
    "links without a heading": ("", _list(READING)),
    "marked by the page": (
        '<nav><a href="/">Home</a> <a href="/q">QORA/USDT</a></nav>',
        f'<div class="related-articles"><div>From our desk</div><p>{READING[0]}</p><p>{READING[2]}</p></div><footer>© 2026 Exchange. Listing 2026-06-01: VENT/USDT</footer>',
    ),
    "cards": ("", "<h2>You may also like</h2>" + "".join(f"<div><h4>{title}</h4><p>The exchange will delist it on 2026-02-09 at 03:00 (UTC). Read more.</p></div>" for title in READING)),
    "table of links": ("", "<p>Recommended reading</p><table>" + "".join(f"<tr><td>{title}</td><td>2026-02-1{number}</td></tr>" for number, title in enumerate(READING)) + "</table>"),
    "footer": ("", "<p>Follow us on</p><p>Telegram | X | Discord</p><p>QORA/USDT VENT/USDT LUMP/BTC</p><p>© 2017 - 2026 All rights reserved. Last updated 2026-03-03 10:00 (UTC)</p>"),
    "promotion": ("", "<p>Join our trading campaign from 2026-02-05 10:00 (UTC) until 2026-02-15 10:00 (UTC): trade NORA/USDT and share a prize pool of 50,000 USDT!</p><p>Register now and win a voucher.</p>"),
    "promotion and reading": ("", f"<p>Sign up today and trade TSL/USDT with zero fees until 2026-02-20!</p><p>Latest news</p>{_list(READING)}"),
    "trail": ("<p>Home &gt; Support Center &gt; Announcements &gt; Delisting QORA</p>", f'<p>Previous article: {READING[1]}</p><p>Next article: {READING[2]}</p>'),
    "label and title": ("", f"<p>See also: {READING[0]}</p><p>Read more: {READING[3]}</p>"),
    "disclaimer": ("", "<p>Risk Warning: Digital assets are volatile. QORA and VENT/USDT may lose all value before 2026-02-09. Trading may be suspended.</p>"),
}  # fmt: skip

GREETINGS = {
    "zh": "尊敬的用户：", "zh-hant": "親愛的用戶：", "ko": "안녕하세요, 회원 여러분.", "ja": "平素よりご利用いただきありがとうございます。", "tr": "Değerli kullanıcılarımız,",
    "ru": "Уважаемые пользователи!", "vi": "Kính gửi quý khách hàng,",
}  # fmt: skip
THANKS = {
    "zh": "感谢您的支持！", "zh-hant": "感謝您的支持！", "ko": "이용해 주셔서 감사합니다.", "ja": "今後ともよろしくお願いいたします。", "tr": "Desteğiniz için teşekkür ederiz.",
    "ru": "Спасибо за поддержку!", "vi": "Cảm ơn bạn đã ủng hộ!",
}  # fmt: skip
FAREWELLS = {
    "zh": "交易所团队", "zh-hant": "交易所團隊", "ko": "거래소 팀", "ja": "取引所チーム", "tr": "Borsa Ekibi", "ru": "Команда биржи", "vi": "Đội ngũ sàn giao dịch",
}  # fmt: skip
