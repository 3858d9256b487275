# ruff: noqa: E501 (a notice is easier to read on one line)
"""More notices of swaps, of coins of our own: other words, traps around the target, and other languages."""

from __future__ import annotations

from tests.exchanges.announcements.swaps.notices import Swap

OTHER_WORDS = (
    Swap(
        'Binance Will Complete the Merger of Foocoin (FOOC) Into Barcoin (BARC)',
        '<p>Your FOOC turn into BARC automatically. FOOC/USDT and FOOC/BTC are dropped at 2026-06-01 03:00 (UTC), BARC/USDT goes on.</p>',
        'FOOC', 'BARC',
    ),
    Swap(
        'Token Swap: QSP',
        '<p>Holders of QSP will be compensated in QSPX. QSP/USDT trading concludes 2026-06-01 03:00 (UTC).</p>',
        'QSP', 'QSPX',
    ),
    Swap(
        'Token Swap Plan for WPR and ELC',
        '<p>WPR is converted to ELCX and ELC is converted to ELCX. We will delist WPR/BTC and ELC/BTC on 2026-06-01 03:00 (UTC).</p>',
        'WPR ELC', 'ELCX',
    ),
    Swap(
        'Notice of Ticker Change',
        '<p>The ticker of Mithril, MITH, becomes MTHX as of 2026-06-01 03:00 (UTC). MITH/USDT and MITH/BNB are replaced by MTHX/USDT and MTHX/BNB.</p>',
        'MITH', 'MTHX',
    ),
    Swap(
        'Redenomination of Reef (REEF)',
        '<p>1,000 REEF will become 1 REEFX. Trading in REEF/USDT is suspended from 2026-06-01 03:00 (UTC) and the pair is delisted.</p>',
        'REEF', 'REEFX',
    ),
    Swap(
        'Rebranding: Old ALPHA, New STELLA',
        '<p>Alpha Venture (ALPHA) is now Stella (STELLA). Pairs with ALPHA are removed at 2026-06-01 03:00 (UTC): ALPHA/USDT, ALPHA/BTC.</p>',
        'ALPHA', 'STELLA',
    ),
    Swap(
        'OKX to support OLDT to NEWT crypto migration',
        '<p>OKX will delist OLDT/USDT at 8:00 am UTC on June 1, 2026. OLDT in your account will be converted to NEWT at 1:2.</p>',
        'OLDT', 'NEWT',
    ),
    Swap(
        'OKX to rename FTMX as SONX',
        '<p>From June 1, 2026 08:00 UTC, FTMX/USDT will be displayed as SONX/USDT.</p>',
        'FTMX', 'SONX',
    ),
    Swap(
        'Three-Way Merge: AAAX, BBBX and CCCX Form DDDX',
        '<p>DDDX is issued in place of AAAX, BBBX and CCCX. All pairs of the three tokens (AAAX/USDT, BBBX/USDT, CCCX/USDT) close at 2026-06-01 03:00 (UTC).</p>',
        'AAAX BBBX CCCX', 'DDDX',
    ),
    Swap(
        'Merge of AAAX and BBBX',
        '<p>BBBX survives. AAAX/USDT is delisted at 2026-06-01 03:00 (UTC); BBBX/USDT continues to trade without interruption.</p>',
        'AAAX', 'BBBX',
    ),
    Swap(
        'Merge of AAAX and BBBX',
        '<p>AAAX survives. BBBX/USDT is delisted at 2026-06-01 03:00 (UTC). AAAX/USDT is not affected.</p>',
        'BBBX', 'AAAX',
    ),
    Swap(
        'Token Upgrade of Quickswap (QUICK)',
        '<p>QUICK(OLD) moves to QCKN, one QUICK for 1,000 QCKN. QUICK/USDT stops at 2026-06-01 03:00 (UTC).</p>',
        'QUICK', 'QCKN',
    ),
    Swap(
        'Binance Will Migrate GLMX to GLMY',
        '<ul><li>2026-06-01 03:00 (UTC): GLMX/USDT and GLMX/BTC are removed</li><li>2026-06-03 03:00 (UTC): GLMY/USDT is added</li></ul>',
        'GLMX', 'GLMY',
    ),
    Swap(
        'Binance Will Support the Token Swap of Vite (VITE)',
        '<p>VITE will cease to be supported, and users will be given VITX instead. VITE/USDT: trading ends 2026-06-01 03:00 (UTC).</p>',
        'VITE', 'VITX',
    ),
    Swap(
        'Token Swap: HNTX Takes Over From HNT',
        '<p>Trading HNT/USDT will stop on 2026-06-01 03:00 (UTC), then HNTX/USDT starts.</p>',
        'HNT', 'HNTX',
    ),
    Swap(
        'Contract Migration of CVPX',
        '<p>CVPX holders need to do nothing: they find CVPY in their wallets afterwards. CVPX/USDT closes at 2026-06-01 03:00 (UTC). Deposits of CVPX stop at 2026-06-01 03:30 (UTC).</p>',
        'CVPX', 'CVPY',
    ),
    Swap(
        'Merger: PLAX Joins NERX',
        '<p>After a vote of both communities PLAX is folded into NERX. Spot and margin pairs PLAX/USDT and PLAX/BTC will be removed at 2026-06-01 03:00 (UTC). No change for NERX/USDT.</p>',
        'PLAX', 'NERX',
    ),
    Swap(
        'Symbol Change From MLNX to ENZX',
        '<p>Spot symbols MLNXUSDT and MLNXBTC are retired on 2026-06-01 03:00 (UTC). New symbols: ENZXUSDT and ENZXBTC.</p>',
        'MLNX', 'ENZX',
    ),
    Swap(
        'Token Conversion: EURX Holders Receive EURI',
        '<p>EURX/USDT will be delisted at 2026-06-01 03:00 (UTC). Balances are converted 1:1.</p>',
        'EURX', 'EURI',
    ),
    Swap(
        'Barcoin (BARX) Mainnet Swap: What Foocoin (FOOX) Holders Need to Know',
        '<p>FOOX is swapped for BARX. FOOX/USDT and FOOX/BTC are delisted at 2026-06-01 03:00 (UTC).</p>',
        'FOOX', 'BARX',
    ),
    Swap(
        'Binance Will Support the Barcoin (BARX) Token Swap',
        '<p>FOOX tokens will be swapped to BARX. We will delist FOOX/USDT at 2026-06-01 03:00 (UTC). BARX/USDT opens at 2026-06-02 03:00 (UTC).</p>',
        'FOOX', 'BARX',
    ),
    Swap(
        'Binance Will Support the Foocoin (FOOX) Token Swap to Barcoin (BARX)',
        '<p>Deposits and withdrawals of FOOX and BARX will be suspended during the swap. Trading of FOOX/USDT halts at 2026-06-01 03:00 (UTC).</p>',
        'FOOX', 'BARX',
    ),
    Swap(
        'Binance Will Support the Foocoin (FOOX) Token Swap to Barcoin (BARX)',
        '<p>Any FOOX left in margin accounts will be converted to USDT. FOOX/USDT, FOOX/BNB and FOOX/BTC end at 2026-06-01 03:00 (UTC). BARX/USDT will not be delisted.</p>',
        'FOOX', 'BARX',
    ),
    Swap(
        'Binance Will Support the Foocoin (FOOX) Rebranding to Barcoin (BARX)',
        '<p>Margin trading of BARX/USDT will be unavailable until 2026-06-09 03:00 (UTC). Borrowing of BARX is suspended. We remove BTC/FOOX and FOOX/USDT at 2026-06-01 03:00 (UTC).</p>',
        'FOOX', 'BARX',
    ),
    Swap(
        'Token Swap of FOOX',
        '<p>Trading of BARX/USDT opens after FOOX/USDT is closed at 2026-06-01 03:00 (UTC). 1 BARX = 1,000 FOOX.</p>',
        'FOOX', 'BARX',
    ),
    Swap(
        'Foocoin (FOOX) and Barcoin (BARX) Token Merge',
        '<p>FOOX is the surviving token. BARX/USDT is delisted at 2026-06-01 03:00 (UTC).</p>',
        'BARX', 'FOOX',
    ),
    Swap(
        'Foocoin (FOOX) and Barcoin (BARX) Token Merge',
        '<p>BARX merges into FOOX.</p>',
        'BARX', 'FOOX',
    ),
    Swap(
        'Binance Will Support the Merge of AAAX Into BBBX and the Ticker Change of BBBX to CCCX',
        '<p>AAAX/USDT and BBBX/USDT are removed at 2026-06-01 03:00 (UTC). CCCX/USDT opens later.</p>',
        'AAAX BBBX', 'CCCX',
    ),
    Swap(
        'Binance Will Support the Merger of Aaax (AAAX) and Bbbx (BBBX) Into Cccx (CCCX)',
        '',
        'AAAX BBBX', 'CCCX',
    ),
    Swap(
        'Binance Will Support the FOOX Token Swap',
        '<p>At 2026-06-01 03:00 (UTC) we list BARX, the token that FOOX is exchanged for, and take FOOX/USDT off.</p>',
        'FOOX', 'BARX',
    ),
    Swap(
        'Binance Will Support the Foocoin (FOOX) Token Swap and Rebranding to Barcoin (BARX)',
        '<p>The following pairs will be removed at 2026-06-01 03:00 (UTC): FOOX/USDT, FOOX/FDUSD.</p><p>The following pairs will be listed at 2026-06-03 03:00 (UTC): BARX/USDT, BARX/FDUSD.</p><p>BARX/USDT perpetual contracts stay closed until 2026-06-05 03:00 (UTC).</p>',
        'FOOX', 'BARX',
    ),
    Swap(
        'Notice: FOOX Is Being Replaced',
        '<p>BARX replaces FOOX, and BAZX replaces QUXX. FOOX/USDT, QUXX/USDT cease trading at 2026-06-01 03:00 (UTC).</p>',
        'FOOX QUXX', 'BARX BAZX',
    ),
    Swap(
        'Token Swap: FOOX, QUXX',
        '<p>FOOX is swapped to BARX and QUXX to BAZX. Both old pairs, FOOX/USDT and QUXX/USDT, cease trading at 2026-06-01 03:00 (UTC); BARX/USDT and BAZX/USDT begin on 2026-06-02 03:00 (UTC).</p>',
        'FOOX QUXX', 'BARX BAZX',
    ),
    Swap(
        'Update on the Token Swap of Foocoin (FOOX) to Barcoin (BARX)',
        '<p>The swap of FOOX to BARX has been postponed. FOOX/USDT will now be delisted at 2026-06-08 03:00 (UTC) instead of 2026-06-01 03:00 (UTC).</p>',
        'FOOX', 'BARX',
    ),
    Swap(
        'Binance Will Support the FOOX (FOOX) Token Swap',
        '<p>Holders of more than 10 BNB receive a bonus in BARX. FOOX becomes BARX. FOOX/USDT and FOOX/BNB will be delisted at 2026-06-01 03:00 (UTC); BNB/USDT is not affected.</p>',
        'FOOX', 'BARX',
    ),
    Swap(
        'BINANCE WILL SUPPORT THE FOOCOIN (FOOX) TOKEN SWAP AND REBRANDING TO BARCOIN (BARX)',
        '<p>FOOX/USDT WILL BE DELISTED AT 2026-06-01 03:00 (UTC). BARX/USDT WILL OPEN AT 2026-06-03 03:00 (UTC).</p>',
        'FOOX', 'BARX',
    ),
    Swap(
        'Binance Will Support the Foocoin (FOOX) Token Swap to Barcoin (BARX)',
        '<p><b>FOOX</b>/USDT will be <i>delisted</i> at 2026-06-01 03:00 (UTC).</p><p>Related: Binance Will Delist BARX/TRY. Binance Will Support the Quxcoin (QUXX) Token Swap to BAZX.</p>',
        'FOOX', 'BARX',
    ),
    Swap(
        'Bybit Will Support the Merge of Foocoin (FOOX) With Barcoin (BARX)',
        '<p>Foocoin (FOOX) merges with Barcoin (BARX) and ceases to exist. FOOX/USDT trading is terminated on June 1, 2026 at 03:00 UTC.</p>',
        'FOOX', 'BARX',
    ),
    Swap(
        'Coming Up: FOOX Turns Into BARX',
        '<p>The FOOX token turns into BARX. FOOX/USDT delisting: 2026-06-01 03:00 (UTC). BARX/USDT listing: 2026-06-02 03:00 (UTC).</p>',
        'FOOX', 'BARX',
    ),
    Swap(
        'Important Information on the Foocoin Token Migration',
        '<p>Foocoin (FOOX) is moving to a new contract with a new symbol, BARX.</p><p>FOOX/USDT stops at 2026-06-01 03:00 (UTC).</p>',
        'FOOX', 'BARX',
    ),
    Swap(
        'Token Swap: FOOX',
        '<p>In exchange for FOOX, users obtain BARX. Old pair: FOOX/USDT (delisted 2026-06-01 03:00 UTC). New pair: BARX/USDT (listed 2026-06-02 03:00 UTC).</p>',
        'FOOX', 'BARX',
    ),
    Swap(
        'Token Migration of FOOX, QUXX and ZAPX',
        '<p>FOOX, QUXX and ZAPX become one token, BARX. All of their pairs will be delisted: FOOX/USDT, QUXX/USDT, ZAPX/USDT, at 2026-06-01 03:00 (UTC).</p>',
        'FOOX QUXX ZAPX', 'BARX',
    ),
    Swap(
        'FOOX, QUXX and ZAPX Merge',
        '<p>ZAPX remains; FOOX and QUXX are converted. FOOX/USDT and QUXX/USDT are removed at 2026-06-01 03:00 (UTC). ZAPX/USDT is unaffected.</p>',
        'FOOX QUXX', 'ZAPX',
    ),
    Swap(
        'FOOX, QUXX and ZAPX: Token Merge',
        '<ul><li>FOOX/USDT - removed at 2026-06-01 03:00 (UTC)</li><li>QUXX/USDT - removed at 2026-06-01 03:00 (UTC)</li><li>ZAPX/USDT - no change</li></ul>',
        'FOOX QUXX', 'ZAPX',
    ),
    Swap(
        'Ticker Change for Foocoin',
        '<p>Foocoin adopts the ticker BARX (previously FOOX). FOOX/USDT becomes BARX/USDT at 2026-06-01 03:00 (UTC).</p>',
        'FOOX', 'BARX',
    ),
    Swap(
        'Binance Will Support the Foocoin (FOOX) Redenomination',
        '<p>After the redenomination 1,000 FOOX equal 1 BARX. FOOX pairs are closed on 2026-06-01 at 03:00 (UTC): FOOX/USDT. The new ticker is BARX.</p>',
        'FOOX', 'BARX',
    ),
    Swap(
        'Notice on Token Swap',
        '<p>Kindly be informed that old tokens FOOX shall be replaced with new tokens BARX. FOOX/USDT market closes 2026-06-01 03:00 (UTC), BARX/USDT market opens 2026-06-01 06:00 (UTC).</p>',
        'FOOX', 'BARX',
    ),
    Swap(
        'Binance Futures Will Support the FOOX Token Swap to BARX',
        '<p>FOOXUSDT perpetual contracts will be settled at 2026-06-01 09:00 (UTC). BARXUSDT perpetual contracts will be launched at 2026-06-02 09:00 (UTC).</p>',
        'FOOX', 'BARX',
    ),
)  # fmt: skip

# Titles in these are no migrations yet for the table of title rules.
OTHER_LANGUAGES = (
    Swap(
        '币安将支持 Fantom (FTM) 代币置换及品牌升级为 Sonic (S)',
        '<p>币安将于2026年06月01日03:00（UTC）下架FTM/USDT、FTM/BTC交易对。</p><p>所有FTM将以1 FTM = 1 S的比例兑换为S。</p><p>S/USDT交易对将于2026年06月03日08:00（UTC）开放交易。</p>',
        'FTM', 'S',
    ),
    Swap(
        '幣安將支持 Litentry (LIT) 更名為 Heima (HEI)',
        '<p>LIT/USDT 將下架。HEI/USDT 將上線。</p>',
        'LIT', 'HEI',
    ),
    Swap(
        'Fantom(FTM) 토큰 스왑 및 Sonic(S) 리브랜딩 지원 안내',
        '<p>FTM은 S로 전환됩니다. FTM/USDT 거래가 종료되며 S/USDT 거래가 시작됩니다.</p>',
        'FTM', 'S',
    ),
    Swap(
        'Fantom(FTM)からSonic(S)へのトークンスワップについて',
        '<p>FTMはSに交換されます。FTM/USDTの取引は終了します。S/USDTの取引を開始します。</p>',
        'FTM', 'S',
    ),
    Swap(
        'Binance, Fantom (FTM) Token Takasını ve Sonic (S) Olarak Yeniden Markalanmasını Destekleyecek',
        '<p>Tüm FTM tokenleri S ile takas edilecektir. FTM/USDT işlem çifti kaldırılacaktır. S/USDT işlem çifti açılacaktır.</p>',
        'FTM', 'S',
    ),
    Swap(
        'Binance поддержит обмен токенов Fantom (FTM) на Sonic (S)',
        '<p>FTM будет конвертирован в S. Торги по паре FTM/USDT будут прекращены. Торги по паре S/USDT откроются позже.</p>',
        'FTM', 'S',
    ),
    Swap(
        'Переименование LIT в HEI',
        '<p>Пара LIT/USDT будет удалена.</p>',
        'LIT', 'HEI',
    ),
    Swap(
        'Binance Sẽ Hỗ Trợ Hoán Đổi Token Fantom (FTM) Sang Sonic (S)',
        '<p>FTM sẽ được chuyển đổi thành S. Cặp giao dịch FTM/USDT sẽ bị hủy niêm yết. Cặp S/USDT sẽ mở giao dịch.</p>',
        'FTM', 'S',
    ),
    Swap(
        'Đổi tên LIT thành HEI',
        '<p>Cặp LIT/USDT sẽ ngừng giao dịch.</p>',
        'LIT', 'HEI',
    ),
)  # fmt: skip
