"""What words of notices mean, whatever the language: one concept for all spellings of one meaning.

Each language has a table from concept to pattern in `exchanges.announcements.frames.words`; what is built on concepts
(frames, and the event that they make) knows no language.
"""

from __future__ import annotations

from enum import StrEnum


class Concept(StrEnum):
    """A meaning. The comment after each gives the English words that it stands for."""

    # --- what happens
    DELIST = "delist"  # delist, delisting, unlist
    REMOVE = "remove"  # remove, take down, retire, drop, pull, withdraw from the list, say goodbye
    END = "end"  # end, cease, discontinue, terminate, stop for good, close for good, no longer, last day
    HALT = "halt"  # suspend, halt, pause, freeze, unavailable, interrupt (for a time)
    SETTLE = "settle"  # settle, close out positions
    SWAP = "swap"  # swap, exchange for, convert to, migrate to (tokens)
    RENAME = "rename"  # rename, rebrand, change of ticker
    MERGE = "merge"
    REDENOMINATE = "redenominate"  # redenomination, split, consolidation, 1:1000
    UPGRADE = "upgrade"  # network upgrade, protocol upgrade
    FORK = "fork"  # hard fork
    MAINTENANCE = "maintenance"
    WARN = "warn"  # monitoring tag, risk warning, special treatment, observation zone
    ADD = "add"  # add, set, extend, include (of tags)
    UNTAG = "untag"  # remove or lift (of tags, warnings, stops)
    # --- what ends an event, or changes it
    RESUME = "resume"  # resume, reopen, restore
    COMPLETE = "complete"  # completed, finished
    POSTPONE = "postpone"  # postpone, delay, push back, new time
    CANCEL = "cancel"  # cancel, call off, will not take place any more
    UPDATE = "update"  # updated, corrected, revised
    # --- what is no risk
    LIST = "list"  # list, launch, add a pair, open trading, introduce
    CONTINUE = "continue"  # stays available, not affected, as usual, remains open
    PROMOTE = "promote"  # campaign, rewards, quiz, airdrop, competition, prize
    EXPLAIN = "explain"  # guide, FAQ, what is, how to, rules, terms of use, report, rumour
    FALSE = "false"  # rumour, hoax, forgery: what somebody else says
    # --- how it is said
    NOT = "not"  # not, no, neither, nor, without
    MAY = "may"  # may, might, could, if, in case, reserves the right
    PAST = "past"  # was, had been, originally, previously
    EXCEPT = "except"  # except, other than, excluding
    # --- what it happens to
    TRADING = "trading"
    PAIR = "pair"
    CONTRACT = "contract"  # contract, perpetual, futures
    TOKEN = "token"  # token, coin, asset, crypto
    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    WALLET = "wallet"  # deposits and withdrawals together, wallet maintenance
    NETWORK = "network"  # network, chain, mainnet, node
    SPOT = "spot"
    MARGIN = "margin"
    USDM = "usdm"
    COINM = "coinm"
    OPTIONS = "options"
    ORDER = "order"  # orders, positions
    SIDE = "side"  # products that trade nothing: earn, loans, bots, convert, cards, API, fiat channels …
    TERMS = "terms"  # fees, tick size, leverage, limits


# What puts something at risk when a message says that it happens.
RISKY = frozenset(
    {
        Concept.DELIST,
        Concept.REMOVE,
        Concept.END,
        Concept.HALT,
        Concept.SETTLE,
        Concept.SWAP,
        Concept.RENAME,
        Concept.MERGE,
        Concept.REDENOMINATE,
        Concept.UPGRADE,
        Concept.FORK,
        Concept.MAINTENANCE,
        Concept.WARN,
    }
)
