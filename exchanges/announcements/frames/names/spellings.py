# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""Pairs and contracts in running text, in the spelling of every house: FOO/USDT, FOOUSDT, PF_FOOUSD, PERP_FOO_USDT."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from exchanges.announcements.text.names import NO_TICKERS, pair_name, pairs_in
from markets.networks import is_standard
from markets.symbols import DERIVATIVE_MARKETS, SymbolSplitter

_SYMBOL = re.compile(
    r"(?<![\w/.-])(?P<prefix>P[FI]_|F[FI]_|[uc](?=(?:10{2,6}[A-Z]|[A-Z]{2,6}USD)))?(?P<symbol>[A-Z0-9]{1,24}?(?:[-_](?:USDT|USDC|USD)[-_](?:SWAP|PERPETUAL|PERP|\d{6,8})|(?:USDT|USDC|FDUSD|BUSD|USD1|USD|PERP|VNDC)(?:[_-](?:PERP|\d{6})|M)?))(?![\w/]|-[A-Z])"
)
# Spellings of one house each: PERP_FTM_USDT, HONEY_USDC_PERP, SOL_USDC-31JUL26, BTC-26JUN26, LINKUSDTU26, APEF0:USTF0.
_SPELT = re.compile(
    r"(?<![\w/.:-])(?:(?:(?:PERP|SPOT)_|[A-Z]-)(?P<after>[A-Z0-9]{1,15})_(?P<after_quote>USD[TC]?)"
    r"|(?P<before>k?[A-Z0-9]{1,15})_(?P<before_quote>USD[TC]?)[_-]PERP(?:ETUAL)?"
    r"|(?P<sister>[A-Z0-9]{2,15}?)GUSDPERP"
    r"|(?P<swap>[A-Z0-9]{1,15})-(?:SWAP|PERP)-(?P<swap_quote>USD[TC]?)"
    r"|(?P<dotted>[A-Z0-9]{1,15}?)(?P<dotted_quote>USD[TC]?)\.(?:PERP|SWAP|P)"
    r"|(?P<dated>[A-Z0-9]{1,15}?)(?:[_-](?P<dated_quote>USD[TC]?))?-\d{1,2}[A-Z]{3}\d{2}(?:-\d{1,9}-[CP])?"
    r"|(?P<coded>[A-Z0-9]{2,15}?)(?P<coded_quote>USD[TC]?)?[FGHJKMNQUVXZ]2\d"
    r"|(?P<zero>[A-Z0-9]{2,15})F0:(?P<zero_quote>[A-Z]{2,5})F0)(?![\w/]|:\w)"
)
# What each of them contains.
_MAY_BE_SPELT = re.compile(r"_|GUSDP|-SWAP-|-PERP-|USD[TC]?\.|-\d\d?[A-Z]|[FGHJKMNQUVXZ]2\d|F0:")
_OF_DELIVERY = re.compile(r"\b(?:settle\w*|contracts?|futures|deliver\w*|expir\w*|quarterl\w*)\b", re.I)
# Contracts of deployers: xyz:NVDA.
_DEPLOYED = re.compile(r"(?<![\w/.:-])(?P<house>[a-z]{2,8}):(?P<base>[A-Z][A-Z0-9]{1,11})(?![\w/:])")
# Two quotes and more than stablecoins, where several such symbols stand in one list: DGBBTC, XBTEUR.
_JOINED = re.compile(
    r"(?<![\w/.:-])(?P<base>[A-Z0-9]{2,10})(?P<quote>BTC|ETH|BNB|EUR|GBP|TRY|BRL|AUD|JPY|KRW|ZAR|INR|IDR|THB|MXN|VND|PHP|CAD|CHF|ARS|NGN|USDT|USDC|USD)(?![\w/]|[-_.]\w)"
)
# Coins whose names end like such symbols.
_ENDS_LIKE_A_QUOTE = frozenset(
    "WBTC CBBTC HBTC FBTC TBTC LBTC SBTC BBTC RBTC UBTC XBTC PBTC VBTC ZBTC IBTC NBTC BTCB SOLVBTC RENBTC KBTC STBTC UNIBTC ENZOBTC PUMPBTC "
    "STETH WSTETH WETH WBETH BETH CBETH RETH EZETH WEETH METH CMETH OSETH SFRXETH FRXETH ANKRETH RSETH EETH SETH SWETH LSETH AETH WBNB SLISBNB ASBNB ANKRBNB "
    "AEUR SUSD GUSD LUSD XUSD NUSD HUSD MUSD CUSD ZUSD PYUSD RLUSD USDUSD FRXUSD CRVUSD DEUSD AUSD SUSDT AUSDT AUSDC".split()
)
_DASHED = re.compile(r"(?<![\w/-])(?P<base>[A-Z0-9]{1,15})[-_](?P<quote>[A-Z]{3,6}|(?<=[_-])TL)(?![\w/]|[-_]\w)")
NO_NAMES = NO_TICKERS | frozenset(
    "EN REST UTA OFFLINE ET EST EDT PST PDT PT CET CEST BST JST HKT SGT BJT ICT WIB IST MSK TRT TSI CST ACT AT IN TO OF BY AS IT IF OR AN BE WE AND THE NOT ALL ANY NEW OLD NOW END "
    "ATTENTION IMPORTANT NOTICE WARNING UPDATE UPDATED REMINDER URGENT NB PS FYI TBA TBC TBD RE CEO CTO RPC SDK KYT AMM TVL OTP SMS URL HTTP HTTPS WWW PC MAC ANDROID "
    "EVM L1 L2 POS POW DAO ICO IPO MM MPC SPOT MARGIN FUTURES OPTIONS DELIST DELISTED LIST WILL ARE IS LIVE NFT PAY EARN CARD FX FOK IOC GTC ADR SEC FCA MAS ESMA MICAR CASP BTCC BTSE CEX.IO TR HK JP KR SG CN RU VN "
    "ERC20 BEP20 TRC20 BEP2 SPL DEX CEX WEB3 ETH2 PDT HQ AI XT SEPA SWIFT IBAN ACH FAQS VAT TAX AUM LLC LTD INC GMBH SA ID OK DM DMS IMPORTANT PSA ETA SAST AEST AEDT ACST AWST NZST NZDT WITA EEST INTX HIP EIP BIP RFQ API KYB OSKO MYT JAN FEB MAR APR JUN JUL AUG SEP SEPT OCT NOV DEC IOS MACOS EKYC RM FW FWD RWA TWAP VWAP EMA SMA PNL ROI KPI SLA VIP UID SPEI UPI IMPS NEFT PSE FPS TDS VDA FATCA AML CFT VASP IP DNS AWS CDN".split()
)
# Words that are coins as well, where they stand among names.
WORDS_TOO = frozenset(
    "RON NFT ACH GTC RWA VIP NOT ALL NEW END ACT AI OPEN LIST TRADE SWAP FORK ONE FOR HOT MORE REAL PAY CARD EARN PC MM ID XT JST ACT CST GMT API3".split()
)
# Currencies, which are no coins.
MONEY = frozenset(
    "USD EUR GBP TRY BRL AUD JPY KRW RUB UAH NGN ZAR PLN ARS MXN COP IDR AED CZK CAD CHF HKD SGD INR VND THB PHP MYR TWD KES NZD SEK NOK DKK KZT GEL".split()
)
# Beside them coins that are quotes of pairs: named in running text they say which pairs, or in what something is paid.
QUOTES = MONEY | frozenset("USDT USDC FDUSD BUSD TUSD USD1 RON".split())
# Coins and currencies that local exchanges quote pairs in.
_MORE_QUOTES = "HTX BCH XRP ADA SOL DOGE DOT TRX LTC KCS OKB BGB GT HT MX CRO TWD HKD SGD IDR THB VND INR PHP KZT CHF CAD EURC PYUSD USDD USDE USDG EURI AEUR TL BRZ BRL PAX USDP HUSD GUSD USDB WRX BMX LEO BTSE MXN IDRT BIDR VNDC MXNT UAH KZTE XSGD NGNT TRYB BKRW EURR EUROC EURCV AEUR RLUSD KGST TMT PLN CZK NOK SEK DKK GEL AED".split()
_COLON_PAIR = re.compile(r"(?<![\w/.])(?<![A-Za-z0-9):]:)(?P<base>[A-Z0-9]{2,12}):(?P<quote>[A-Z]{3,5})(?![\w/:])")
_PERPETUAL = re.compile(r"(?<![\w/-])(?P<base>[A-Z0-9]{1,15})[-_]PERP(?:ETUAL)?(?![\w-])")
_ONLY_A_PAIR = re.compile(r"(?:^|\| )\W{0,3}[A-Z0-9]{1,12}/[A-Z]{3,6}\W{0,2}(?: \||$)")
_ANY_PAIR = re.compile(r"(?<![\w/])(?P<base>[A-Z0-9]{1,12})/(?P<quote>[A-Z]{3,6})(?![\w/])")


class Named(NamedTuple):
    """A coin, pair or contract in a text. ticker: BASE/QUOTE or the contract as written; None for a coin alone.

    network: only the network is named, whose coin this is.
    """

    token: str
    ticker: str | None
    start: int
    stop: int
    base: str = ""
    quote: str = ""
    market: str | None = None
    network: bool = False


def spelt(text: str, splitter: SymbolSplitter) -> Iterator[Named]:
    """Contracts in the spelling of one house, whose ticker is what is written."""
    for match in _SPELT.finditer(text) if _MAY_BE_SPELT.search(text) else ():
        kind = next(
            name for name in ("after", "before", "sister", "swap", "dotted", "dated", "coded", "zero") if match[name]
        )
        base, quote = match[kind], match.groupdict().get(f"{kind}_quote") or ""
        if kind == "coded" and not quote and base not in ("XBT", "BTC", "ETH") and not _OF_DELIVERY.search(text):
            continue
        market = "options" if kind == "dated" else "spot" if match[0].startswith("SPOT_") else "usdm"
        ticker = pair_name(base, quote) if market == "spot" else match[0]
        if base[0] == "k":
            # A thousand of them: kBONK.
            base, ticker = base[1:], ticker.upper()
        yield Named(splitter.token(base), ticker, match.start(), match.end(), base, quote, market)
    for match in _DEPLOYED.finditer(text) if ":" in text else ():
        base = match["base"]
        if base not in NO_NAMES and not base.isdigit() and match["house"] not in ("id", "tx", "no", "via", "https"):
            yield Named(splitter.token(base), match[0].upper(), match.start(), match.end(), base, "", "usdm")


def _joined(text: str, splitter: SymbolSplitter) -> Iterator[Named]:
    """Symbols without a slash in any quote: two or more of a list show each other to be no coins."""
    rows = [
        row
        for row in _JOINED.finditer(text)
        if row[0] not in _ENDS_LIKE_A_QUOTE and not splitter.is_quote(row[0]) and row["base"] not in NO_NAMES
    ]
    if len({row[0] for row in rows}) < 2 and not (
        rows and rows[0][0] == text.strip(" .;-") and len(rows[0]["base"]) > 2
    ):
        return
    for row in rows:
        pair = pair_name(row["base"], row["quote"])
        yield Named(splitter.token(row["base"]), pair, row.start(), row.end(), row["base"], row["quote"], "spot")


def instruments(text: str, splitter: SymbolSplitter, exchange: str, market: str | None) -> Iterator[Named]:
    derivative = market in DERIVATIVE_MARKETS
    for base, quote, start, stop in pairs_in(text, splitter, _MORE_QUOTES):
        written_out = "/" in text[start:stop] and quote in ("USDT", "USDC", "BTC", "ETH")
        if base in NO_NAMES and not written_out and base not in WORDS_TOO and not splitter.is_known_base(base):
            continue
        if is_standard(base):
            # "TRC20-USDT" is a coin on a network.
            continue
        split = splitter.split(f"{base}/{quote}", exchange, market)
        written = text[start:stop].upper()
        dashed = (derivative or market == "options") and "/" not in written
        token = split.token if split and derivative else base
        yield Named(token, written if dashed else pair_name(base, quote), start, stop, base, quote, market or "spot")
    for match in _SYMBOL.finditer(text) if "USD" in text or "PERP" in text or "VNDC" in text else ():
        symbol = match["symbol"]
        if splitter.is_quote(symbol) or symbol in QUOTES:
            continue
        contract = (
            derivative
            or match["prefix"] is not None
            or symbol.endswith(("PERP", "PERPETUAL", "SWAP", "USDTM", "USDCM", "USDM", "VNDC"))
            or re.search(r"[-_]\d{6,8}$", symbol) is not None
            or _is_multiple(symbol, splitter, exchange)
        )
        near = (market if derivative else "usdm") if contract else "spot"
        split = splitter.split(symbol, exchange, near)
        if (split is None or not split.base) and (rare := _RARE_QUOTE.fullmatch(symbol)):
            # A quote of one house, or its mark of a contract.
            yield Named(
                splitter.token(rare["base"]), symbol, match.start(), match.end(), rare["base"], rare["quote"], near
            )
            continue
        if split is None or not split.base:
            continue
        if contract:
            written = (match["prefix"] or "").upper() + symbol
            token = re.sub(r"^10{2}(?=[A-Z]{3})", "", split.token) if match["prefix"] == "u" else split.token
            yield Named(token, written, match.start(), match.end(), split.base, split.quote, near)
        else:
            pair = pair_name(split.base, split.quote)
            yield Named(split.base, pair, match.start(), match.end(), split.base, split.quote, market or "spot")
    yield from _joined(text, splitter)
    if "/" in text:
        yield from _unknown_quotes(text, splitter, market)
    for match in _COLON_PAIR.finditer(text) if ":" in text else ():
        if splitter.is_quote(match["quote"]) and match["base"] not in NO_NAMES:
            pair = pair_name(match["base"], match["quote"])
            yield Named(
                match["base"], pair, match.start(), match.end(), match["base"], match["quote"], market or "spot"
            )
    if "-" not in text and "_" not in text:
        return
    for match in _PERPETUAL.finditer(text):
        yield Named(splitter.token(match["base"]), match[0], match.start(), match.end(), match["base"], "", "usdm")
    for match in _DASHED.finditer(text):
        known = splitter.is_quote(match["quote"]) or (
            match["quote"] in MONEY or match["quote"] == "TL" or ("_" in match[0] and match["quote"] in _MORE_QUOTES)
        )
        if known and match["base"] not in ("USD", "COIN", "L", "LN"):
            pair = pair_name(match["base"], match["quote"])
            yield Named(
                match["base"], pair, match.start(), match.end(), match["base"], match["quote"], market or "spot"
            )


_RARE_QUOTE = re.compile(r"(?P<base>[A-Z0-9]{2,15}?)(?P<quote>VNDC|USD[TC]?)M?")


def _is_multiple(symbol: str, splitter: SymbolSplitter, exchange: str) -> bool:
    """Whether a symbol counts a thousand units or more of a coin, as only contracts do: 1000000MOGUSDT."""
    split = splitter.split(symbol, exchange, "spot")
    return (split is not None and split.base != split.token and split.base.startswith(("10", "1M"))) or (
        split is not None and split.base.endswith("000")
    )


def _unknown_quotes(text: str, splitter: SymbolSplitter, market: str | None) -> Iterator[Named]:
    """Pairs in a quote that is in no list: known by being the quote of two pairs or more."""
    rows = [match for match in _ANY_PAIR.finditer(text) if not splitter.is_quote(match["quote"])]
    for match in rows:
        base, quote = match["base"], match["quote"]
        if quote in NO_NAMES or (base in NO_NAMES and base not in WORDS_TOO):
            continue
        others = list(_ANY_PAIR.finditer(text))
        if (
            len({row["base"] for row in rows if row["quote"] == quote}) > 1
            or any(row["base"] == quote for row in others)
            or len(others) > 2
            or _ONLY_A_PAIR.search(text)
        ):
            yield Named(base, pair_name(base, quote), match.start(), match.end(), base, quote, market or "spot")
