# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""English words that mean a stop or an end only beside what stops: "withdrawals down", "FOO/USD off - 22 January"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from exchanges.announcements.frames.concepts import Concept as C
from exchanges.announcements.frames.tagger import Mention
from exchanges.announcements.text.dates import Moment

# What stops, and directly behind it the word.
_STOPPED = re.compile(
    r"\b(?:deposits?|withdrawals?|transfers?|wallets?|payouts?|sends|receives|top-ups?|addresses)\b(?:\s(?:and|&|or)\s(?:deposits|withdrawals|transfers|receives|sends))?(?:\s(?:of|in|for|over|on)\s[\w&, ()/-]{1,40}?)?\s?(?::|-)?\s(?:(?:is|are|now|remain|stay|currently|all|both|still)\s){0,3}(?P<verb>down|off|failing|stuck|stalled|jammed|not working|shut)\b(?!\s(?:the|from|\d+\s?%))",
    re.I,
)
# Contracts that are called swaps: "BTCUSDT swaps", "coin-margined swaps".
_SWAPS = re.compile(
    r"(?:\b(?:perpetual|quanto|linear|inverse|expiry|delivery|(?:coin|usd[tc]?)[- ]?(?:m|margined))|(?<![A-Z0-9])[A-Z0-9]{2,15}-?USD[TC]?)\b(?:\s[\w-]+){0,2}\s(?P<word>swaps?)\b",
    re.I,
)
_FAILING = re.compile(r"\b(?:is|are|keep|keeps)\s(?P<verb>failing)\b", re.I)
# "The perpetual is going.", "TUSDT goes"
_GOES = re.compile(r"\b(?:is|are) (?P<verb>going)(?=[.,;]|$)|(?<=[A-Z0-9])(?: [✘❌✗✖])? (?P<goes>goes?)(?=[.;]|$)")
# "Four pairs go", "markets to go", but not "go live".
_NOUNS_GO = re.compile(
    r"\b(?:pairs|markets|tokens|coins|contracts|books|names|assets|instruments|listings|following|rest|perps|futures|perpetuals|symbols) (?:to |will |that |which |must )?(?P<verb>go|goes|depart)\b(?!\s(?:live|on|through|up|down|into|in|back|to|from|online))",
    re.I,
)
# "Three perps off"
_NOUNS_OFF = re.compile(
    r"\b(?:pairs?|markets?|books?|perps?|contracts?|trading)(?: \([A-Z]{3,5}\))? (?P<verb>off)(?=\s*(?:[.,;|]|$))", re.I
)
# "FOO/USDT doesn't."
_DOES_NOT = re.compile(
    r"(?<=[A-Z0-9]) (?P<verb>doesn't|don't|isn't|aren't|won't|does not|do not|is not|are not)(?=[.,;]|$)"
)
# "Asset migration complete": done, but not "complete your migration".
_COMPLETE = re.compile(
    r"\b(?:migration|swap|upgrade|fork|maintenance|conversion|rebrand|rebranding|redenomination) (?:is |now )?(?P<verb>complete)\b",
    re.I,
)
# "SC/USDT and RVN/USDT withdrawn": a pair is not withdrawn as coins are, nor is a notice.
_PAIR_WITHDRAWN = re.compile(r"(?<=[A-Z0-9]) (?:are |is |get |gets |to be |will be |being )?(?P<verb>withdrawn)\b")
_PAIR_AHEAD = re.compile(r"[A-Z0-9]/[A-Z]{3,5}(?: (?:are|is|get|gets|to be|will be|being))? $")
# "AI16Z is now ELIZAOS"
_IS_NOW = re.compile(
    r"(?<=[A-Z0-9]) (?P<verb>is now|becomes|turns into)(?= (?!LIVE|OPEN|LISTED|AVAILABLE|ON|TRADABLE|BACK|CLOSED|DELISTED|SUSPENDED)[A-Z][A-Z0-9]{2,11}\b(?!/))"
)
# Before a date: "off from 28/08/2026", "off - 22.01.2026".
_OFF = re.compile(
    r"\b(?P<verb>off)\s?(?:(?:from|at|on|as of|since|after|with effect from)\s?(?:the\s)?|-\s?|:\s?|,\s?|\()?$", re.I
)

# "DEFI/USDT and VRTX/USDT go on 21 September"
_GO = re.compile(
    r"(?<=[A-Z)] )(?:now\s|will\s|all\s|both\s|still\s|then\s|also\s){0,2}(?P<verb>go|goes|follow|follows)\s(?:on|at|as of|from)\s?(?:the\s)?$"
)
# "Trading kicks off on 14 May"
_PARTICLE = re.compile(
    r"\b(?:kick|tak|set|start|lift|round|pay|sign|show|lay|read|face|play|fend|hold|put|call|brush|10|[1-9]?\d\s?%)\w*\s$",
    re.I,
)
# "Transfers off, trading on"
_ON = re.compile(
    r"\b(?:trading|trade|trades|run|runs|go|goes|market|markets)\s(?:stays\s|remains\s|is\s|are\s)?(?P<verb>on)(?=\s*(?:[,.;)]|$))",
    re.I,
)


# What each of them contains; quick to look for.
_ANY = re.compile(
    r"\b(?:down|off|failing|stuck|stalled|jammed|not working|shut|is now|becomes|turns into|go|going|goes|depart|complete|withdrawn)\b|n't(?=[.,;]|$)|\bnot(?=[.,;]|$)|\bon(?=\s*(?:[,.;)]|$))",
    re.I,
)


def weak_verbs(text: str) -> Iterator[Mention]:
    """Mentions of stops that only what stands before them shows."""
    if not _ANY.search(text):
        return
    for pattern in (_STOPPED, _FAILING):
        for found in pattern.finditer(text):
            yield Mention(C.HALT, found.start("verb"), found.end("verb"))
    for found in _NOUNS_GO.finditer(text):
        yield Mention(C.REMOVE, found.start("verb"), found.end("verb"))
    for found in _NOUNS_OFF.finditer(text):
        yield Mention(C.END, found.start("verb"), found.end("verb"))
    for found in _GOES.finditer(text):
        place = "verb" if found["verb"] else "goes"
        yield Mention(C.REMOVE, found.start(place), found.end(place))
    for found in _COMPLETE.finditer(text):
        yield Mention(C.COMPLETE, found.start("verb"), found.end("verb"))
    for found in _PAIR_WITHDRAWN.finditer(text):
        if _PAIR_AHEAD.search(text, 0, found.start("verb")):
            yield Mention(C.REMOVE, found.start("verb"), found.end("verb"))
    for found in _IS_NOW.finditer(text):
        yield Mention(C.RENAME, found.start("verb"), found.end("verb"))
    for pattern in (_ON, _DOES_NOT):
        for found in pattern.finditer(text):
            yield Mention(C.CONTINUE, found.start("verb"), found.end("verb"))


def dated_verbs(text: str, moments: Sequence[Moment]) -> Iterator[Mention]:
    """Mentions of ends that only the date behind them shows. moments: the dates of the text."""
    for moment in moments:
        near = max(0, moment.start - 30)
        found = _OFF.search(text[near : moment.start]) or _GO.search(text[near : moment.start])
        if found is not None and not _PARTICLE.search(text, 0, near + found.start("verb")):
            yield Mention(C.END, near + found.start("verb"), near + found.end("verb"))


_SWAPS_LISTED = re.compile(r"\b(?P<word>swaps?)\b[^.:]{0,40}:\s?[A-Z0-9]{2,15}-?USD[TC]?\b", re.I)


def contracts_called_swaps(text: str) -> list[tuple[int, int]]:
    """The places of "swap" and "swaps" where they are contracts, and no exchange of tokens."""
    if "wap" not in text:
        return []
    return [(found.start("word"), found.end("word")) for one in (_SWAPS, _SWAPS_LISTED) for found in one.finditer(text)]
