# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""What a message means by its concepts: a table of actions, each with the verbs and objects that make it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from exchanges.announcements.frames.concepts import RISKY
from exchanges.announcements.frames.concepts import Concept as C
from exchanges.announcements.frames.tagger import Mention
from exchanges.announcements.frames.types import TRADING_STOPS, Action, Mood

MARKETS: Mapping[C, str] = {
    C.MARGIN: "margin",
    C.COINM: "coinm",
    C.USDM: "usdm",
    C.OPTIONS: "options",
    C.SPOT: "spot",
}
_MARKETS = frozenset(MARKETS)
_TRADED = _MARKETS | {C.TRADING, C.PAIR, C.CONTRACT, C.ORDER}
ENDS = frozenset({C.DELIST, C.REMOVE, C.END})
_FUNDING = frozenset({C.DEPOSIT, C.WITHDRAWAL, C.WALLET})


class Meaning(NamedTuple):
    """The actions of a message. words: those that gave them."""

    actions: tuple[Action, ...]
    polarity: bool = True
    mood: Mood = Mood.ANNOUNCED
    market: str | None = None
    words: str = ""
    explicit: bool = False
    vague: bool = False
    final: bool = False
    resumes: bool = False


def meaning_of(
    concepts: frozenset[C], text: str, mentions: Sequence[Mention], named: bool, until: bool = False
) -> Meaning | None:
    """The meaning of a message; None where it says nothing that this table knows.

    named: it names a coin, a pair or a contract. until: it says until when.
    """
    concepts = _meant(concepts, text, mentions)
    actions = _actions(concepts, named, _PAIR_FIRST.match(text) is not None)
    opens = C.LIST in concepts and not concepts & (ENDS | _FUNDING | {C.CONTINUE})
    ended = UNTIL.search(text) if until and not opens else None
    if ended is not None and not any(action.risky for action in actions):
        # "Withdrawals remain possible until …" says when they end.
        if concepts & _FUNDING:
            return Meaning(tuple(_funding(concepts)), words=ended[0].strip())
        if concepts & {C.TRADING, C.PAIR, C.CONTRACT}:
            return Meaning((Action.END_TRADING,), words=ended[0].strip())
    if len(actions) > 1 and _NOT_SWAPPED.search(text):
        actions = tuple(action for action in actions if action is not Action.SWAP)
    if not actions:
        return None
    if set(actions) <= TRADING_STOPS and _BEFORE_A_SWAP.search(text):
        actions = (Action.SWAP, *actions)
    if set(actions) <= _OF_A_TOKEN and C.HALT in concepts and _NAMED_PAIR.search(text):
        # "We pause FOO/USD, since FOO is to be renamed."
        actions = (*actions, Action.HALT_TRADING)
    polarity = not _is_denied(concepts, mentions, text)
    if Action.SWAP in actions and _NOT_SUPPORTED.search(text):
        polarity = False
    if (
        C.CONTINUE in concepts
        and all(action.risky for action in actions)
        and not set(actions) <= _OF_THE_COIN
        and not (set(actions) <= _OF_A_TOKEN and _TRADES_ON.search(text))
        and not _continues_late(mentions, text)
    ):
        polarity = False
    words = ", ".join(
        dict.fromkeys(text[m.start : m.stop] for m in mentions if m.concept in _ALL_VERBS and m.stop <= len(text))
    )
    mood = (
        Mood.POSSIBLE if _SHOULD.match(text) or _MAY_BE_LATE.search(text) or _IF_ANY.search(text) else _mood(concepts)
    )
    alpha = _OF_ALPHA.search(text) is not None
    explicit = _is_explicit(_with_pair(concepts, text), actions) and not alpha
    return Meaning(
        actions,
        polarity,
        mood,
        None,
        words[:200],
        explicit,
        bool(concepts & _VAGUE) or alpha,
        bool(concepts & {C.DELIST, C.REMOVE, C.SETTLE}),
        C.RESUME in concepts,
    )


def _meant(concepts: frozenset[C], text: str, mentions: Sequence[Mention]) -> frozenset[C]:
    """The concepts without those that the words around them take back, and with those that a phrase implies."""
    if C.EXPLAIN in concepts and BY_RULE.search(text):
        concepts -= {C.EXPLAIN}
    if C.WARN in concepts and C.DELIST in concepts and BY_RULE.search(text):
        # "Delisted within the Special Treatment Rules"
        concepts -= {C.WARN}
    if C.UPGRADE in concepts and any(m.concept is C.UPGRADE and _CHAIN.search(text, m.start, m.stop) for m in mentions):
        # "The protocol change goes live": the phrase names the network itself.
        concepts = (concepts | {C.NETWORK}) - ({C.LIST} if _GOES_LIVE.search(text) else set())
    if C.MAY in concepts and _IF_YOU.match(text):
        # "If you live in Belgium, remember that …"
        concepts -= {C.MAY}
    if C.RESUME in concepts and _AFTER_A_STOP.search(text):
        # "Reinstates FOO after its earlier delisting"
        concepts -= ENDS | {C.HALT}
    if C.MAY in concepts and C.WARN in concepts:
        # What may follow a warning makes the warning no mere possibility.
        ends = C.UNTAG not in concepts and _MAY_END.search(text) is not None
        concepts -= {C.MAY} if ends or _SIGN_OF.search(text) else set()
    if C.RESUME in concepts and _NOT_RESUMED.search(text):
        concepts -= {C.RESUME}
    if C.SETTLE in concepts and _EARLY.search(text) and _CONTRACT_NAME.search(text):
        concepts |= {C.CONTRACT}
    return concepts


_BEFORE_A_SWAP = re.compile(
    r"\b(?:ahead of|before|for|due to|because of|owing to|prior to) (?:its|the|their) (?:conversion|migration|swap|rebrand\w*|renaming|rename|redenomination|merger)\b(?! of)|(?<![A-Z0-9])[A-Z0-9]{2,10}\s?(?:→|->|⇒)\s?[A-Z0-9]{2,10}(?![A-Z0-9/])",
    re.I,
)
_OF_A_TOKEN = frozenset({Action.SWAP, Action.RENAME})
# "Will be settled and not be replaced"
_NOT_SWAPPED = re.compile(r"\b(?:not|never) (?:be )?(?:replac|swap|convert|exchang)", re.I)
# "According to our rules" says why, and explains no rules.
BY_RULE = re.compile(
    r"\b(?:according to|in accordance with|in line with|in keeping with|pursuant to|under|within|as per|based on|following|after) (?:[\w-]+ ){0,5}(?:polic|rule|standard|criteri|guideline|framework|review|assessment|agreement|terms)",
    re.I,
)
_IF_YOU = re.compile(r"\W{0,3}if you (?:are|live|reside|hold|have|still|own)\b", re.I)
_AFTER_A_STOP = re.compile(
    r"\bafter (?:an? |the |its |their )?(?:earlier |previous |temporary |recent |last )?(?:delisting|suspension|halt|removal|outage)\b",
    re.I,
)
_MAY_END = re.compile(r"\b(?:and|or|,) (?:could|may|might)\b[^.;]{0,25}\b(?:delist\w*|removed|end in)", re.I)
_CHAIN = re.compile(r"network|protocol|chain|mainnet|node|runtime|consensus|hub", re.I)
_GOES_LIVE = re.compile(r"\b(?:go|goes|going|went) live\b", re.I)
# "A label, a sign of risk that may end in removal": the label is set.
_SIGN_OF = re.compile(r"\b(?:that|which|meaning|means?|who)\s(?:\w+\s){0,3}(?:may|might|could)\b", re.I)
# "No resumption planned"
_NOT_RESUMED = re.compile(
    r"\b(?:no|not|never|without|won't|cannot|nor) (?:\w+ ){0,2}(?:resum|reopen|restart|return|reinstat|start again|recover)",
    re.I,
)
# What happens to the coin itself happens also where "no action" is needed and trading goes on.
_OF_THE_COIN = frozenset({Action.UPGRADE, Action.FORK})
# A swap takes place though trading does not stop for it.
_TRADES_ON = re.compile(
    r"\btrading (?:goes on|continues|stays open|remains open|is not affected|is unaffected)\b", re.I
)
# The swap takes place elsewhere.
_NOT_SUPPORTED = re.compile(
    r"\b(?:won't|will not|shall not|do(?:es)? not|don't|doesn't|not|cannot) (?:be )?support\w*", re.I
)
# "Should the team pause the contract, …"
_SHOULD = re.compile(r"\W{0,3}should\s(?!be\b|read\b|have\b)", re.I)
# "Contracts that get delisted during the event no longer count."
_IF_ANY = re.compile(
    r"\b(?:any )?(?:tokens?|coins?|pairs?|contracts?|assets?|projects?) (?:that|which) (?:get|are|is|become|may be|have been) (?:\w+ )?(?:delisted|removed|suspended)\b[^.;]{0,40}\b(?:no longer|not|won't|will not|are not)\b",
    re.I,
)
_MAY_BE_LATE = re.compile(r"\b(?:may|might|could)\b[^.;]{0,20}\b(?:delay|postpon)", re.I)
# The early-access market, whose coins leave it for the spot market.
_OF_ALPHA = re.compile(r"\b[Aa]lpha\b")


_VAGUE = frozenset({C.SIDE, C.TERMS, C.PROMOTE, C.EXPLAIN, C.MAY})


# A symbol of a contract that is settled before its day: those of a quarter are settled on theirs, and nothing ends.
_EARLY = re.compile(r"\b(?:early|earlier|premature\w*|final|forced|forcibly|ahead of)\b", re.I)
_CONTRACT_NAME = re.compile(r"\b[A-Z0-9]{2,15}[-_]?(?:USD[TC]?M?(?:\d{2})?|PERP|SWAP)\b")
_PAIR_FIRST = re.compile(
    r"(?:\W{0,3}(?:(?:the|pairs?|markets?|books?|our)\s){0,3}|.{0,40}\b(?:stops?|closes?|ends?|halts?|pauses?|suspends?|shuts?) (?:the )?|.{0,40}(?=[A-Z0-9]{1,15}/[A-Z]{3,5} (?:is|are|closes?|shuts?|stops?|ends?)\b))[A-Z0-9]{1,15}[/_-](?:USD[TC]?|EUR|BTC|ETH|TRY|KRW|JPY|GBP|BNB|IDR|BRL)\b",
    re.I,
)
# A pair that is named says what is removed, as "trading pair" does.
_NAMED_PAIR = re.compile(r"(?<![\w/])[A-Z0-9]{1,15}/[A-Z]{3,5}(?![\w/])")


def _with_pair(concepts: frozenset[C], text: str) -> frozenset[C]:
    return concepts | {C.PAIR} if _NAMED_PAIR.search(text) else concepts


def _is_explicit(concepts: frozenset[C], actions: Sequence[Action]) -> bool:
    """Whether verb and object are both said, and nothing that trades nothing is."""
    if concepts & _VAGUE:
        return False
    if Action.END_TRADING in actions:
        return (
            C.DELIST in concepts
            or (C.SETTLE in concepts and C.CONTRACT in concepts)
            or bool(
                concepts & {C.REMOVE, C.END} and concepts & {C.TRADING, C.PAIR, C.CONTRACT, C.ORDER, C.SPOT, C.MARGIN}
            )
        )
    if Action.HALT_TRADING in actions:
        return bool(concepts & {C.TRADING, C.PAIR, C.CONTRACT, C.SPOT})
    if Action.SWAP in actions or Action.RENAME in actions:
        return C.TOKEN in concepts or C.RENAME in concepts or C.NETWORK in concepts
    if Action.UPGRADE in actions:
        return C.NETWORK in concepts
    return True


# "… until" a date, in all languages that are read.
UNTIL = re.compile(
    r"\b(?:until|till|up to|no later than|by|through)\b(?=\D{0,24}\d)|(?<=\d)[^\d]{0,12}(?:之前|以前|前|为止|為止|까지|まで|(?:tarihine|saatine|e|a) kadar)|\bдо\b(?=\D{0,12}\d)|(?:cho đến|đến|trước)\b(?=\D{0,20}\d)|截至|截止",
    re.I,
)
_ALL_VERBS = RISKY | {C.RESUME, C.LIST, C.CONTINUE}


def _actions(concepts: frozenset[C], named: bool, paired: bool = False) -> tuple[Action, ...]:
    if C.SIDE in concepts and not concepts & (_TRADED | _FUNDING | {C.NETWORK, C.FORK}):
        return (Action.SIDE,)
    if C.SIDE in concepts and not named and not concepts & (_TRADED | {C.NETWORK, C.FORK, C.TOKEN}):
        # Deposits by bank or card: a channel, and no coin's.
        return (Action.SIDE,)
    if C.TERMS in concepts and not concepts & {C.DELIST, C.HALT, C.SETTLE}:
        return (Action.SIDE,)
    if C.RESUME in concepts and not (concepts & ENDS):
        return (Action.OPEN,)
    found: list[Action] = []
    if C.SETTLE in concepts and concepts & {C.CONTRACT, C.ORDER}:
        found.append(Action.END_TRADING)
    if C.WARN in concepts and not (C.LIST in concepts and C.ADD not in concepts):
        found.append(Action.UNWARN if C.UNTAG in concepts and C.ADD not in concepts else Action.WARN)
    if C.FORK in concepts:
        found.append(Action.FORK)
    ends_trading = C.TRADING in concepts and bool(concepts & (ENDS | {C.HALT}))
    if concepts & {C.SWAP, C.MERGE, C.REDENOMINATE} and (named or C.TOKEN in concepts) and not ends_trading:
        found.append(Action.SWAP)
    if C.RENAME in concepts and (named or C.TOKEN in concepts):
        found.append(Action.RENAME)
    if C.UPGRADE in concepts and (C.NETWORK in concepts or named) and C.FORK not in concepts:
        found.append(Action.UPGRADE)
    if C.END in concepts and concepts & _FUNDING and set(found) & {Action.UPGRADE, Action.FORK}:
        found.extend(_funding(concepts))
    if concepts & ENDS and not set(found) - {Action.END_TRADING}:
        if concepts & _FUNDING and not concepts & {C.DELIST, C.PAIR, C.SETTLE} and C.TRADING not in concepts:
            if paired and C.END in concepts:
                # "FOO-EUR closes, together with its deposits"
                found.append(Action.END_TRADING)
            found.extend(_funding(concepts))
        elif concepts & _FUNDING and concepts & {C.END} and not concepts & {C.DELIST, C.REMOVE, C.SETTLE}:
            found.append(Action.END_TRADING)
            found.extend(_funding(concepts))
        elif C.NETWORK in concepts and C.END in concepts and not concepts & (_TRADED | {C.DELIST, C.REMOVE, C.TOKEN}):
            # "Unscheduled stop: SUI network"
            found.append(Action.STOP_WALLET)
        elif C.DELIST in concepts or concepts & _TRADED or named or (C.TOKEN in concepts and C.NETWORK not in concepts):
            found.append(Action.END_TRADING)
        elif C.NETWORK in concepts:
            found.append(Action.STOP_WALLET)
    if C.HALT in concepts:
        if concepts & _FUNDING:
            found.extend(_funding(concepts))
        if (
            concepts & {C.TRADING, C.PAIR, C.CONTRACT, C.ORDER, C.SPOT, C.MARGIN, C.OPTIONS}
            and not _only_a_venue(concepts)
            and not (Action.END_TRADING in found and C.END in concepts)
        ):
            found.append(Action.HALT_TRADING)
        if not found and (C.NETWORK in concepts or named):
            found.append(Action.STOP_WALLET if C.NETWORK in concepts else Action.HALT_TRADING)
    if C.MAINTENANCE in concepts and concepts & (_FUNDING | {C.NETWORK}):
        found.extend(action for action in _funding(concepts) if action not in found)
    if not found and C.CONTINUE in concepts:
        return (Action.CONTINUE,)
    if not found and C.LIST in concepts:
        return (Action.OPEN,)
    return tuple(dict.fromkeys(found))


def _only_a_venue(concepts: frozenset[C]) -> bool:
    """Whether what trades is mentioned only as a place ("deposits on our platform")."""
    return (
        bool(concepts & _FUNDING) and not concepts & {C.PAIR, C.CONTRACT, C.ORDER, C.SPOT} and C.TRADING not in concepts
    )


def _funding(concepts: frozenset[C]) -> list[Action]:
    if C.DEPOSIT in concepts and C.WITHDRAWAL not in concepts and C.WALLET not in concepts:
        return [Action.STOP_DEPOSITS]
    if C.WITHDRAWAL in concepts and C.DEPOSIT not in concepts and C.WALLET not in concepts:
        return [Action.STOP_WITHDRAWALS]
    return [Action.STOP_WALLET]


def _is_denied(concepts: frozenset[C], mentions: Sequence[Mention], text: str) -> bool:
    """Whether a denial stands before the verb, or behind it in languages that put it there."""
    denials = [mention for mention in mentions if mention.concept is C.NOT]
    if not denials:
        return False
    if re.search(r"\bnot only\b|\bif not\b", text, re.I):
        return False
    # "No others" denies nothing of these; "not … any more" ends.
    denials = [mention for mention in denials if text[mention.start - 1 : mention.start] != "("]
    denials = [mention for mention in denials if not _OTHERS.match(text, mention.stop)]
    verbs = [
        mention
        for mention in mentions
        if mention.concept in _ALL_VERBS - {C.CONTINUE, C.RESUME, C.LIST}
        and not _ANY_MORE.fullmatch(text, mention.start, mention.stop)
    ]
    if not verbs or not any(_denies(denial, verb, text) for denial in denials for verb in verbs):
        return False
    # "Will be settled early and not be replaced" denies what comes second alone.
    first = min(verbs, key=lambda verb: verb.start)
    main = [verb for verb in verbs if verb.start <= first.stop]
    return any(_denies(denial, verb, text) for denial in denials for verb in main) or any(
        denial.start < first.start for denial in denials
    )


_NEXT_VERB = re.compile(r"[:;。；]|\.\s|\band (?:are|is|will|has|have|must|shall)\b")
# A denial reaches as far as this to the verb after it.
_REACH = 90


_OTHERS = re.compile(r"\s(?:others?|exceptions?|later than|for you|to do|action|you need|is needed)\b", re.I)
_ANY_MORE = re.compile(r"any ?(?:more|longer)", re.I)


def _denies(denial: Mention, verb: Mention, text: str) -> bool:
    if denial.start < verb.start:
        between = text[denial.stop : verb.start]
        return len(between) <= _REACH and not _NEXT_VERB.search(between)
    behind = text[verb.stop : denial.start]
    never = text[denial.start : denial.stop].lower() in ("never", "nothing", "none")
    behind_the_verb = 0 if text.isascii() else 4
    return verb.start <= denial.start <= verb.stop + (24 if never and "," not in behind else behind_the_verb)


_WHICH = re.compile(r"\b(?:that|which|who)\b[^,;]*$")


def _continues_late(mentions: Sequence[Mention], text: str) -> bool:
    """Whether the risk stands before what continues, as in "is removed from spot but stays on margin"."""
    first = min((m.start for m in mentions if m.concept is C.CONTINUE), default=0)
    risk = min((m.start for m in mentions if m.concept in ENDS | {C.HALT}), default=first)
    if text[first:].lower().startswith("not ") and _WHICH.search(text[:risk]):
        # "Combos that are delisted at expiry are not concerned."
        return False
    return risk < first


def _mood(concepts: frozenset[C]) -> Mood:
    if C.CANCEL in concepts and C.ORDER not in concepts:
        return Mood.CANCELLED
    if C.POSTPONE in concepts:
        return Mood.POSTPONED
    if C.COMPLETE in concepts:
        return Mood.DONE
    if C.MAY in concepts:
        return Mood.POSSIBLE
    return Mood.ANNOUNCED
