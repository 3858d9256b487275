# ruff: noqa: E501 (a notice is easier to read on one line)
"""Notices of swaps by a hostile reviewer, over real ones since 2020 (names as facts): titles alone, tables, merges."""

from __future__ import annotations

from tests.exchanges.announcements.swaps.notices import Swap

# Each says who leaves.
TOLD = (
    Swap(
        'Binance Will Support the Fantom (FTM) Token Swap & Rebranding to Sonic (S)',
        '',
        'FTM', 'S',
    ),
    Swap(
        "Binance to Support Klaytn's (KLAY) Rebrand to Kaia (KAIA)",
        '',
        'KLAY', 'KAIA',
    ),
    Swap(
        'Notice: HNT Will Be Renamed to HNTX on Binance',
        '',
        'HNT', 'HNTX',
    ),
    Swap(
        'Ocean Protocol (OCEAN), SingularityNET (AGIX) and Fetch.ai (FET) to Merge into Artificial Superintelligence Alliance (ASI)',
        '',
        'OCEAN AGIX FET', 'ASI',
    ),
    Swap(
        '币安将支持EOS (EOS) 代币置换并更名为Vaulta (A)',
        '',
        'EOS', 'A',
    ),
    Swap(
        '币安关于Fantom（FTM）更名为Sonic（S）的公告',
        '',
        'FTM', 'S',
    ),
    Swap(
        '바이낸스, 이오스(EOS)를 볼타(A)로 리브랜딩 지원',
        '',
        'EOS', 'A',
    ),
    Swap(
        'Binance, EOS (EOS) Token Takasını ve Vaulta (A) Olarak Yeniden Adlandırılmasını Destekleyecek',
        '',
        'EOS', 'A',
    ),
    Swap(
        'Binance поддержит обмен токенов EOS (EOS) и ребрендинг в Vaulta (A)',
        '',
        'EOS', 'A',
    ),
    Swap(
        '币安将支持Keep Network (KEEP)与NuCypher (NU)合并为Threshold (T)',
        '',
        'KEEP NU', 'T',
    ),
    Swap(
        'Galxe (GAL) Token Takası ve Gravity (G) Adıyla Yeniden Markalama',
        '',
        'GAL', 'G',
    ),
    Swap(
        '갤럭시(GAL) 토큰, 그래비티(G)로 전환 안내',
        '',
        'GAL', 'G',
    ),
    Swap(
        '币安将下架GAL并支持其置换为G',
        '',
        'GAL', 'G',
    ),
    Swap(
        'Binance Will Delist OMG and Rename It to BOBA',
        '',
        'OMG', 'BOBA',
    ),
    Swap(
        'Important Changes Regarding Fetch.ai, Ocean and SingularityNET',
        '<p>Starting 2024-07-01, the three projects Fetch.ai (FET), SingularityNET (AGIX) and Ocean Protocol (OCEAN) share one token. FET will stay as the common token. Holders of AGIX get 0.433350 FET per token; holders of OCEAN get 0.433226 FET per token.</p><p>As of 2026-07-01 03:00 UTC no further trades in AGIX/USDT, AGIX/BTC, OCEAN/USDT and OCEAN/BTC.</p>',
        'AGIX OCEAN', 'FET',
    ),
    Swap(
        'Binance Will Support the Tribe (TRIBE) and Rari Governance Token (RGT) Merger',
        '<p>Following the governance vote, TRIBE will remain the only token. At 2026-07-01 03:00 (UTC) RGT/USDT and RGT/BUSD will be delisted; RGT will be converted at 26.7 TRIBE each.</p>',
        'RGT', 'TRIBE',
    ),
    Swap(
        'Binance Will Support the Merger of Fetch.ai (FET) and SingularityNET (AGIX)',
        '<p>AGIX/USDT and AGIX/BTC will cease trading at 2026-07-01 03:00 (UTC). FET deposits will be unavailable during the merger and FET trading continues.</p>',
        'AGIX', 'FET',
    ),
    Swap(
        'Token Swap Notice',
        '<table><tr><th>Old token</th><th>New token</th><th>Ratio</th><th>Trading stops</th></tr><tr><td>FTM</td><td>S</td><td>1:1</td><td>2026-06-01 03:00 (UTC)</td></tr><tr><td>EOS</td><td>A</td><td>1:1</td><td>2026-06-02 03:00 (UTC)</td></tr></table>',
        'FTM EOS', 'S A',
    ),
    Swap(
        'Binance Will Support Several Token Swaps',
        '<p>Please find the swaps below.</p><table><tr><td>Old Token</td><td>New Token</td><td>Ratio</td></tr><tr><td>Maker (MKR)</td><td>Sky (SKY)</td><td>1:24000</td></tr><tr><td>Orion (ORN)</td><td>Lumia (LUMIA)</td><td>1:1</td></tr></table><p>The spot pairs MKR/USDT and ORN/USDT are delisted at 2026-06-01 03:00 (UTC).</p>',
        'MKR ORN', 'SKY LUMIA',
    ),
    Swap(
        'Token Swap Notice',
        '<table><tr><th>New token</th><th>Old token</th><th>Ratio (old:new)</th></tr><tr><td>LUMIA</td><td>ORN</td><td>1:1</td></tr><tr><td>SKY</td><td>MKR</td><td>1:24000</td></tr></table><p>Trading in the old pairs MKR/USDT and ORN/USDT ends at 2026-06-01 03:00 (UTC).</p>',
        'ORN MKR', 'LUMIA SKY',
    ),
    Swap(
        'Binance Will Support the Elrond Swap (ERD to EGLD)',
        '<table><tr><td>Before</td><td>ERD</td></tr><tr><td>After</td><td>EGLD</td></tr><tr><td>Ratio</td><td>1000:1</td></tr></table><p>ERD/USDT, ERD/BTC and ERD/BNB stop at 2026-06-01 03:00 (UTC).</p>',
        'ERD', 'EGLD',
    ),
    Swap(
        'Binance Will Support the SafePal 1:1000 Redenomination of BitTorrent (BTT)',
        '<p>The old BTT will be displayed as BTTOLD and the redenominated token takes the ticker BTTC. BTT/USDT, BTT/TRY are removed on 2026-06-01 03:00 (UTC). 1 BTT = 1,000 BTTC.</p>',
        'BTT', 'BTTC',
    ),
    Swap(
        'Ticker Change of Terra Classic: LUNA to LUNC',
        '<p>From 2026-06-01 03:00 UTC the token formerly trading as LUNA will carry the ticker LUNC. A different coin will list as LUNA later.</p>',
        'LUNA', 'LUNC',
    ),
    Swap(
        'Binance Will Replace BETH With WBETH',
        '<p>All BETH will be converted to WBETH. BETH/ETH and BETH/USDT spot pairs will be delisted at 2026-06-01 03:00 (UTC). WBETH/ETH will open.</p>',
        'BETH', 'ETH WBETH',
    ),
    Swap(
        'Rebranding and Pair Removal: LEND becomes AAVE',
        '<p>At 2026-06-01 03:00 (UTC) LEND/BKRW and LEND/BTC are delisted. The remaining pairs LEND/USDT is renamed to AAVE/USDT. 100 LEND = 1 AAVE.</p>',
        'LEND', 'AAVE',
    ),
    Swap(
        'Binance Will Support Ethos (BQX) Rebranding to Voyager (VGX)',
        '<p>The snapshot will be taken at 2026-06-01 03:00 (UTC). Trading in BQX/BTC, BQX/ETH ceases at the same time. Users receive VGX 1:1.</p>',
        'BQX', 'VGX',
    ),
    Swap(
        'NULS, Matic and Harmony',
        "<p>MATIC turns POL. From 2026-09-13 03:00 (UTC), you won't be able to trade MATIC/USDT any more. POL/USDT goes live an hour later.</p>",
        'MATIC', 'POL',
    ),
    Swap(
        'OKX to delist MATIC and list POL',
        '<p>OKX will convert MATIC to POL at a 1:1 ratio. MATIC/USDT will be delisted at 8:00 am UTC on June 1, 2026. POL/USDT will be listed at 10:00 am UTC on June 1, 2026.</p>',
        'MATIC', 'POL',
    ),
    Swap(
        'PAXG, PAX and BUSD',
        '<p>Paxos Standard (PAX) is now called USDP. Markets with PAX (BTC/PAX, ETH/PAX, PAX/USDT) get removed 2026-06-01 06:00 (UTC).</p>',
        'PAX', 'USDP',
    ),
    Swap(
        'Binance Will Support the Omni Network (OMNI) Rebranding to Nomina (NOM)',
        '<p>1 OMNI = 75 NOM.</p><ul><li>2026-06-01 03:00 (UTC): trading of OMNI/USDT, OMNI/USDC, OMNI/TRY ends, open orders are cancelled</li><li>2026-06-01 07:00 (UTC): conversion of OMNI balances to NOM</li><li>2026-06-03 08:00 (UTC): trading of NOM/USDT, NOM/USDC, NOM/TRY begins</li></ul>',
        'OMNI', 'NOM',
    ),
    Swap(
        'Trading of BNX Paused for FORM Swap',
        '<p>Due to the token swap, trading in BNX pairs will be paused at 2026-06-01 03:00 (UTC). All BNX will be FORM when trading returns.</p>',
        'BNX', 'FORM',
    ),
    Swap(
        'GLMR, WNXM and NXM: WNXM Unwrapped',
        '<p>NXM wrapped tokens (WNXM) will be unwrapped into NXM. WNXM/USDT and WNXM/BTC are delisted at 2026-06-01 03:00 (UTC).</p>',
        'WNXM', 'NXM',
    ),
    Swap(
        'Wrapped Bitcoin Update',
        '<p>renBTC (RENBTC) will be exchanged for Bitcoin (BTC) at 1:1. RENBTC/BTC and RENBTC/ETH are removed at 2026-06-01 03:00 (UTC).</p>',
        'RENBTC', 'BTC ETH',
    ),
    Swap(
        'Stablecoin Consolidation: USDC, USDP and TUSD into BUSD',
        '<p>Balances in USDC, USDP and TUSD will be converted into BUSD at 1:1. USDC/BUSD, USDC/USDT, USDP/USDT, USDP/BUSD, TUSD/USDT and TUSD/BUSD are removed on 2026-06-01 03:00 (UTC).</p>',
        'USDC USDP TUSD', 'BUSD USDT',
    ),
    Swap(
        '币安将支持OMG Network (OMG)代币置换',
        '<p>OMG将置换为BOBA，1 OMG = 1 BOBA。</p><p>币安将于2026年06月01日03:00（UTC）停止OMG/USDT、OMG/BTC的交易。</p><p>BOBA/USDT交易对将于2026年06月02日开放。</p>',
        'OMG', 'BOBA',
    ),
    Swap(
        '关于MakerDAO更名的通知',
        '<p>MKR将升级为SKY，兑换比例为1:24,000。MKR/USDT、MKR/BTC将于2026-06-01 03:00 (UTC)下线。SKY的交易不受影响。</p>',
        'MKR', 'SKY',
    ),
    Swap(
        '关于AGIX、OCEAN并入FET的公告',
        '<p>AGIX和OCEAN将合并至FET。FET继续交易。AGIX/USDT与OCEAN/USDT将于2026-06-01 03:00 (UTC)下架。</p>',
        'AGIX OCEAN', 'FET',
    ),
    Swap(
        '代币更名通知',
        '<p>原代币：LIT；新代币：HEI；比例：1:1。</p><p>LIT/USDT 于2026年6月1日11:00（UTC+8）停止交易。</p>',
        'LIT', 'HEI',
    ),
    Swap(
        '关于支持FTM升级的公告',
        '<table><tr><td>旧代币</td><td>新代币</td><td>比例</td></tr><tr><td>FTM</td><td>S</td><td>1:1</td></tr></table><p>FTM/USDT将于2026-06-01 03:00 (UTC)停止交易。</p>',
        'FTM', 'S',
    ),
    Swap(
        '멀티체인 애니스왑(ANY) 토큰 교환 안내',
        '<p>ANY는 1:1 비율로 MULTI로 교환됩니다. ANY/USDT 및 ANY/BTC 거래는 2026-06-01 03:00 (UTC)에 종료됩니다.</p>',
        'ANY', 'MULTI',
    ),
    Swap(
        'AGIX, OCEAN의 FET 통합 안내',
        '<p>AGIX와 OCEAN은 FET로 통합됩니다. FET 거래는 계속됩니다. AGIX/USDT, OCEAN/USDT는 2026-06-01 03:00 (UTC) 상장 폐지됩니다.</p>',
        'AGIX OCEAN', 'FET',
    ),
    Swap(
        '톤(G) 티커 변경 안내',
        '<p>GAL의 티커가 G로 변경됩니다. GAL/USDT 거래 지원은 2026-06-01 03:00 (UTC)에 종료됩니다.</p>',
        'GAL', 'G',
    ),
    Swap(
        'Слияние проектов Keep и NuCypher',
        '<p>Токены KEEP и NU будут обменены на T. Торговля парами KEEP/USDT, NU/USDT прекратится 01.06.2026 03:00 (UTC). Пара T/USDT откроется позже.</p>',
        'KEEP NU', 'T',
    ),
    Swap(
        'Смена тикера NANO',
        '<p>Тикер NANO меняется на XNO. Пары NANO/USDT и NANO/BTC будут закрыты 2026-06-01 03:00 (UTC).</p>',
        'NANO', 'XNO',
    ),
    Swap(
        'COCOS Token Değişimi Duyurusu',
        "<p>COCOS, 1:1 oranında COMBO'ya dönüştürülecek. COCOS/USDT ve COCOS/TRY çiftleri 2026-06-01 03:00 (UTC) itibarıyla kaldırılacak. COMBO/USDT daha sonra işleme açılacak.</p>",
        'COCOS', 'COMBO',
    ),
    Swap(
        'AGIX ve OCEAN, FET ile Birleşiyor',
        '<p>AGIX ve OCEAN tokenları FET ile takas edilecek. FET işlemleri devam edecek. AGIX/USDT ve OCEAN/USDT 2026-06-01 03:00 (UTC) tarihinde listeden çıkarılacak.</p>',
        'AGIX OCEAN', 'FET',
    ),
    Swap(
        'Delisting of XZC and Listing of FIRO',
        '',
        'XZC', 'FIRO',
    ),
    Swap(
        'Sonic (S), Formerly Fantom (FTM), Token Swap',
        '',
        'FTM', 'S',
    ),
    Swap(
        'Binance Will Support the Swap of EOS for A',
        '',
        'EOS', 'A',
    ),
    Swap(
        'Binance Will Support the Conversion of 100 LEND to 1 AAVE',
        '',
        'LEND', 'AAVE',
    ),
    Swap(
        'Binance Will Support the NPXS 1000:1 Redenomination Into PUNDIX',
        '',
        'NPXS', 'PUNDIX',
    ),
    Swap(
        'OKX will support A (formerly EOS) token migration',
        '',
        'EOS', 'A',
    ),
    Swap(
        "Bybit Will Support EOS's Migration to Vaulta: EOS → A",
        '',
        'EOS', 'A',
    ),
    Swap(
        'Delisting of MATICUSDT Perpetual Contract and Launch of POLUSDT Perpetual Contract',
        '',
        'MATIC', 'POL',
    ),
    Swap(
        'Binance Futures Will Delist MATICUSDT and Launch POLUSDT',
        '',
        'MATIC', 'POL',
    ),
    Swap(
        '[상장폐지] 클레이튼(KLAY) → 카이아(KAIA) 리브랜딩',
        '',
        'KLAY', 'KAIA',
    ),
    Swap(
        'LIT Sembolü HEI Olarak Değişiyor',
        '',
        'LIT', 'HEI',
    ),
    Swap(
        'Binance изменит тикер LIT на HEI',
        '',
        'LIT', 'HEI',
    ),
    Swap(
        'Heima（原Litentry，LIT）代币更名为HEI',
        '',
        'LIT', 'HEI',
    ),
    Swap(
        'LIT升级为HEI：币安支持方案',
        '',
        'LIT', 'HEI',
    ),
    Swap(
        '币安上线HEI，下架LIT',
        '',
        'LIT', 'HEI',
    ),
    Swap(
        '关于G代币（原GAL）置换的公告',
        '',
        'GAL', 'G',
    ),
    Swap(
        'Binance Will Support the Merge of WAVES-Based VIRES Into WX',
        '',
        'VIRES', 'WX',
    ),
    Swap(
        'The End of SAI: Move to DAI',
        '',
        'SAI', 'DAI',
    ),
    Swap(
        'Three Become One: AGIX, OCEAN Join FET',
        '',
        'AGIX OCEAN', 'FET',
    ),
    Swap(
        'Binance Will Support the ICON (ICX) Migration and Rebranding to SODAX (SODA)',
        '',
        'ICX', 'SODA',
    ),
    Swap(
        'Delisting of XZC and Listing of FIRO',
        '<p>Zcoin changes its name to Firo. XZC/USDT and XZC/BTC are closed at 2026-06-01 03:00 (UTC). FIRO/USDT and FIRO/BTC start at 2026-06-01 05:00 (UTC).</p>',
        'XZC', 'FIRO',
    ),
    Swap(
        'Sonic (S) to Replace Fantom (FTM)',
        '<p>FTM/USDT trading will end at 2026-06-01 03:00 (UTC).</p><p>S/USDT perpetual contract may see volatility; its trading is halted from 2026-06-01 03:00 (UTC) to 2026-06-01 04:00 (UTC).</p>',
        'FTM', '',
    ),
    Swap(
        'Binance Will Support the Merger of Klaytn (KLAY) and Finschia (FNSA)',
        '<p>KAIA is the name of the joint token. KLAY is converted 1:1, FNSA 1:148. KLAY/USDT and FNSA/USDT will be delisted at 2026-06-01 03:00 (UTC); KAIA/USDT will open.</p>',
        'KLAY FNSA', 'KAIA',
    ),
    Swap(
        'Token Unification',
        '<p>In exchange for each OLDC (OLDC) you hold you will be given 2 NEWC (NEWC).</p><p>Pairs that close: OLDC/USDT, OLDC/BTC (2026-06-01 03:00 UTC).</p><p>Pairs that open: NEWC/USDT, NEWC/BTC (2026-06-02 03:00 UTC).</p>',
        'OLDC', 'NEWC',
    ),
    Swap(
        'Merger of SingularityNET (AGIX) With Fetch.ai (FET)',
        '<p>Spot pairs to be removed at 2026-07-01 03:00 (UTC): AGIX/USDT, AGIX/BTC, AGIX/TRY.</p><p>FET margin borrowing will be suspended at 2026-07-01 02:00 (UTC).</p>',
        'AGIX', 'FET',
    ),
    Swap(
        'Merger of Fetch.ai (FET) With SingularityNET (AGIX)',
        '<p>Spot pairs to be removed at 2026-07-01 03:00 (UTC): AGIX/USDT, AGIX/BTC, AGIX/TRY.</p>',
        'AGIX', 'FET',
    ),
    Swap(
        'Merger of Fetch.ai (FET) and SingularityNET (AGIX)',
        '<p>Deposits and withdrawals of FET and AGIX stop at 2026-07-01 02:00 (UTC).</p><p>All AGIX will be turned to FET.</p>',
        'AGIX', 'FET',
    ),
    Swap(
        'Ticker Update: OM to MANTRA',
        '<table><tr><th>Current symbol</th><th>New symbol</th><th>Effective</th></tr><tr><td>OM/USDT</td><td>MANTRA/USDT</td><td>2026-06-01 03:00 (UTC)</td></tr><tr><td>OM/TRY</td><td>MANTRA/TRY</td><td>2026-06-01 03:00 (UTC)</td></tr></table>',
        'OM', 'MANTRA',
    ),
    Swap(
        'Symbol changes on 1 June',
        '<table><tr><th>Old symbol</th><th>New symbol</th></tr><tr><td>OMUSDT</td><td>MANTRAUSDT</td></tr><tr><td>FTMUSDT</td><td>SUSDT</td></tr></table><p>The change takes place at 2026-06-01 03:00 (UTC). Trading is stopped for the old symbols at that time.</p>',
        'OM FTM', 'S MANTRA',
    ),
    Swap(
        'Token swaps in June',
        '<table><tr><th>Token being swapped</th><th>Swapped to</th><th>Ratio</th></tr><tr><td>OM</td><td>MANTRA</td><td>1:4</td></tr></table><p>Spot trading of OM ends at 2026-06-01 03:00 (UTC).</p>',
        'OM', 'MANTRA',
    ),
    Swap(
        'Binance Will Support Token Swap',
        '<ul><li>Old Token: OM</li><li>New Token: MANTRA</li><li>Ratio: 1 to 4</li><li>Trading of OM/USDT ends: 2026-06-01 03:00 (UTC)</li></ul>',
        'OM', 'MANTRA',
    ),
    Swap(
        'Binance Will Support the NPXS Redenomination (1,000:1)',
        '<p>The token keeps its name, and the redenominated tokens get the ticker PUNDIX. NPXS/USDT, NPXS/BTC and NPXS/ETH are closed at 2026-06-01 03:00 (UTC).</p>',
        'NPXS', 'PUNDIX',
    ),
    Swap(
        'BTT: Redenomination, New Name and Listing',
        '<p>BTT (old) will be shown as BTTOLD. The new BTT is listed at 2026-06-01 10:00 (UTC). 1 BTTOLD = 1,000 BTT.</p><p>BTT/USDT in old units is removed at 2026-06-01 03:00 (UTC).</p>',
        'BTT', 'BTTOLD',
    ),
    Swap(
        'Postponement: Token Swap of EOS',
        '<p>The EOS to A swap does not take place on 2026-06-01. EOS/USDT will be delisted on 2026-06-08 03:00 (UTC), and A/USDT listed on 2026-06-10 03:00 (UTC).</p>',
        'EOS', 'A',
    ),
    Swap(
        'Correction: Token Swap of EOS',
        '<p>Fellow Binancians,</p><p>The ratio is 1 EOS = 1 A, not 1 EOS = 10 A. EOS/USDT ends at 2026-06-01 03:00 (UTC). A/USDT begins at 2026-06-03 03:00 (UTC).</p>',
        'EOS', 'A',
    ),
    Swap(
        'Margin: Notice on FTM and S',
        '<p>FTM will be delisted from cross and isolated margin at 2026-05-28 06:00 (UTC) due to the migration of FTM into S. S/USDT cross margin will be added on 2026-06-05 06:00 (UTC).</p>',
        'FTM', 'S',
    ),
    Swap(
        'Fantom (FTM) Migration: FAQ on What Happens to Your Orders',
        '<p>FTM/USDT stops at 2026-06-01 03:00 (UTC). Your FTM orders are cancelled. You find S in your wallet one day later. S/BTC orders may be placed from 2026-06-03.</p>',
        'FTM', 'S',
    ),
    Swap(
        'Binance Will Support Fantom (FTM) Swap to Sonic (S)',
        '<p>Please note: S deposits will be suspended at 2026-06-01 03:00 (UTC). S withdrawals will be suspended at 2026-06-01 03:00 (UTC). S/USDT perpetual trading will be stopped at 2026-06-01 03:00 (UTC) for one hour. FTM/USDT will be removed at 2026-06-01 03:00 (UTC).</p>',
        'FTM', '',
    ),
    Swap(
        'Holders of SNX Receive KWENTA Migration Tokens',
        '<p>KWENTA will be converted into SNX: 1 KWENTA = 17 SNX. KWENTA/USDT will be delisted at 2026-06-01 03:00 (UTC). SNX/USDT is unaffected.</p>',
        'KWENTA', 'SNX',
    ),
    Swap(
        'GNT Becomes GLM: What You Should Know',
        '<ol><li>GNT/BTC and GNT/ETH: no trading from 2026-06-01 03:00 (UTC)</li><li>GLM/BTC and GLM/ETH: trading from 2026-06-03 03:00 (UTC)</li><li>GNT deposits: none from 2026-06-01 02:00 (UTC)</li><li>GLM deposits: from 2026-06-02 02:00 (UTC)</li></ol>',
        'GNT', 'GLM',
    ),
    Swap(
        'Binance Will Support the Stacks Nakamoto (STX) and ALEX Merger',
        '<p>ALEX will be absorbed by STX. Trading of ALEX/USDT will be concluded at 2026-06-01 03:00 (UTC).</p>',
        'ALEX', 'STX',
    ),
    Swap(
        '关于支持KLAY与FNSA合并的公告',
        '<p>KLAY和FNSA将合并为KAIA。</p><p>KLAY/USDT、FNSA/USDT将于2026年6月1日11:00（东八区时间）停止交易。</p><p>KAIA/USDT将于2026年6月2日开放交易。</p>',
        'KLAY FNSA', 'KAIA',
    ),
    Swap(
        '币安关于合并TRIBE和RGT的公告',
        '<p>RGT将兑换为TRIBE，1 RGT = 26.7 TRIBE。RGT/USDT将下架。TRIBE/USDT不受影响。</p>',
        'RGT', 'TRIBE',
    ),
    Swap(
        '幣安將支持Galxe (GAL) 遷移至Gravity (G)',
        '<p>GAL/USDT、GAL/BTC 將於 2026/06/01 03:00 (UTC) 停止交易。G/USDT 將於 2026/06/03 03:00 (UTC) 開始交易。1 GAL = 60 G。</p>',
        'GAL', 'G',
    ),
    Swap(
        '币安上线HEI，下架LIT',
        '<p>Litentry更名为Heima。LIT/USDT于2026年06月01日03:00（UTC）下架，HEI/USDT于2026年06月02日03:00（UTC）上线。</p>',
        'LIT', 'HEI',
    ),
    Swap(
        '클레이튼(KLAY)과 핀시아(FNSA) 통합에 따른 카이아(KAIA) 전환 지원 안내',
        '<p>KLAY와 FNSA는 KAIA로 전환됩니다. KLAY/USDT, FNSA/USDT 거래는 2026-06-01 03:00 (UTC)에 중단됩니다. KAIA/USDT 거래는 2026-06-03 03:00 (UTC)에 시작됩니다.</p>',
        'KLAY FNSA', 'KAIA',
    ),
    Swap(
        '리텐트리(LIT) 심볼 변경 안내',
        '<p>LIT의 심볼이 HEI로 바뀝니다. LIT/USDT는 2026-06-01 03:00 (UTC) 거래가 종료됩니다.</p>',
        'LIT', 'HEI',
    ),
    Swap(
        'GAL/G Token Takası',
        '<p>1 GAL = 60 G. GAL/USDT işlemleri 2026-06-01 03:00 (UTC) tarihinde durdurulacak. G/USDT işlemleri 2026-06-03 03:00 (UTC) tarihinde başlayacak.</p>',
        'GAL', 'G',
    ),
    Swap(
        'Galxe (GAL) Token Takası ve Gravity (G) Adıyla Yeniden Markalama',
        "<p>GAL bakiyeleri G'ye çevrilecek. GAL/USDT ve GAL/TRY işlem çiftleri 2026-06-01 03:00 (UTC) tarihinde kaldırılacak.</p>",
        'GAL', 'G',
    ),
    Swap(
        'Обмен GAL на G',
        '<p>1 GAL = 60 G. Торги GAL/USDT завершатся 1 июня 2026 в 03:00 UTC. Торги G/USDT начнутся 3 июня 2026 в 03:00 UTC.</p>',
        'GAL', 'G',
    ),
    Swap(
        'Слияние FET, AGIX и OCEAN',
        '<p>FET остаётся. AGIX и OCEAN конвертируются в FET. AGIX/USDT и OCEAN/USDT будут делистингованы 1 июня 2026 в 03:00 UTC.</p>',
        'AGIX OCEAN', 'FET',
    ),
    Swap(
        'Binance Will Delist FOO/BTC and Add FOO/FDUSD',
        '',
        'FOO', '',
    ),
    Swap(
        'Binance Will Delist FOO, BARX and List BAZX',
        '',
        'FOO BARX', 'BAZX',
    ),
    Swap(
        'Binance Will Delist ANT, MULTI, VAI and XMR on 2026-06-01',
        '<p>ANT/USDT, MULTI/USDT, VAI/USDT and XMR/USDT are removed at 2026-06-01 03:00 (UTC). XMR may be converted to USDC after delisting. Binance will open MULTI withdrawals until 2026-09-01.</p>',
        'ANT MULTI VAI XMR', '',
    ),
    Swap(
        'Binance Futures Will Delist FOOUSDT and Launch FOOUSDC',
        '',
        'FOO', '',
    ),
    Swap(
        'Binance Will Delist FOO and Relaunch It as BARX',
        '',
        'FOO', 'BARX',
    ),
    Swap(
        'Binance Will Delist MITH, TRIBE, REP and BTCST',
        '<p>TRIBE/USDT, MITH/USDT, REP/USDT, BTCST/USDT: removed at 2026-06-01 03:00 (UTC). Holders of REP can swap REP to REPV2.</p>',
        'MITH TRIBE REP BTCST', 'REPV2',
    ),
    Swap(
        'Binance Will Support the AAAX and BBBX Contract Migration',
        '<p>Deposits and withdrawals of AAAX and BBBX will be suspended at 2026-06-01 03:00 (UTC).</p>',
        'AAAX BBBX', '',
    ),
    Swap(
        'Binance Will Support the Contract Swap of Aaa (AAAX), Bbb (BBBX) & Ccc (CCCX)',
        '',
        'AAAX BBBX CCCX', '',
    ),
    Swap(
        'Binance Will Support the Token Swap of Aaa (AAAX) on Polygon (MATIC) Network',
        '',
        'AAAX', 'MATIC',
    ),
    Swap(
        'Binance Will Support the Aaa (AAAX) Token Migration From ERC20 to SOL',
        '',
        'AAAX', 'SOL',
    ),
    Swap(
        'Binance Will Support the Aaa (AAAX) Token Migration from Ethereum (ETH) to Solana (SOL)',
        '',
        'AAAX', 'ETH SOL',
    ),
    Swap(
        'Binance Will Support the Helium (HNT), Helium Mobile (MOBILE) and Helium IOT (IOT) Migration to Solana (SOL)',
        '',
        'HNT MOBILE IOT', 'SOL',
    ),
    Swap(
        'Token Swap Schedule',
        '<table><tr><th>From</th><th>To</th></tr><tr><td>2026-06-01 03:00</td><td>2026-06-02 03:00</td></tr></table><p>AAAX is swapped for BBBX; AAAX/USDT is removed at 2026-06-01 03:00 (UTC).</p>',
        'AAAX', 'BBBX',
    ),
    Swap(
        'Binance Will List Sonic (S) and Delist Fantom (FTM) After Token Swap',
        '<p>FTM/USDT ends 2026-06-01 03:00 (UTC). S/USDT opens 2026-06-03 03:00 (UTC).</p>',
        'FTM', 'S',
    ),
    Swap(
        'Merger of AAAX and BBBX',
        '<p>AAAX/USDT and BBBX/USDT are removed at 2026-06-01 03:00 (UTC). Both become CCCX.</p>',
        'AAAX BBBX', 'CCCX',
    ),
    Swap(
        'Merge of AAAX, BBBX and CCCX',
        '<p>AAAX/USDT is removed at 2026-06-01 03:00 (UTC).</p>',
        'AAAX', 'BBBX CCCX',
    ),
)  # fmt: skip

# What these say is not read, or is not said: a person judges who leaves.
UNTOLD = (
    Swap(
        'Binance Will Support the Merger of Tribe (TRIBE) and Rari Governance (RGT)',
        '',
        '', 'TRIBE RGT',
    ),
    Swap(
        'Merger of SingularityNET (AGIX) With Fetch.ai (FET)',
        '',
        '', 'FET',
    ),
    Swap(
        'Keep Network(KEEP)와 NuCypher(NU)의 Threshold(T) 합병 지원 안내',
        '',
        'KEEP NU', 'T',
    ),
    Swap(
        'Бинанс: MATIC меняет тикер на POL',
        '',
        'MATIC', 'POL',
    ),
    Swap(
        'Merger of Barnbridge (BOND) and Universe (XYZ)',
        '<p>Both projects have agreed on a merger. More will follow.</p>',
        '', 'BOND XYZ',
    ),
    Swap(
        'Binance Will Convert BUSD to FDUSD',
        '<p>All remaining BUSD balances will be converted to FDUSD at 1:1 on 2026-06-01 03:00 (UTC). BUSD spot pairs will be removed.</p>',
        'BUSD', 'FDUSD',
    ),
    Swap(
        'XZC Is Now FIRO',
        '',
        'XZC', 'FIRO',
    ),
    Swap(
        'Say Hello to Kaia (KAIA), Goodbye Klaytn (KLAY)',
        '',
        'KLAY', 'KAIA',
    ),
    Swap(
        'Sonic (S) to Replace Fantom (FTM)',
        '',
        'FTM', 'S',
    ),
    Swap(
        'Token Swap for Viction (VIC) (Prev. TomoChain (TOMO))',
        '',
        'TOMO', 'VIC',
    ),
    Swap(
        'Threshold (T) Merger: KEEP and NU Token Swap',
        '',
        'KEEP NU', 'T',
    ),
    Swap(
        'Binance Will Support Vaulta (A) Token Swap (EOS)',
        '',
        '', 'A',
    ),
    Swap(
        'Update on the FTM/S Token Swap',
        '',
        'FTM', 'S',
    ),
    Swap(
        '클레이튼(KLAY) 및 핀시아(FNSA), 카이아(KAIA)로 통합',
        '',
        'KLAY FNSA', 'KAIA',
    ),
    Swap(
        '클레이튼(KLAY)과 핀시아(FNSA) 통합에 따른 카이아(KAIA) 전환 지원 안내',
        '',
        'KLAY FNSA', 'KAIA',
    ),
    Swap(
        'Klaytn (KLAY) ve Finschia (FNSA) Birleşerek Kaia (KAIA) Oluyor',
        '',
        'KLAY FNSA', 'KAIA',
    ),
    Swap(
        "Binance, Klaytn (KLAY) Token'ının Kaia (KAIA) ile Değiştirilmesini Destekleyecek",
        '',
        'KLAY', 'KAIA',
    ),
    Swap(
        'Объединение Klaytn (KLAY) и Finschia (FNSA) в Kaia (KAIA)',
        '',
        'KLAY FNSA', 'KAIA',
    ),
    Swap(
        'Токен HEI заменит LIT',
        '',
        'LIT', 'HEI',
    ),
    Swap(
        '币安将以HEI替换LIT',
        '',
        'LIT', 'HEI',
    ),
    Swap(
        '币安支持KLAY与FNSA合并',
        '',
        '', 'KLAY FNSA',
    ),
    Swap(
        'Ethereum Merge: ETH and ETHW',
        '',
        '', 'ETHW',
    ),
    Swap(
        'FET, AGIX and OCEAN Unite as ASI',
        '',
        'FET AGIX OCEAN', 'ASI',
    ),
    Swap(
        'Merger of Fetch.ai (FET) and SingularityNET (AGIX)',
        '<p>AGIX will leave the market on 2026-07-01 at 03:00 (UTC) for FET.</p>',
        'AGIX', 'FET',
    ),
    Swap(
        'Merger of Fetch.ai (FET) and SingularityNET (AGIX)',
        '<p>Deposits and withdrawals of FET and AGIX stop at 2026-07-01 02:00 (UTC).</p>',
        '', 'FET AGIX',
    ),
    Swap(
        'NANO to XNO',
        '<p>NANO: remove. XNO: add. Time: 2026-06-01 03:00 (UTC).</p>',
        'NANO', 'XNO',
    ),
    Swap(
        'Notice on KEEP/NU -> T',
        '<p>KEEP, NU: 停止. T goes live 2026-06-05.</p>',
        'KEEP NU', 'T',
    ),
)  # fmt: skip
