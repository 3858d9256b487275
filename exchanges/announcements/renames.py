"""What an exchange's notice of a finished renaming teaches about names. Pure."""

from __future__ import annotations

import re

from exchanges.announcements.text.names import bracketed
from exchanges.announcements.types import Article, ParsedNotice
from exchanges.venues import venue_name
from markets.identity import NameRow

_RENAMED = re.compile(r"\b(?:re-?brand\w*|renam\w*|ticker change)\b", re.I)
# One new coin is not one old coin then, and the title does not say how many it is.
_OTHER_UNITS = re.compile(r"\b(?:redenominat\w*|re-?split|ratio)\b", re.I)


def renaming(article: Article, reading: ParsedNotice) -> NameRow | None:
    """The old name as the new coin's, on the exchange's spot market, from the notice's release; or None.

    Only what is completed counts: plans are put off, and what a coin is called before then is its old name.
    """
    title = article.title
    verb = _RENAMED.search(title)
    if reading.phase != "completed" or not verb or _OTHER_UNITS.search(title) or article.released_at is None:
        return None
    names = [(ticker, place) for ticker, _, place in bracketed(title)]
    if len(names) != 2 or not names[0][1] < verb.start() < names[1][1] or names[0][0] == names[1][0]:
        return None
    venue = venue_name(article.exchange, None)
    return NameRow(venue, names[0][0], names[1][0], valid_from=article.released_at)
