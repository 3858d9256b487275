# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""Names of a title against those of its body: which it adds, and which words of the title turn out to be no names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from exchanges.announcements.extraction.titles import Subjects
from exchanges.announcements.frames.decide import holds
from exchanges.announcements.frames.notice import continuing_tickers, continuing_tokens, ticker_names, tokens_of
from exchanges.announcements.frames.types import TITLE, Action, Frame

_FEW = 12


def named_again(
    title: str,
    bodies: Sequence[str],
    frames: Sequence[Frame],
    category: str,
    tokens: tuple[str, ...],
    exchange: str = "",
) -> tuple[str, ...]:
    """The tokens at risk, without words of the title in capitals that the body, which names others, never repeats.

    "Lido DAO token migration" over a body about LDO; "FW: Instrument removal" over one about EOS. bodies: its clauses.
    """
    venue = exchange.upper()
    if len(tokens) > 1 and venue in tokens and re.search(rf"(?<!\w){re.escape(venue)}(?!\w)", title):
        # "ONUS: VIC chain hard fork"
        tokens = tuple(token for token in tokens if token != venue)
    titled = {token for token in tokens if _is_bare(token, title)}
    if not titled or not bodies:
        return tokens
    repeated = {token for token in titled if any(_is_named_in(token, text) for text in bodies)}
    if titled == repeated:
        return tokens
    body = [frame for frame in frames if frame.clause != TITLE]
    others = tuple(token for token in tokens_of(body, category) if token not in titled)
    said = {token for frame in body if holds(frame) or frame.action is Action.OTHER for token in frame.tokens}
    others = tuple(token for token in others if token in said)
    if not others or (titled & repeated):
        return tokens
    return tuple(dict.fromkeys((*(token for token in tokens if token not in titled), *others)))


# Coins that pairs are quoted in: alone in a notice about wallets or a warning they are what it is about.
_MONEY_COIN = re.compile(
    r"(?<![\w/_.,-])(?<!\d )(?<!\bto )(?<!\binto )(?<!\bfor )(?<!\bas )(?<!\bin )(?<!\bwith )(USDT|USDC|FDUSD|BUSD|TUSD|DAI|USDD|PYUSD|EURC|RLUSD)(?![\w/_])(?![- ]M\b)"
)


def only_named(title: str, bodies: Sequence[str], frames: Sequence[Frame]) -> tuple[str, ...]:
    """The tokens of an event whose own sentences name none: those of its other sentences, else the stablecoins that
    the title or the body names."""
    others = tuple(dict.fromkeys(token for f in frames if f.action.risky and f.polarity for token in f.tokens))
    if others:
        return others if len(others) <= _FEW else ()
    for text in (title, *bodies):
        if found := tuple(dict.fromkeys(_MONEY_COIN.findall(text))):
            return found if len(found) <= 2 else ()
    return ()


_IN_WALLET = frozenset({Action.STOP_WALLET, Action.STOP_DEPOSITS, Action.STOP_WITHDRAWALS})


def with_pairs_in_trade(frames: tuple[Frame, ...], category: str) -> tuple[Frame, ...]:
    """The frames of an event of trading that names its pairs only where it speaks of wallets.

    "OCEAN/USD and OCEAN/EUR are shut, deposits likewise": a pair is traded, and has no wallet.
    """
    action = Action.END_TRADING if category == "delisting" else Action.HALT_TRADING
    return tuple(
        replace(frame, action=action) if frame.action in _IN_WALLET and frame.tickers and holds(frame) else frame
        for frame in frames
    )


def _is_bare(token: str, title: str) -> bool:
    """Whether a token stands in the title without brackets and is no part of a pair or contract."""
    return re.search(rf"(?<![\w/(_-]){re.escape(token)}(?![\w/)_-])", title) is not None


def _is_named_in(token: str, text: str) -> bool:
    # As the quote of pairs a coin is not named again.
    name = re.escape(token)
    return re.search(rf"(?<![\w/]){name}(?!\w)|{name}[/_-]?(?:USD|BTC|ETH|EUR|TRY|KRW|BNB)", text, re.I) is not None


def _plain(ticker: str) -> str:
    return ticker.replace("/", "").replace("-", "").replace("_", "")


def completed(
    frames: Sequence[Frame],
    category: str,
    subject: Subjects,
    tokens: tuple[str, ...],
    tickers: tuple[str, ...],
    untagged: tuple[str, ...],
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of a title's formula, with those that only the frames tell, without those that go on."""
    if category == "risk_warning":
        warned = tokens_of([frame for frame in frames if frame.clause == TITLE], category)
        if warned and (set(tokens) < set(warned) or not tokens):
            return warned, tickers
        for frame in frames if not untagged else ():
            warns = (frame.action is Action.WARN and frame.explicit and holds(frame)) or (
                subject.partial and frame.action is Action.SIDE
            )
            if warns and tokens and set(tokens) < set(frame.tokens):
                # The title names the first of them.
                return frame.tokens, tickers
    tokens = _without_symbols(tokens, frames)
    title = [frame for frame in frames if frame.clause == TITLE]
    headline = title[0].text if title else ""
    if category in ("network_upgrade", "hard_fork"):
        # "Zcash NU7 network upgrade": the formula takes the upgrade's own name for a coin.
        titled = tokens_of(title, category)
        if titled and not set(titled) & set(tokens):
            tokens = titled
    partial = subject.partial or _SOME_OF.search(headline) is not None
    goes_on = continuing_tickers(frames)
    continuing = continuing_tokens(frames)
    tickers = tuple(
        ticker for ticker in tickers if ticker not in goes_on and ticker not in continuing and not ticker.endswith("/")
    )
    stay = tuple(token for token in tokens if token not in continuing)
    if continuing and not stay:
        stay = tokens_of(frames, category) or tokens
    if partial or not stay:
        stay = tuple(dict.fromkeys((*stay, *(token for token in tokens_of(frames, category) if token not in untagged))))
    elif subject.names.tokens:
        titled = tokens_of(title, category)
        if set(stay) < set(titled):
            # Single letters and words, which a list beside them shows to be names.
            stay = titled
    stated = ticker_names(frames, category)
    if any("-" in ticker and "_" in ticker for ticker in stated):
        # A series of options by its full name.
        return stay, stated
    if subject.needs_body and tickers:
        # Items of a list without a verb: in whatever quote, they are what the title speaks of.
        items = (f for f in frames if f.action is Action.END_TRADING and holds(f) and not f.words and not f.explicit)
        listed = dict.fromkeys(ticker for frame in items for ticker in frame.tickers if ticker in stated)
        known = {_plain(ticker) for ticker in tickers}
        tickers = (*tickers, *(ticker for ticker in listed if _plain(ticker) not in known))
    in_title = ticker_names(title, category)
    if tickers and {_plain(ticker) for ticker in tickers} < {_plain(ticker) for ticker in in_title}:
        # The formula knows not every symbol.
        tickers = in_title
    if partial and tickers:
        known = {_plain(ticker) for ticker in tickers}
        tickers = (*tickers, *(ticker for ticker in stated if _plain(ticker) not in known))
    if tickers and len(stay) > len(tickers) and _covers(stated, stay) and not _covers(tickers, stay):
        # "H, M and 4USDT contracts": of some the title has the coin alone.
        return stay, stated
    return stay, tickers or stated


def _covers(tickers: Sequence[str], tokens: Sequence[str]) -> bool:
    """Whether each token is the beginning of a ticker."""
    return all(any(_plain(ticker).startswith(token) for ticker in tickers) for token in tokens)


# "8 assets incl. FOO", "FOOUSDT & 3 other contracts": the title names a part.
_SOME_OF = re.compile(
    r"\b\d+ (?:\w+ ){0,2}(?:tokens|assets|pairs|coins|contracts|markets|projects|perpetuals|cryptos)\b.{0,12}\b(?:incl|includ|such as|among)|(?:&|\+|and|plus) (?:\d+|two|three|four|five|six) (?:others?|more|further|other|coin-margined|usdt-margined)\b|\band one (?:more|other|further|\w+-margined)\b",
    re.I,
)


def _without_symbols(tokens: tuple[str, ...], frames: Sequence[Frame]) -> tuple[str, ...]:
    """The tokens with those of a contract in place of its symbol, which a title's formula takes for a coin."""
    spelled: dict[str, tuple[str, ...]] = {}
    for frame in sorted(frames, key=lambda frame: len(frame.tickers) == 1):
        # What names one symbol alone decides.
        if len(frame.tickers) == 1:
            spelled[_plain(frame.tickers[0])] = frame.tokens
        elif len(frame.tickers) == len(frame.tokens):
            pairs = zip(frame.tickers, frame.tokens, strict=True)
            spelled |= {_plain(ticker): (token,) for ticker, token in pairs}
    multiples = {symbol.lstrip("0123456789"): found for symbol, found in spelled.items()}
    return tuple(
        dict.fromkeys(one for token in tokens for one in (spelled.get(token) or multiples.get(token) or (token,)))
    )


def without_quotes(
    title: str, tokens: tuple[str, ...], tickers: tuple[str, ...], frames: Sequence[Frame] = ()
) -> tuple[str, ...]:
    """The coins that leave, of a title that names the quote of the pairs alone ("Three DAI order books close")."""
    pairs = [ticker.split("/") for ticker in tickers if "/" in ticker]
    bases, quotes = {pair[0] for pair in pairs}, {pair[1] for pair in pairs}
    if not pairs or not tokens or not set(tokens) <= quotes - bases:
        return tokens
    goes_on = {t for f in frames if f.action is Action.CONTINUE and f.clause != TITLE for t in f.tickers if "/" in t}
    if set(tokens) <= {coin for ticker in goes_on for coin in ticker.split("/")}:
        # "ONE/USDT is left untouched": the coin stays, the pairs in it go.
        return tuple(dict.fromkeys(pair[0] for pair in pairs))
    if not all(re.search(rf"\b{re.escape(token)}{_PAIRS_OF}", title, re.I) for token in tokens):
        return tokens
    return tuple(dict.fromkeys(pair[0] for pair in pairs))


_PAIRS_OF = r"[ -]?(?:quoted |denominated )?(?:spot |trading |margin |perpetual )*(?:pairs|markets|order books|books)\b"


_MULTIPLE = re.compile(r"^(?:10{2,6}|1M)(?=[A-Z]{3,})")


def without_multiplier(token: str, exchange: str) -> str:
    """The coin of a token: 1000CAT is a name of its own on Binance alone, elsewhere it counts a thousand CAT."""
    return token if exchange == "binance" else _MULTIPLE.sub("", token)
