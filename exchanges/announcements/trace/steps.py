"""What decided on a notice: each question in the order in which `frames.verdict` asks it, with its answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from exchanges.announcements.classification.classify import Match
from exchanges.announcements.classification.rule import Rule
from exchanges.announcements.frames.build import title_concepts
from exchanges.announcements.frames.decide import decide
from exchanges.announcements.frames.kinds import FRAMES, KINDS_OF_DOCUMENT, kind_of_document
from exchanges.announcements.frames.language import OTHER, language_of
from exchanges.announcements.reviews import is_open_to_doubt
from exchanges.announcements.types import ParsedNotice, ReviewReason

LANGUAGES = {
    "en": "English",
    "zh": "Chinese",
    "ko": "Korean",
    "ja": "Japanese",
    "tr": "Turkish",
    "ru": "Russian",
    "vi": "Vietnamese",
    OTHER: "one that is not read",
}


def steps_of(
    title: str,
    match: Match,
    language: str,
    notice: ParsedNotice,
    reference: datetime | None,
    threshold: float,
    p: float,
) -> Iterator[str]:
    """The steps to an answer. match: of the title, as the reader tried it. p: the second opinion's probability."""
    yield f"The language of the notice is {LANGUAGES.get(language, language)}."
    rule = match.rule if match.rule is not None and match.rule.title is not None else None
    yield _of_title(title, rule, match)
    kind = kind_of_document(title, rule, title_concepts(title, language), notice.frames)
    decision = decide(notice.frames, reference)
    if kind is not None:
        what = kind.name.removeprefix(FRAMES) if kind is rule else "a page that explains, promotes or denies"
        yield (
            f"By its title the document is harmless ({what}). Only what is said of a named coin or pair, with a date, "
            "overrules that."
        )
    if decision is None:
        yield "No frame of the notice says that something at risk happens or ends."
    else:
        yield _of_frames(decision.category, decision.event, decision.phase, decision.by_title)
    yield _of_decision(rule, kind, notice)
    yield f"The second opinion takes it for an event with a probability of {p:.2f}."
    if notice.review is None and is_asked(notice):
        yield f"From {threshold:.2f} on it would have sent the notice to a person."
    if notice.review is not None:
        yield f"A person has to decide: {notice.review.reason.value}."


def _of_title(title: str, rule: Rule | None, match: Match) -> str:
    if rule is not None:
        what = f"an event ({rule.category})" if rule.event else "no event"
        return f"The title's rule is {rule.name}: {what}. {rule.explanation} It matched “{match.matched_text}”."
    if language_of(title) not in ("en", OTHER):
        return "The title's rules are English; they are not asked about this title."
    return "No rule applies to the title."


def _of_decision(rule: Rule | None, kind: Rule | None, notice: ParsedNotice) -> str:
    """Which of title, kind and frames the answer is by."""
    name = notice.rule
    if kind is not None and name == kind.name:
        return "The kind of the document decides."
    if rule is not None and name == rule.name:
        return "The rule of the title decides; frames complete names and dates."
    if rule is not None and name.startswith(f"{rule.name},"):
        return f"The frames of the title say the opposite of its rule, and turn it: {name}."
    if not name.startswith(FRAMES):
        return "Neither the title's rules nor the frames explain the notice."
    what = name.removeprefix(FRAMES)
    if rule is not None and rule.name not in KINDS_OF_DOCUMENT and rule.event and not notice.event:
        return f"No frame bears out the rule of the title, whose words stand in other titles too: {what}."
    return f"The frames of the {what} decide." if what in ("title", "body") else f"The frames decide: {what}."


def _of_frames(category: str, event: bool, phase: str | None, by_title: bool) -> str:
    where = "the title" if by_title else "the body"
    what = f"a {category.replace('_', ' ')}" if event else f"the end of a {category.replace('_', ' ')}"
    return f"The frames make it {what}, by {where}{f' ({phase})' if phase else ''}."


def is_asked(notice: ParsedNotice) -> bool:
    """Whether the second opinion could turn the answer."""
    if notice.review is not None and notice.review.reason is not ReviewReason.SECOND_OPINION:
        return False
    return is_open_to_doubt(replace(notice, review=None))


def outcome_of(notice: ParsedNotice) -> str:
    """The answer in a word: event, review, the end of one, or harmless."""
    if notice.event:
        return "event"
    if notice.review is not None:
        return "review"
    return "end of an event" if notice.category is not None else "harmless"
