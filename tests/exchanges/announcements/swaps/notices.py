# ruff: noqa: E501 (a notice is easier to read on one line)
"""Notices of swaps, merges, redenominations and changes of ticker, written by us over real ones (names as facts)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Swap:
    """old: who leaves. new: who never leaves. renamed: (old, new) of one coin."""

    title: str
    body: str
    old: str
    new: str
    renamed: str = ""


HOUSE = (
    "At 2026-06-01 03:00 (UTC), Binance will delist and cease trading on all existing {old} spot trading pairs: {pairs}. "
    "At 2026-06-01 03:30 (UTC), deposits and withdrawals of {old} will be suspended. "
    "All {old} tokens will be swapped to {new} at a ratio of {ratio}. "
    "At 2026-06-04 08:00 (UTC), Binance will open trading for the {new}/USDT and {new}/BTC trading pairs. Deposits of {new} tokens will open at 2026-06-04 07:00 (UTC)."
)


def house(title: str, old: str, new: str, ratio: str = "", renamed: str = "") -> Swap:
    pairs = f"{old}/USDT, {old}/BTC and {old}/TRY"
    body = HOUSE.format(old=old, new=new, pairs=pairs, ratio=ratio or f"1 {old} = 1 {new}")
    return Swap(title, body, old, new, renamed)


SWAPS = (
    # --- the words of the house
    house("Binance Will Support the Elrond (ERD) Mainnet Swap and Rebranding to MultiversX (EGLD)", "ERD", "EGLD", "1,000 ERD = 1 EGLD"),
    house("Binance Will Support the Pundi X (NPXS) Redenomination to Pundi X New (PUNDIX)", "NPXS", "PUNDIX", "1,000 NPXS = 1 PUNDIX"),
    house("Binance Will Support the Fantom (FTM) Token Swap and Rebranding to Sonic (S)", "FTM", "S", renamed="FTM>S"),
    house("Binance Will Support the EOS (EOS) Token Swap and Rebranding to Vaulta (A)", "EOS", "A", renamed="EOS>A"),
    house("Binance Will Support the Maker (MKR) Token Swap, Redenomination and Rebranding to Sky (SKY)", "MKR", "SKY", "1 MKR = 24,000 SKY"),
    house("Binance Will Support the Polygon (MATIC) Token Swap and Rebranding to Polygon (POL)", "MATIC", "POL", renamed="MATIC>POL"),
    house("Binance Will Support the Orion (ORN) Token Swap, Redenomination and Rebranding to Lumia (LUMIA)", "ORN", "LUMIA"),
    house("Binance Will Support the STP (STPT) Token Swap and Rebranding to AWE Network (AWE)", "STPT", "AWE", renamed="STPT>AWE"),
    house("Binance Will Support the TomoChain (TOMO) Rebranding to Viction (VIC)", "TOMO", "VIC", renamed="TOMO>VIC"),
    house("Binance Will Support the Mines of Dalarnia (DAR) Token Swap and Rebranding to Dar Open Network (D)", "DAR", "D", renamed="DAR>D"),
    house("Binance Will Support the Cocos-BCX (COCOS) Token Swap and Rebranding Plan to COMBO (COMBO)", "COCOS", "COMBO", renamed="COCOS>COMBO"),
    house("Binance Will Support the BitTorrent (BTT) Redenomination Plan and Ticker Change to BTTC", "BTT", "BTTC", "1 BTT = 1,000 BTTC"),
    # --- merges
    Swap(
        "Binance Will Support the Token Merge of Fetch.ai (FET), SingularityNET (AGIX) and Ocean Protocol (OCEAN)",
        "At 2026-07-01 03:00 (UTC), Binance will delist AGIX/USDT, AGIX/BTC, OCEAN/USDT and OCEAN/BTC. AGIX and OCEAN will be converted to FET: 1 AGIX = 0.433350 FET, 1 OCEAN = 0.433226 FET. Trading of FET will not be affected.",
        "AGIX OCEAN", "FET",
    ),
    Swap(
        "Binance Will Support the Merger of Keep Network (KEEP) and NuCypher (NU) Into Threshold (T)",
        "<p>Trading for KEEP/USDT, KEEP/BTC, NU/USDT and NU/BTC ends at 2026-07-01 03:00 (UTC).</p><p>Holders receive 4.78 T for each KEEP and 3.26 T for each NU.</p><p>The T/USDT pair opens on 2026-07-02 at 08:00 (UTC).</p>",
        "KEEP NU", "T",
    ),
    Swap(
        "Binance Will Support the Merger of Tribe (TRIBE) and Rari Governance Token (RGT)",
        "<p>RGT balances will be exchanged into TRIBE, 26.7 TRIBE for every RGT.</p><p>We remove RGT/USDT, RGT/BTC and RGT/BUSD at 2026-07-01 03:00 (UTC). Pairs with TRIBE keep trading as usual.</p>",
        "RGT", "TRIBE",
    ),
    Swap(
        "KEEP, NU and T: Token Merger Plan",
        "<p>Two tokens come together under a third one. NU and KEEP are both converted into T.</p><ul><li>NU/USDT is closed at 2026-07-01 03:00 (UTC)</li><li>KEEP/USDT is closed at 2026-07-01 03:00 (UTC)</li><li>T/USDT opens at 2026-07-03 03:00 (UTC)</li></ul>",
        "KEEP NU", "T",
    ),
    Swap(
        "Support for the Unification of AGIX, OCEAN and FET Through a Token Swap",
        "<p>FET absorbs AGIX and OCEAN. After 2026-07-01 03:00 (UTC), no orders are accepted on AGIX/USDT and OCEAN/USDT and both pairs are delisted. FET/USDT stays open.</p>",
        "AGIX OCEAN", "FET",
    ),
    # --- changes of ticker
    Swap(
        "Binance Will Update the Ticker of Nano (NANO) to XNO (XNO)",
        "<p>Trading of NANO/USDT, NANO/BTC and NANO/ETH ends at 2026-06-01 03:00 (UTC). Trading of XNO/USDT opens at 2026-06-01 08:00 (UTC).</p>",
        "NANO", "XNO", "NANO>XNO",
    ),
    Swap(
        "Zcoin (XZC) Changes Its Ticker to FIRO",
        "<p>From 2026-06-01 02:00 (UTC) on, XZC is shown as FIRO. XZC/BTC, XZC/ETH and XZC/USDT are delisted at that time, and FIRO/BTC, FIRO/ETH and FIRO/USDT open two hours later.</p>",
        "XZC", "FIRO", "XZC>FIRO",
    ),
    Swap(
        "Ticker Change: PAX Becomes USDP",
        "<p>Paxos Standard (PAX) has been renamed Pax Dollar (USDP). The pairs PAX/USDT and BTC/PAX will be removed on 2026-06-01 06:00 (UTC) and will return as USDP/USDT and BTC/USDP.</p>",
        "PAX", "USDP", "PAX>USDP",
    ),
    Swap(
        "Notice on the Ticker Change of Terra",
        "<p>The original chain goes on as Terra Classic. The ticker of LUNA will be changed to LUNC, and UST will be renamed to USTC.</p><p>LUNA/BUSD and UST/BUSD are halted at 2026-06-01 06:00 (UTC); LUNC/BUSD and USTC/BUSD start at 2026-06-01 08:00 (UTC).</p>",
        "LUNA UST", "LUNC USTC", "LUNA>LUNC UST>USTC",
    ),
    Swap(
        "Binance Will Change the Token Symbol of Klaytn From KLAY to KAIA",
        "<p>We close KLAY/USDT, KLAY/BTC and KLAY/TRY at 2026-06-01 03:00 (UTC). KAIA takes the place of KLAY, unit for unit.</p>",
        "KLAY", "KAIA", "KLAY>KAIA",
    ),
    Swap(
        "Polymath (POLY) Rebranding: New Ticker POLYX",
        "<p>POLY will be known as POLYX. Spot trading in POLY/USDT stops at 2026-06-01 03:00 (UTC), and POLYX/USDT opens at 2026-06-02 03:00 (UTC).</p>",
        "POLY", "POLYX", "POLY>POLYX",
    ),
    # --- other words
    Swap(
        "Token Swap: Aave Leaves LEND Behind",
        "<p>Users get 1 AAVE for every 100 LEND. The LEND/BTC and LEND/USDT markets shut down for good at 2026-06-01 03:00 (UTC): both pairs will be delisted.</p>",
        "LEND", "AAVE",
    ),
    Swap(
        "On the Token Swap of StormX",
        "<p>STMX replaces STORM.</p><p>On 2026-06-01 at 03:00 (UTC) STORM/BTC and STORM/ETH are taken off the exchange; new orders for STMX/BTC and STMX/ETH are possible three days later.</p>",
        "STORM", "STMX",
    ),
    Swap(
        "Binance Supports the Ethos (BQX) Token Swap to Voyager (VGX)",
        "<p>We will distribute VGX to all eligible BQX holders after a snapshot at 2026-06-01 03:00 (UTC). Trading in all BQX pairs ceases at the same time.</p>",
        "BQX", "VGX",
    ),
    Swap(
        "bZx Protocol (BZRX) Token Conversion",
        "<p>Each BZRX is worth ten OOKI after the conversion: 1 BZRX = 10 OOKI. BZRX/USDT and BZRX/BTC leave the platform; both will be removed at 2026-06-01 03:00 (UTC).</p>",
        "BZRX", "OOKI",
    ),
    Swap(
        "Anyswap (ANY) Token Migration",
        "<p>ANY is migrated to MULTI one to one. Margin and spot pairs of ANY (ANY/USDT, ANY/BTC) are discontinued at 2026-06-01 03:00 (UTC). You may trade MULTI/USDT from 2026-06-03 03:00 (UTC).</p>",
        "ANY", "MULTI",
    ),
    Swap(
        "Stratis Token Swap Announcement",
        "<p>Stratis (STRAT) moves to its new chain and its holders receive Strax (STRAX) in exchange for STRAT.</p><table><tr><td>STRAT/USDT</td><td>removed at 2026-06-01 03:00 (UTC)</td></tr><tr><td>STRAT/BTC</td><td>removed at 2026-06-01 03:00 (UTC)</td></tr></table>",
        "STRAT", "STRAX",
    ),
    Swap(
        "SingularityNET Token Swap (AGI → AGIX)",
        "<p>AGI → AGIX, 1:1. AGI/BTC and AGI/BNB will be delisted at 2026-06-01 03:00 (UTC).</p>",
        "AGI", "AGIX",
    ),
    Swap(
        "Phoenix Global Token Swap",
        "<p>All PHX balances are upgraded to PHB at a rate of 100 PHX to 1 PHB. We terminate trading of PHX/BTC and PHX/USDT at 2026-06-01 03:00 (UTC).</p>",
        "PHX", "PHB",
    ),
    Swap(
        "Multi-Collateral Dai Token Migration",
        "<p>The Single-Collateral Dai (SAI) is retired in favour of Dai (DAI). SAI/USDT ends at 2026-06-01 03:00 (UTC); DAI/USDT opens afterwards.</p>",
        "SAI", "DAI",
    ),
    Swap(
        "Hifi Finance: Token Swap of MFT",
        "<p>MFT gives way to HIFI. For 100 MFT you are credited with 1 HIFI.</p><p>MFT/USDT and MFT/BUSD: last day of trading is 2026-06-01 03:00 (UTC).</p><p>HIFI/USDT: trading starts on 2026-06-03 at 03:00 (UTC).</p>",
        "MFT", "HIFI",
    ),
    Swap(
        "RAMP Token Swap",
        "<p>LEVER, successor of RAMP, will be listed on 2026-06-03 at 03:00 (UTC) with LEVER/USDT and LEVER/BUSD. RAMP/USDT and RAMP/BUSD will be delisted on 2026-06-01 at 03:00 (UTC).</p>",
        "RAMP", "LEVER",
    ),
    Swap(
        "Binance Supports the Swap of Ellipsis (EPS) for Ellipsis X (EPX)",
        "<p>Once trading of EPX/USDT opens, the old EPS pairs will have been removed: EPS/USDT, EPS/BUSD and EPS/BTC cease trading at 2026-06-01 03:00 (UTC).</p>",
        "EPS", "EPX",
    ),
    Swap(
        "Galxe (GAL) Token Migration to Gravity",
        "<p>Gravity (G) is the new token of Galxe. 60 G are issued for each GAL. Trading of GAL/USDT, GAL/BTC, GAL/BNB halts on 2026-06-01 03:00 (UTC) and the pairs are delisted.</p>",
        "GAL", "G",
    ),
    Swap(
        "Frontier (FRONT) and Self Chain (SLF): Token Swap",
        "<p>SLF will be distributed to users who hold FRONT. We will remove FRONT/USDT and FRONT/BTC at 2026-06-01 03:00 (UTC).</p>",
        "FRONT", "SLF",
    ),
    Swap(
        "Token Swap for Render Holders",
        "<p>RNDR tokens can be exchanged for RENDER tokens. RNDR/USDT, RNDR/BTC will cease trading at 2026-06-01 03:00 (UTC). RENDER/USDT and RENDER/BTC will be added.</p>",
        "RNDR", "RENDER",
    ),
    Swap(
        "Heima (HEI), Formerly Litentry (LIT): Rebranding and Token Swap",
        "<p>HEI/USDT opens at 2026-06-03 08:00 (UTC). LIT/USDT and LIT/BTC will no longer be available from 2026-06-01 03:00 (UTC) on; trading ceases.</p>",
        "LIT", "HEI", "LIT>HEI",
    ),
    Swap(
        "Four (FORM) Replaces BinaryX (BNX): Token Swap",
        "<p>At 2026-06-01 03:00 (UTC), the following pairs are delisted:</p><ul><li>BNX/USDT</li><li>BNX/TRY</li></ul><p>At 2026-06-03 03:00 (UTC), the following pairs are opened:</p><ul><li>FORM/USDT</li><li>FORM/TRY</li></ul>",
        "BNX", "FORM",
    ),
    Swap(
        "Arena-Z Token Swap",
        "<p>League of Kingdoms (LOKA) becomes Arena-Z (A2Z). All LOKA pairs will be removed at 2026-06-01 03:00 (UTC): LOKA/USDT, LOKA/BTC. A2Z pairs open later.</p>",
        "LOKA", "A2Z",
    ),
    Swap(
        "Binance Margin and Spot: Token Swap of OMNI",
        "<p>NOM takes over from OMNI: 75 NOM per OMNI.</p><p>Cross margin pairs OMNI/USDT and OMNI/USDC will be removed at 2026-05-28 06:00 (UTC).</p><p>Spot pairs OMNI/USDT, OMNI/USDC and OMNI/TRY will be removed at 2026-06-01 03:00 (UTC).</p>",
        "OMNI", "NOM",
    ),
    Swap(
        "Vanar Chain Token Swap and Rebranding",
        "<p>Virtua (TVK) rebrands to Vanar (VANRY). VANRY is credited 1:1 against TVK. The TVK/USDT and TVK/BTC pairs are closed on 2026-06-01 at 03:00 (UTC).</p>",
        "TVK", "VANRY",
    ),
    Swap(
        "Frax Share (FXS) Mainnet Swap",
        "<p>FXS will trade under the ticker FRAX. FXS/USDT is delisted at 2026-06-01 03:00 (UTC) and FXSUSDT perpetual contracts are settled at 2026-05-28 09:00 (UTC). FRAX/USDT and FRAXUSDT follow.</p>",
        "FXS", "FRAX",
    ),
    Swap(
        "MANTRA (OM) Redenomination",
        "<p>For every OM, holders are given 4 MANTRA. OM/USDT and OM/TRY close at 2026-06-01 03:00 (UTC) and will not reopen; MANTRA/USDT and MANTRA/TRY open at 2026-06-03 03:00 (UTC).</p>",
        "OM", "MANTRA",
    ),
    Swap(
        "Binance Will Support the ai16z (AI16Z) Token Migration to elizaOS (ELIZAOS)",
        "<p>AI16ZUSDT perpetual contracts are settled at 2026-06-01 09:00 (UTC) and delisted. A new ELIZAOSUSDT contract is launched at 2026-06-04 09:00 (UTC). 6 ELIZAOS are paid for 1 AI16Z.</p>",
        "AI16Z", "ELIZAOS",
    ),
)  # fmt: skip
