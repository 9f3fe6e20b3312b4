"""Names that stay the same from export to export, and dates that are shifted; both by a key that does not leave Collum.

Anyone who has the key can compute whose pseudonym it is. Without the key, this is not possible.
"""

import datetime as dt
import hmac

from django.conf import settings

from clinic.records.exceptions import Refused
from planning.exports.models import ResearchDates

SHORTEST_KEY = 32
DIGITS = 20  # 80 bits: no two patients of a clinic share one
MOST_DAYS = 365


def research_key():
    """Raises Refused if there is none."""
    key = settings.RESEARCH_KEY
    if len(key) < SHORTEST_KEY:
        raise Refused(
            f"This export needs a key of at least {SHORTEST_KEY} characters. An administrator sets RESEARCH_KEY in the "
            "environment of the server, and keeps it: another key gives other pseudonyms."
        )
    return key.encode()


class Pseudonyms:
    def __init__(self, key, dates):
        self.key, self.dates = key, ResearchDates(dates)

    def of(self, kind, pk):
        return self._digest(kind, pk).hex()[:DIGITS]

    def day(self, person, day):
        """As text; earlier by the days of this person if dates are shifted. Intervals of a person stay the same."""
        return "" if day is None else (day - self._shift(person)).isoformat()

    def _shift(self, person):
        if self.dates == ResearchDates.KEPT:
            return dt.timedelta()
        days = 1 + divmod(int.from_bytes(self._digest("shift", person)), MOST_DAYS)[1]
        return dt.timedelta(days=days)

    def _digest(self, kind, pk):
        return hmac.digest(self.key, f"{kind} {pk}".encode(), "sha256")
