# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""The verdict on a notice: by the table of title rules for house formulas, by its frames, or that a person has to look.

The table decides titles in the formulas of the exchanges. Where it has no rule for a title, or only a harmless one, the
frames of title and body decide. A harmless kind of document is overruled only by a frame about a named coin or pair.
What neither explains is no "no": it is a review.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from exchanges.announcements.classification.classify import Match
from exchanges.announcements.classification.rule import Rule
from exchanges.announcements.frames.concepts import RISKY, Concept
from exchanges.announcements.frames.decide import FOR_SOME_TIME, Decision, decide, holds, is_reported
from exchanges.announcements.frames.kinds import FRAMES, KINDS_OF_DOCUMENT, harmless, kind_of_document
from exchanges.announcements.frames.language import OTHER
from exchanges.announcements.frames.manner import FALSE
from exchanges.announcements.frames.names.spellings import MONEY
from exchanges.announcements.frames.turned import LOOSE, turned
from exchanges.announcements.frames.types import TITLE, TRADING_STOPS, Action, Frame, Mood
from exchanges.announcements.types import ReviewReason

# A halt for the change of a tick size lasts a minute.
BRIEF = timedelta(minutes=5)


@dataclass(frozen=True)
class Verdict:
    """The rule that decides (of the table, or made from frames), or why a person has to look."""

    rule: Rule | None
    review: ReviewReason | None = None


def evaluate(
    title: str,
    match: Match,
    frames: Sequence[Frame],
    kinds: frozenset[Concept],
    language: str,
    reference: datetime | None = None,
    has_body: bool = False,
) -> Verdict:
    """The verdict on a notice. kinds: the concepts that the title mentions. language: of the notice."""
    rule = match.rule if match.rule is not None and match.rule.title is not None else None
    decision = decide(frames, reference)
    kind = kind_of_document(title, rule, kinds, frames)
    if kind is not None:
        return _of_kind(kind, decision, frames, kinds)
    if rule is not None and rule.name not in KINDS_OF_DOCUMENT:
        if rule.event and rule.name in LOOSE and _moves_up(title, frames):
            return Verdict(harmless("alpha"))
        stops = any(
            frame.clause == TITLE and frame.action in TRADING_STOPS and holds(frame) and frame.explicit and frame.tokens
            for frame in frames
        )
        if rule.phase == "resumed" and stops and decision is not None and decision.event:
            # "Trading stop (no resumption planned)"
            return Verdict(_made(decision))
        return _of_rule(title, turned(rule, frames), decision, frames, kinds)
    if decision is not None and decision.event and language == OTHER:
        # The English words in it say nothing certain.
        return Verdict(None, ReviewReason.LANGUAGE)
    if _moves_up(title, frames):
        return Verdict(harmless("alpha"))
    if decision is not None and decision.event and not decision.by_title and Concept.COMPLETE in kinds:
        ahead = any(holds(frame) and frame.explicit and frame.tokens for frame in frames)
        if not ahead:
            # "Wallet work went well"
            return Verdict(harmless("title"))
    if decision is not None:
        return Verdict(_made(decision))
    if _is_explained(frames, kinds, reference):
        return Verdict(harmless("title"))
    if has_body and language != OTHER and _is_conditional(frames, kinds):
        return Verdict(harmless("body"))
    return Verdict(None, ReviewReason.LANGUAGE if language == OTHER else ReviewReason.UNEXPLAINED)


# What happens to the coin itself needs no verb in a title ("the Osaka upgrade"), unless something opens after it.
_OF_THE_COIN = frozenset({"hard-fork", "network-upgrade", "token-migration"})
_TRADED = frozenset(
    {Concept.SPOT, Concept.MARGIN, Concept.USDM, Concept.COINM, Concept.OPTIONS, Concept.PAIR, Concept.CONTRACT}
)


_MONEYS = "|".join(sorted(MONEY))
# Money at a bank, and no coin.
_OF_MONEY = re.compile(
    rf"\b(?:{_MONEYS}) (?:fiat )?(?:deposits?|withdrawals?|transfers?|top-ups?|rails?)\b|\b(?:deposits?|withdrawals?) (?:of|in|for) (?:{_MONEYS})\b"
)
_SWAPPED = frozenset({Concept.SWAP, Concept.RENAME, Concept.MERGE, Concept.REDENOMINATE})
_OF_TOKENS = frozenset({Action.SWAP, Action.RENAME, Action.UPGRADE})
_CHANGED = frozenset({Action.SWAP, Action.RENAME, Action.UPGRADE, Action.FORK})
_FORKS = frozenset({"network_upgrade", "hard_fork"})
_WIDER = frozenset({"network_upgrade", "hard_fork", "delisting", "trading_suspension"})


def _of_rule(
    title_text: str, rule: Rule, decision: Decision | None, frames: Sequence[Frame], kinds: frozenset[Concept]
) -> Verdict:
    """The verdict by a title's rule. Where the title's own frames do not say so, the body has to, or a person."""
    event = decision if decision is not None and decision.event else None
    title = [frame for frame in frames if frame.clause == TITLE]
    if rule.name == "wallet-maintenance" and title and all(frame.action is Action.SIDE for frame in title):
        return Verdict(rule if event is not None else harmless("kind"))
    if not rule.event or rule.name not in LOOSE:
        return Verdict(rule)
    if (
        rule.category == "delisting"
        and event is not None
        and event.category == "wallet_suspension"
        and title
        and all(frame.action in _WALLET for frame in title)
    ):
        # "Wallet stop for all TRON assets"
        return Verdict(_made(event))
    if (
        rule.category == "delisting"
        and title
        and Concept.TERMS in kinds
        and _OF_TERMS.search(title_text)
        and any(f.action is Action.SIDE for f in title)
        and not any(f.tokens and f.action is not Action.SIDE for f in title)
    ):
        # "Will remove the 0-fee status of FOO/USDC"
        return _of_kind(harmless("terms"), decision, frames, kinds)
    if rule.category == "delisting" and event is not None and title and all(f.action is Action.WARN for f in title):
        # "Delisting candidates get a tag"
        return Verdict(_made(event))
    if rule.name == "removal-of-traded" and event is not None and kinds & _SWAPPED and _becomes(title, frames):
        return Verdict(replace(_made(event), category="token_migration"))
    dated = any(f.clause != TITLE and f.tokens and f.start is not None and f.explicit and holds(f) for f in frames)
    invites = rule.name in _OF_THE_COIN and bool(kinds & {Concept.PROMOTE, Concept.SIDE})
    if invites and not dated and _INVITES.search(title_text):
        return Verdict(harmless("kind"))
    if "P2P" in title_text and not any(frame.explicit for frame in title):
        return Verdict(harmless("kind"))
    if (
        rule.category == "wallet_suspension"
        and _OF_MONEY.search(title_text)
        and not any(frame.tokens for frame in frames)
    ):
        return Verdict(harmless("kind"))
    if (
        rule.name in ("wallet-suspended", "wallet-support-ends")
        and event is not None
        and event.by_title
        and event.category in (_WIDER if rule.name == "wallet-suspended" else _FORKS)
    ):
        # Deposits stop for the sake of an upgrade, or before a coin leaves.
        return Verdict(_made(event))
    if (
        rule.name == "token-migration"
        and title
        and all(frame.action is Action.SIDE for frame in title)
        and (not kinds & _SWAPPED or not any(frame.tokens for frame in frames))
    ):
        return Verdict(harmless("kind"))
    if (
        rule.category == "delisting"
        and Concept.COMPLETE in kinds
        and not any(frame.action in TRADING_STOPS and holds(frame) and frame.start is not None for frame in frames)
    ):
        # "Delisting of FOO: final conversion carried out"
        return Verdict(harmless("title"))
    if (
        rule.name == "token-migration"
        and event is not None
        and (
            not kinds & (_SWAPPED | {Concept.UPGRADE})
            or (any(f.action is Action.FORK for f in title) and not any(f.action in _OF_TOKENS for f in title))
        )
    ):
        # Contracts that are called swaps, and a split of a chain.
        return Verdict(_made(event))
    if (
        rule.category == "trading_suspension"
        and event is not None
        and event.category == "delisting"
        and any(frame.action is Action.END_TRADING and holds(frame) and frame.explicit for frame in title)
        and not any(frame.action is Action.HALT_TRADING for frame in title)
    ):
        # "Deposits suspended and trading to end"
        return Verdict(_made(event))
    if rule.name == "market-maintenance":
        denied = any(frame.action is Action.HALT_TRADING and not frame.polarity and frame.explicit for frame in frames)
        stops = any(frame.action in TRADING_STOPS and holds(frame) for frame in frames)
        if title and all(frame.action is Action.SIDE for frame in title):
            return Verdict(harmless("kind"))
        if Concept.COMPLETE in kinds and not any(holds(frame) and frame.start is not None for frame in frames):
            return Verdict(harmless("title"))
        return Verdict(harmless("terms")) if Concept.TERMS in kinds or (denied and not stops) else Verdict(rule)
    if (
        rule.category == "delisting"
        and event is not None
        and event.category == "trading_suspension"
        and title
        and (
            all(frame.action is Action.HALT_TRADING for frame in title)
            or any(frame.reopens is not None for frame in frames)
            or any(FOR_SOME_TIME.search(frame.text) for frame in title)
            or not any(frame.tokens or frame.tickers for frame in frames)
        )
    ):
        # "Temporary stop of trading"
        return Verdict(_made(event))
    if (
        rule.category == "trading_suspension"
        and event is not None
        and any(frame.action in _CHANGED and holds(frame) for frame in title)
        and any(frame.action is Action.HALT_TRADING and not frame.polarity for frame in title)
    ):
        return Verdict(_made(event))
    product = Concept.SIDE in kinds and rule.name != "token-migration" and not any(frame.tokens for frame in title)
    if rule.name in _FORK_RULES and (
        _is_done(frames) or (Concept.COMPLETE in kinds and not any(holds(f) and f.start is not None for f in frames))
    ):
        return Verdict(replace(rule, event=False, phase="completed", name=f"{rule.name}, done"))
    if rule.name in _OF_THE_COIN and not product and not any(frame.action is Action.OPEN for frame in title):
        return Verdict(rule)
    side = Concept.SIDE in kinds and not kinds & (_TRADED | {Concept.TOKEN})
    if not side and any(holds(frame) and (frame.tokens or not frame.vague) for frame in title):
        return Verdict(rule)
    if rule.name == "venue-removes" and any(len(frame.tokens) > 1 for frame in title):
        return Verdict(rule)
    if _CONTEST.search(title_text):
        # "Holders of FOO compete for the Delisted Cup"
        return Verdict(harmless("kind"))
    if _CAMPAIGN.search(title_text) and not any(frame.tokens or frame.tickers for frame in frames):
        # "Will delist the coupon campaign"
        return Verdict(harmless("kind"))
    if (
        Concept.DELIST in kinds
        and Concept.PROMOTE not in kinds
        and kinds & {Concept.SPOT, Concept.MARGIN, Concept.USDM, Concept.COINM, Concept.OPTIONS}
    ):
        return Verdict(rule)
    if any(holds(frame) and frame.explicit and (frame.tokens or frame.start) for frame in frames):
        return Verdict(rule)
    return Verdict(harmless("title"), ReviewReason.SECOND_OPINION if event is not None else None)


_WALLET = frozenset({Action.STOP_WALLET, Action.STOP_DEPOSITS, Action.STOP_WITHDRAWALS})
_INVITES = re.compile(
    r"\b(?:win|share|earn|stake|write|guess|quiz|kuis|rewards?|prizes?|giveaway|trivia|contest)\b", re.I
)


# Terms of trade that are removed or changed; "stock index contract" names what is traded.
_OF_TERMS = re.compile(r"\bfees?\b|\btick|\bprecision|\bincrement|\bleverage|\blimits?\b|\brebates?\b", re.I)
_CONTEST = re.compile(r"\b(?:trading|holders?) (?:competitions?|tournaments?|contests?|cups?)\b|\bcompete for\b", re.I)
_CAMPAIGN = re.compile(r"\b(?:campaigns?|coupons?|vouchers?|contests?|quiz(?:zes)?)\b", re.I)


def _becomes(title: Sequence[Frame], frames: Sequence[Frame]) -> bool:
    """Whether the body says that what the title names becomes another coin."""
    leaving = {token for frame in title for token in frame.tokens}
    return any(
        frame.action in (Action.SWAP, Action.RENAME) and holds(frame) and not frame.vague
        and len(frame.tokens) > 1 and leaving & set(frame.tokens)
        for frame in frames
    )  # fmt: skip


_FORK_RULES = frozenset({"hard-fork", "network-upgrade"})


def _is_done(frames: Sequence[Frame]) -> bool:
    """Whether the body says that the upgrade is done and wallets are open, and of nothing that is still to come."""
    body = [frame for frame in frames if frame.clause != TITLE]
    done = any(frame.action in (Action.FORK, Action.UPGRADE) and frame.mood is Mood.DONE for frame in body)
    open_again = any(frame.action is Action.OPEN and frame.resumes and frame.polarity for frame in body)
    return done and open_again and not any(map(holds, body))


def _moves_up(title: str, frames: Sequence[Frame]) -> bool:
    """Whether a coin leaves the early-access market because it comes to the spot market."""
    texts = (title, *(frame.text for frame in frames if frame.action.risky or frame.action is Action.OPEN))
    return any(_EARLY_MARKET.search(text) for text in texts) and any(_MAIN_MARKET.search(text) for text in texts)


_EARLY_MARKET = re.compile(r"Alpha\b|\b[Pp]ilot (?:market|section|zone|board)\b|\b[Pp]re-?[Mm]arket\b")
_MAIN_MARKET = re.compile(
    r"\b(?:to|on|onto) (?:the )?(?:\w+ )?(?:spot|main)\b|\bspot (?:trading )?(?:begins|starts|opens)\b|\bspot [A-Z0-9]+/[A-Z]+ opens\b",
    re.I,
)


def _of_kind(kind: Rule, decision: Decision | None, frames: Sequence[Frame], kinds: frozenset[Concept]) -> Verdict:
    """The verdict on a harmless kind of document: overruled only by what is said of a named coin or pair, with a date."""
    lists = any(
        frame.action is Action.OTHER or (frame.action in TRADING_STOPS and frame.tickers and holds(frame))
        for frame in frames
        if frame.clause != TITLE
    )
    # Of a title that only asks, the pairs of the body are enough.
    asks = kind.name == f"{FRAMES}harmless kind" and not kinds & {
        Concept.EXPLAIN,
        Concept.FALSE,
        Concept.PROMOTE,
        Concept.SIDE,
    }
    dated = [
        frame
        for frame in frames
        if holds(frame)
        and frame.explicit
        and (frame.tokens or lists)
        and frame.clause != TITLE
        and (frame.start is not None or frame.mood is Mood.IN_FORCE or (asks and frame.tickers))
        and not _is_brief(frame)
        and not _FORGED.search(frame.text)
    ]
    if decision is None or not decision.event or not dated:
        return Verdict(kind)
    pairs = any(frame.action in TRADING_STOPS for frame in dated) and any(
        frame.tickers for frame in frames if frame.action in TRADING_STOPS and holds(frame) and not frame.vague
    )
    changes = {t for f in frames if f.clause == TITLE and f.action in (Action.UPGRADE, Action.FORK) for t in f.tokens}
    if Concept.FALSE not in kinds and Concept.PROMOTE not in kinds and any(changes & set(f.tokens) for f in dated):
        # "The v9 upgrade: what happens to your transfers"
        forks = any(frame.clause == TITLE and frame.action is Action.FORK for frame in frames)
        return Verdict(replace(_made(decision), category="hard_fork" if forks else decision.category))
    false = any(frame.words == FALSE for frame in frames)
    false = false or Concept.FALSE in kinds
    if false or Concept.PROMOTE in kinds or kind.name == "product-terms" or (Concept.EXPLAIN in kinds and not pairs):
        return Verdict(kind, ReviewReason.BODY)
    return Verdict(_made(decision))


# "A forged notice of a delisting is going around."
_FORGED = re.compile(
    r"\b(?:fake|forged|bogus|untrue|фальшив\w*|поддельн\w*|ложн\w*|недостоверн\w*|sahte|asılsız)\b|giả mạo|虚假|虛假|不实|不實|허위|가짜|偽の|虚偽",
    re.I,
)


def _is_brief(frame: Frame) -> bool:
    """Whether a stop lasts minutes, as when a tick size changes."""
    if frame.start is None or frame.action is not Action.HALT_TRADING:
        return False
    end = frame.end.at if frame.end is not None else frame.start.end
    return end is not None and end - frame.start.at <= BRIEF


def _is_explained(frames: Sequence[Frame], kinds: frozenset[Concept], reference: datetime | None) -> bool:
    """Whether title and body say something, and nothing of it puts anything at risk."""
    stated = [frame for frame in frames if frame.action is not Action.OTHER]
    held = [frame for frame in stated if holds(frame)]
    if any(frame.clause == TITLE and not frame.action.risky for frame in stated):
        return True
    if Concept.COMPLETE in kinds and not held:
        return True
    if held and is_reported(held, reference):
        return True
    # A title that says nothing is explained by a body that only opens, or speaks of products that trade nothing.
    return bool(stated) and not any(frame.action.risky for frame in stated)


def _is_conditional(frames: Sequence[Frame], kinds: frozenset[Concept]) -> bool:
    """Whether a body speaks of risks as of what may happen or does not, or of none, and the title of none."""
    risky = [frame for frame in frames if frame.action.risky]
    if kinds & RISKY or any(holds(frame) or frame.mood is Mood.CANCELLED for frame in risky):
        return False
    return not any(frame.start is not None and frame.polarity and not _EXPLAINS.search(frame.text) for frame in risky)


_EXPLAINS = re.compile(
    r"\b(?:explains?|describes?|sets? out|lays? down|handbook|guide|polic(?:y|ies)|terms|rules)\b", re.I
)


def _made(decision: Decision) -> Rule:
    where = "title" if decision.by_title else "body"
    return Rule(
        80,
        f"{FRAMES}{where}",
        decision.event,
        decision.category,
        "The frames of the notice decide.",
        phase=decision.phase,
    )


__all__ = ["FRAMES", "Mood", "evaluate", "holds"]
