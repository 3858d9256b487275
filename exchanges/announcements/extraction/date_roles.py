# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""The role of a date in a notice, by the words near it: a table of patterns, the first match decides."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from exchanges.announcements.text.clauses import Clause
from exchanges.announcements.text.dates import Moment
from exchanges.announcements.text.normalise import SIDE_MARK, masked


@dataclass(frozen=True)
class Role:
    """What happens at a date.

    name: shown on cards. important: it changes trading, deposits, withdrawals or the chain. ends_trading: trading of
    the named instruments ends then.
    """

    name: str
    pattern: re.Pattern[str]
    important: bool
    ends_trading: bool = False


def role(name: str, pattern: str, important: bool = True, ends_trading: bool = False) -> Role:
    return Role(name, re.compile(pattern, re.I | re.X), important, ends_trading)


_STOP = r"\b(?:suspen\w+|halt\w*|paus\w+|ceas\w+|clos(?:e|es|ed|ing|ure)\b|stop\w*|terminat\w+|disabl\w+|discontinu\w+|end(?:s|ed)?\b|no[ ]longer|not[ ](?:be[ ])?(?:credited|supported|processed|available)|unavailab\w+|freez\w+|frozen|stopped)"
_SIDE_ACTS = re.compile(
    rf"^(?:(?!\b(?:spot|margin|futures|perpetual|deposits?|withdrawals?|options)\b)[^.]){{0,90}}{SIDE_MARK}[^.]{{0,70}}?\b(?:will|to|shall|would|can|are|is)\b",
    re.I,
)
_SIDE_STOPPED = re.compile(
    rf"\b(?:{_STOP}|remov\w+|delist\w*|redeem\w*|redemption|settle\w*)\b(?:(?!\b(?:spot|margin|futures|perpetual|contracts?|deposits?|withdrawals?)\b)[^.]){{0,80}}{SIDE_MARK}",
    re.I | re.X,
)
_STALE = re.compile(
    r"\b(?:original(?:ly)?|previous(?:ly)?|initial(?:ly)?|instead of|earlier announce\w+|brought forward from|rather than|rescheduled from|postponed from"
    r"|would be|w(?:as|ere) to be|(?:was|were|had been) (?:due|planned|scheduled))\b(?:(?!\bwill\b)[^.]){0,100}$",
    re.I,
)
# Directly before a date: it is the one that held before, or the one of another notice.
_STALE_NEAR = re.compile(
    r"\b(?:(?:which|that|as) (?:we |it |they )?(?:(?:was|were|had|have|has|had been) )?(?:first |earlier |once )?(?:announced|published|communicated|planned|scheduled|set) (?:for|to be|as)"
    r"|(?:notice|announcement|post|article|message|bulletin)s? (?:of|from|on|dated)|no longer (?:on|at)|(?:,|and|but) not(?: on| at)?)\s(?:the\s)?$",
    re.I,
)
# "from A to B" in a sentence that moves a date: only B is valid.
_MOVES = re.compile(
    r"\b(?:postpon\w+|delay(?:s|ed|ing)?|reschedul\w+|defer(?:s|red|ring)?|moved?|changed?|adjust\w+)\b", re.I
)
_MOVED_TO = re.compile(
    r"^[\s,)]*+(?:\(?utc\)?)?[\s,)]*+(?:(?:will|has|have|is|been|be|now)\s+)*(?:(?:postpon|reschedul|delay|defer|mov|chang)\w*\s+)?(?:to|until)\s*$",
    re.I,
)
_MOVED_FROM = re.compile(
    r"\b(?:postpon|delay|reschedul|defer|mov|chang|adjust)\w*\b(?!\s+to\b)[^.]{0,90}\bfrom\s*$", re.I
)
_NO_DATE = re.compile(
    r"\b(?:snapshots?|example|e\.g\.|published|posted|last updated|updated on|dated?|announce(?:d|ment) (?:on|dated|of)|as of|whitepaper|expir(?:e|es|ing|y)|"
    r"copyright|founded|distribution period|team)\b[^.]{0,50}$",
    re.I,
)

_DOT = re.compile(r"(?<=\d)\.(?=\d)")

ROLES: tuple[Role, ...] = (
    role(
        "new positions end",
        # Words are taken whole: the gap after them would else be tried from each of their letters.
        r"(?:not|no[ ]longer|unable|cannot|prohibit\w*+|suspen\w++|stop\w*+|restrict\w*+|disabl\w++)[^.]{0,40}\b(?:(?:open|plac)\w*[ ](?:new[ ]|any[ ])*(?:positions?|non-reduce)|open\w*[ ](?:new|any)[ ]orders?|plac\w*[ ](?:new[ ]|any[ ])*orders?)|\bopening[ ](?:of[ ])?(?:new[ ])?positions?\b[^.]{0,40}(?:suspen\w+|disabl\w+|clos\w+)|\breduce-only\b",
    ),
    role(
        "contracts settled",
        r"\bclose[ ](?:all[ ])?(?:users'[ ]|open[ ]|existing[ ])*positions?\b|\b(?:automatic|automatically|final|conduct\w*)[^.]{0,20}settle\w*|\bsettl(?:e|ed|ing|ement)\b[^.]{0,60}\b(?:positions?|contracts?|perpetual)|\bpositions[^.]{0,40}(?:closed|settled|liquidated)",
        ends_trading=True,
    ),
    role("borrowing suspended", rf"{_STOP}[^.]{{0,60}}\bborrow\w*|\bborrow\w*[^.]{{0,120}}{_STOP}"),
    role(
        "deposits suspended",
        r"\bdeposits?\b[^.]{0,80}\b(?:not[ ]be|no[ ]longer(?:[ ]be)?)[ ](?:credited|supported|processed|accepted)",
    ),
    role(
        "withdrawals end",
        r"\bwithdrawals?\b[^.]{0,80}\b(?:not[ ]be|no[ ]longer(?:[ ]be)?)[ ](?:supported|processed|available)",
    ),
    role(
        "converted",
        r"\b(?:may|will)[ ](?:then[ ]|subsequently[ ])?be[ ](?:automatically[ ])?(?:converted|swapped[ ]into|sold)\b",
        important=False,
    ),
    role(
        "deposits open again",
        r"\b(?:re-?)?open(?:s|ed)?\b(?![^.]*until)[^.]{0,80}(?:deposits?|withdrawals?|trading)|\b(?:deposits?|withdrawals?|trading)\b[^.]{0,80}\b(?:open|opened|opens|enabled|resum\w+|re-?opened|available)\b(?![^.]{0,6}until)",
        important=False,
    ),
    role(
        "trading opens",
        r"\bopen[ ]trading|\b(?:expected|planned|estimated)[ ](?:re-?)?start\b|\bwill[ ](?:list|launch|add|open|resume|relist)\b|\bresum\w+|\bto[ ]be[ ]listed\b|\bgo(?:es)?[ ]live|\blisting[ ]time|\bdistribut\w+|\bresubscribe|\bcredited[ ]to\b|\bairdrop\w*|\bredeem\b",
        important=False,
    ),
    role("converted", r"\bconvert(?:ed|s)?\b|\bconversion\b|\bsold\b|\bliquidated\b|\bvaluation\b", important=False),
    role("network frozen", r"\b(?:network|chain|contract|tokens?)\b[^.]{0,40}\b(?:frozen|freeze|non-transferable)\b"),
    role(
        "upgrade",
        r"\b(?:hard[ -]?fork|fork|network[ ]upgrade|upgrade|mainnet[ ]upgrade|migration|token[ ]swap|mainnet[ ]swap|contract[ ]swap|(?<!-)swap|rebrand\w*|redenominat\w+|merge[r]?)\b[^.]{0,60}\b(?:take[ ]place|takes[ ]place|occur|scheduled|expected|begin|start|happen|commence|at\b|on\b|complete)",
    ),
    role(
        "trading ends",
        rf"\bdelist(?!ed[ ](?:tokens?|assets?|cryptos?|coins?))\w*|\b(?:remov(?:e|es|ed|al|ing))\b|\bceas\w+[ ](?:all[ ])?trad\w+|(?:{_STOP})[^.]{{0,60}}\b(?:trading|trade|trades|pairs?|contracts?|market|spot)\b|\b(?:trading|trades?|market)\b[^.]{{0,60}}(?:{_STOP})|\btrading[ ]support\b|\boff-?board\w*|\bfeaturing[ ]list",
        ends_trading=True,
    ),
    role(
        "deposits and withdrawals suspended",
        rf"(?:{_STOP})[^.]{{0,80}}\bdeposits?\b[^.]{{0,30}}\bwithdraw\w*|\bdeposits?\b[^.]{{0,30}}\bwithdraw\w{{0,20}}[^.]{{0,90}}(?:{_STOP})",
    ),
    role(
        "deposits suspended",
        rf"(?:{_STOP})[^.]{{0,80}}\bdeposits?\b|\bdeposits?\b[^.]{{0,120}}(?:{_STOP}|until)|\bdeposits?\b[^.]{{0,60}}\bto[ ]be[ ]suspended",
    ),
    role(
        "withdrawals end",
        rf"(?:{_STOP})[^.]{{0,80}}\bwithdraw\w*|\bwithdraw\w{{0,20}}[^.]{{0,140}}(?:{_STOP}|until|\bby\b|before)|\bwithdraw\b[^.]{{0,60}}\bby\b|\bdeadline[ ](?:to|for|of)[ ](?:the[ ])?withdraw\w*|\bwithdrawal[ ]deadline\b",
    ),
    role("maintenance", r"\bmaintenance\b|\bsystem[ ]upgrade\b"),
    role(
        "upgrade",
        r"\b(?:hard[ -]?fork|fork|upgrade|upgrad(?:ed|ing)|migration|migrat(?:e|ed|ing)|(?<!-)swap(?:s|ped)?|rebrand\w*|redenominat\w+|merge[r]?|ticker)\b",
    ),
    role("tag set", r"\btags?\b|\bwarning\b|\blabels?\b|\bdesignat\w+|\bcaution\w*"),
)


def role_of(clause: Clause, moment: Moment, earlier: Moment | None, later: Moment | None) -> Role | None:
    """The role of a date in a clause; None where no words give one. earlier, later: its neighbours in the clause.

    The words before the date decide; where they match no role ("At 08:00, …"), the words after it; then the sentence,
    then the line that introduced the list.
    """
    text = _undotted(clause.text)
    # The end of a window has the role of its beginning.
    begin = earlier.stop if earlier and not moment.ends_window else 0
    before = text[max(begin, moment.start - 400) : moment.start]
    if (
        _STALE.search(before)
        or _STALE_NEAR.search(before[-80:])
        or _NO_DATE.search(text[max(0, moment.start - 200) : moment.start])
    ):
        return OTHER
    after = text[moment.stop : later.start if later else len(text)]
    moves = later is not None and _MOVED_TO.match(after) and _MOVES.search(text)
    # A new window is "from A to B" too, but there the verb of moving comes before the "from".
    if later and moves and (not later.ends_window or _MOVED_FROM.search(before)):
        return OTHER
    sentence = masked(text)
    if clause.side or _SIDE_ACTS.search(sentence):
        return SIDE
    if (
        SIDE_MARK in sentence
        and _SIDE_STOPPED.search(sentence)
        and not re.search(
            r"\bmargin\b|\bspot\b(?! (?:wallet|account))|\bfutures\b|\bdeposits\b|\bperpetual\b",
            masked(before + after),
            re.I,
        )
    ):
        return SIDE
    for words in (before, before[-40:] + after, text, _undotted(clause.lead)):
        if len(words.strip()) < 4:
            continue
        found = _first(masked(words))
        if found is not None:
            return found
    return None


def _undotted(text: str) -> str:
    """The text without dots inside numbers: the dots of "27.02.2026" end no sentence. Places stay as they are."""
    return _DOT.sub(":", text)


# All dates of a sentence may ask for the whole sentence, and it has up to `MAX_SENTENCE` characters.
@lru_cache(maxsize=1_024)
def _first(words: str) -> Role | None:
    matching = [row for row in ROLES if row.pattern.search(words)]
    if not matching:
        return None
    first = matching[0]
    if not first.important and first.name != "converted":
        # "will reopen deposits until …, then suspend them": the end counts, unless the words only open something.
        for row in matching[1:]:
            if (
                row.important
                and row.name != "upgrade"
                and re.search(r"\b(?:suspend|until|halt|remove|cease|delist)\w*", words, re.I)
            ):
                return row
    return first


SIDE = role("side product", r"(?!)", important=False)
OTHER = role("other", r"(?!)", important=False)
