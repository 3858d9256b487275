"""How people write the name of one currency: what is repaired, and what is refused with a suggestion. Pure.

Only the spelling is judged here. What a name means, and since when, is known to `markets.identity` alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

# What is watched unless somebody says otherwise; well known, so that BTCEUR is surely a pair of them.
DEFAULT_CURRENCIES = (
    "BTC ETH BNB SOL XRP DOGE ADA AVAX LINK DOT TRX LTC BCH TON SHIB SUI APT NEAR UNI PEPE "
    "ICP HBAR XLM ETC FIL ARB OP ATOM AAVE INJ WIF ENA"
)
_WELL_KNOWN = frozenset(DEFAULT_CURRENCIES.split())
# No coin's own name ends so, as good as never; a stablecoin's may (STUSDT).
_SURE_QUOTES = ("FDUSD", "USDT", "USDC", "BUSD")
# Behind a well-known coin these make a pair; behind other letters they end names (WBTC, STETH, LUSD).
_QUOTES = (*_SURE_QUOTES, "TUSD", "USDE", "USDS", "USD1", "USD", "DAI", "BTC", "ETH", "BNB", "EUR", "GBP", "TRY",
           "BRL", "JPY", "KRW", "AUD", "UAH", "ZAR", "PLN", "RON")  # fmt: skip
_COINS_NAMED_LIKE_PAIRS = frozenset({"UNIBTC"})
_CONTRACT_WORDS = frozenset({"PERP", "PERPETUAL", "SWAP", "SPOT", "FUTURES"})
# Letters of other alphabets that look like Latin ones (Unicode's confusables, capitals only).
_LOOKALIKES = str.maketrans(
    "АВЕЅІЈКМНОРСТУХԚԜ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "ABESIJKMHOPCTYXQW" + "ABEZHIKMNOPTYX",
)
_MOST_LETTERS = 64


class WrongName(ValueError):
    """Text that names no currency; `str()` says what it is and what was probably meant. `suggestion` may be empty."""

    def __init__(self, what: str, suggestion: str = "") -> None:
        self.suggestion = suggestion
        super().__init__(f"{what}; did you mean {suggestion}?" if suggestion else what)


def currency_name(text: str, known: Collection[str] = (), stablecoin: bool = False) -> str:
    """The name as it is kept: without spaces around it, upper case. Well-formed names that nobody knows pass.

    known: codes of assets, which are never taken for pairs. stablecoin: a name that ends like a quote asset may be one.
    Raises WrongName for a pair, a ticker, letters that only look Latin, and what is no name at all.
    """
    name = unicodedata.normalize("NFC", text.strip()).upper()
    if name in known:
        return name
    if re.search(r"[\s,;]", name):
        raise WrongName(f"{name!r} is more than one word, expected one currency")
    latin = _in_latin(name)
    if latin != name:
        suggestion = _suggestion(latin, known, stablecoin)
        raise WrongName(f"{text.strip()!r} has {_foreign(name)}, expected Latin letters and digits", suggestion)
    base = _base_of_pair(name, stablecoin)
    if base is not None:
        raise WrongName(f"{name!r} is a pair, expected one currency", base)
    if not name or len(name) > _MOST_LETTERS:
        raise WrongName(f"{name[:20]!r} is no currency's name, expected 1 to {_MOST_LETTERS} letters and digits")
    foreign = next((letter for letter in name if not _may_stand_in_name(letter)), None)
    if foreign is not None:
        plain = "".join(filter(str.isalnum, name))
        raise WrongName(f"{name!r} has {foreign!r} in it, expected letters and digits", plain if plain != name else "")
    if any(_is_of("CYRILLIC", letter) or _is_of("GREEK", letter) for letter in name):
        raise WrongName(f"{name!r} has {_foreign(name)}, expected a ticker such as BTC")
    return name


def _suggestion(latin: str, known: Collection[str], stablecoin: bool) -> str:
    try:
        return currency_name(latin, known, stablecoin)
    except WrongName as wrong:
        return wrong.suggestion


def _in_latin(name: str) -> str:
    """The name with letters that look Latin as Latin ones, and without invisible ones."""
    shown = "".join(letter for letter in name if unicodedata.category(letter) not in ("Cf", "Cc"))
    return unicodedata.normalize("NFKC", shown).translate(_LOOKALIKES).upper()


def _foreign(name: str) -> str:
    if any(unicodedata.category(letter) in ("Cf", "Cc") for letter in name):
        return "invisible characters in it"
    alphabets = [title for title in ("Cyrillic", "Greek") if any(_is_of(title.upper(), letter) for letter in name)]
    return f"{' and '.join(alphabets) or 'unusual'} letters in it"


def _is_of(alphabet: str, letter: str) -> bool:
    return unicodedata.name(letter, "").startswith(alphabet)


def _may_stand_in_name(letter: str) -> bool:
    # Coins have Chinese names on some venues, and stablecoins names such as USDC.E, USD0++ and USD₮0.
    return letter.isalnum() or letter in ".+-_₮"


def _base_of_pair(name: str, stablecoin: bool) -> str | None:
    """The base where the name is a pair, a contract or a VENUE:SYMBOL, else None."""
    if "/" in name or ":" in name:
        body = name if "/" in name.partition(":")[0] else name.partition(":")[2] or name.partition(":")[0]
        base = body.partition("/")[0].strip()
        return _base_of_pair(base, stablecoin) or base
    first, *rest = re.split(r"[-_]", name)
    if rest and first and (rest[0] in _QUOTES or rest[-1] in _CONTRACT_WORDS or rest[-1].isdigit()):
        return _base_of_pair(first, stablecoin) or first
    if name in _COINS_NAMED_LIKE_PAIRS or name in _QUOTES:
        return None
    for quote in _QUOTES:
        base = name.removesuffix(quote)
        if base not in ("", name) and (base in _WELL_KNOWN or (quote in _SURE_QUOTES and not stablecoin)):
            return base
    return None
