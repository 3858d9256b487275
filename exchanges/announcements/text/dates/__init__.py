"""One grammar of dates: every spelling that an exchange has used, or plausibly will, as aware UTC.

`moments` reads a text; `day_order` decides for a whole notice what one date alone leaves open.
"""

from exchanges.announcements.text.dates.moments import may_have, moments
from exchanges.announcements.text.dates.order import day_order
from exchanges.announcements.text.dates.titles import without_dates
from exchanges.announcements.text.dates.types import DayOrder, Moment

__all__ = ["DayOrder", "Moment", "day_order", "may_have", "moments", "without_dates"]
