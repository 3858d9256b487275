"""Which names of a message are excepted from what it says: "all pairs but FOO/USDT", "FOO hariç", "除 FOO 外"."""

from __future__ import annotations

from exchanges.announcements.frames.concepts import RISKY
from exchanges.announcements.frames.concepts import Concept as C
from exchanges.announcements.frames.messages import Message
from exchanges.announcements.frames.subjects import Named

# In these languages the word for "except" stands behind what it excepts.
_BEHIND = frozenset({"tr", "ko", "ja", "zh"})
_REACH = 80


def exceptions_of(message: Message, language: str) -> tuple[Named, ...]:
    """The names that the message excepts; () where it excepts none, or nothing else is named or meant.

    language: of the message.
    """
    excepting = next((mention for mention in message.mentions if mention.concept is C.EXCEPT), None)
    if excepting is None or not message.names:
        return ()
    verbs = [mention.start for mention in message.mentions if mention.concept in RISKY]
    if language in _BEHIND:
        found = tuple(name for name in message.names if 0 <= excepting.start - name.stop <= _REACH)
        # A verb between the name and the word belongs to what is not excepted.
        return tuple(name for name in found if not any(name.stop <= verb < excepting.start for verb in verbs))
    found = tuple(name for name in message.names if 0 <= name.start - excepting.stop <= _REACH)
    return tuple(name for name in found if not any(excepting.stop <= verb < name.start for verb in verbs))
