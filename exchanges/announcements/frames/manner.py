# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""How a sentence is said: as in force now, as a question, a condition, a claim of somebody else, or of what came before."""

from __future__ import annotations

import re
from dataclasses import replace

from exchanges.announcements.frames.types import TITLE, Frame, Mood
from exchanges.announcements.text.clauses import Clause

# The words of a frame that calls something untrue.
FALSE = "it is not true"

ANAPHORA = re.compile(
    r"\b(?:these|those|they|them|it|its|both|this|that|the (?:\w+ )?(?:above|affected|following|aforementioned|said|listed|named|concerned|two|three|four|pairs?|contracts?|tokens?|coins?|assets?))\b|上述|该|以上|這些|这些|해당|위|当該|上記|bu |söz konusu|указанн|данн|эти|этих|các|này|trên",
    re.I,
)

NOW = re.compile(
    r"\bwe(?:'ve| have) (?:now |just |already )?(?:shut|halted|stopped|paused|suspended|closed|disabled|switched off|frozen)\b|\b(?:just now|right now|(?:is|are) now under|as of now|immediately|immediate effect|at once|effective now|currently|at the moment|for now|until further notice|as of this|today|since this|already|(?:is|are) (?:stopped|halted|suspended|paused|frozen|disabled|unavailable|blocked)(?=[.!]?$|[,;]|\s(?:until|while|because|due|as|pending))|(?:has|have) (?:been |now |temporarily |already )*(?:suspended|stopped|halted|paused|removed|delisted|disabled|switched|closed|frozen))\b|"
    r"即刻|立即|即日起|现已|現已|已暂停|已暫停|目前|즉시|현재|금일|即時|ただいま|現在|hemen|şu anda|derhal|немедленно|сейчас|в настоящее время|ngay|hiện"
)

# What stands for the things named before.
PLURAL_PRONOUN = re.compile(r"\b(?:them|they|these|those)\b", re.I)

# What was over before the notice.
LONG_PAST = re.compile(r"\b(?:was|were|been) (?:carried out|completed|executed|made|done)\b|\bin 20\d\d\b", re.I)

# What refers to them more clearly than "the pair" does; in other languages always.
POINTS_BACK = re.compile(r"\b(?:it|its|they|them|these|those|this|that|both)\b|[^\x00-\x7f]", re.I)

ASKED = re.compile(r"[?？]\W*$")

LONG_AGO = re.compile(
    r"\b(?:was|were|has been|have been|got) (?:\w+ ){1,4}(?:last (?:year|month|week|summer|winter|spring|autumn|january|february|march|april|may|june|july|august|september|october|november|december)|(?:long|years?|months?|weeks?) ago|since (?:january|february|march|april|may|june|july|august|september|october|november|december))\b",
    re.I,
)

ASKS_OR_INVITES = re.compile(
    r"\?\W*$|^\W*(?:\w{2,8}\]\s*)?(?:we|you|our|your|please|trade|win|earn|share|join|vote|stake|why|what|how)\b", re.I
)

# What an earlier notice said wrongly.
ERRONEOUS = re.compile(
    r"\b(?:erroneously|mistakenly|wrongly|by mistake|in error)\b[^.;]{0,20}\b(?:wrote|written|said|stated|announced|listed|included|named|published)\b",
    re.I,
)
IN_CASE = re.compile(r"\W{0,3}(?:in case of|in the event of|in the event that|should (?!be\b|read\b|have\b))", re.I)

THE_SAME = re.compile(
    r"\bthe same (?:goes|applies|holds|is true|happens) (?:for|to|with)\b|\b(?:ditto|likewise)\b", re.I
)

# What a hoax is said to say, and the sentence that calls it one.
_CLAIMED = re.compile(
    r"\b(?:claim\w*|stat(?:es|ed|ing)|says|said|saying|rumou?r\w*|posts?|screenshots?|mails?|e-?mails?|messages?|circulat\w*|report\w*)\b",
    re.I,
)

_CALLS_FALSE = re.compile(
    r"\W{0,3}(?:(?:this|that|these|they|it|both|all of (?:this|it|them)|the (?:claim|post|screenshot|message|mail)s?)\b|(?:false|fake|untrue)\b)",
    re.I,
)


def without_hoax(frames: list[Frame], clause: Clause, earlier: Clause) -> None:
    """Turns what a sentence reports into a mere possibility, where the next one calls it false."""
    if not _CALLS_FALSE.match(clause.text) or not _CLAIMED.search(earlier.text):
        return
    for place, frame in enumerate(frames):
        if frame.text in earlier.text and frame.clause != TITLE:
            frames[place] = replace(frame, mood=Mood.POSSIBLE)


# "Radix? No: RADAR is what leaves": what is asked is not what happens.
_ANSWERED_NO = re.compile(r"[^?]{3,80}\?\s?(?:No|Nope|Wrong|Not quite)\b\W{0,3}")


def without_question(title: str) -> str:
    found = _ANSWERED_NO.match(title)
    # In place of it blanks: the dates of the title keep their places.
    return title if found is None else f"{' ' * found.end()}{title[found.end() :]}"
