"""What was reported about one session, in all of its responses."""

from dataclasses import dataclass
from functools import cached_property

from planning.course.models.response import DOMAINS, Effect, Response


@dataclass
class ReportedResponses:
    """All responses to a session combined: the latest report on each point."""

    responses: list[Response]

    def _last_with(self, name):
        return next((each for each in reversed(self.responses) if getattr(each, name)), None)

    @property
    def effect(self):
        known = [each for each in self.responses if each.effect != Effect.NOT_KNOWN]
        return (known or self.responses or [None])[-1]

    @property
    def effect_text(self):
        return self.effect.get_effect_display() if self.effect else ""

    @property
    def is_without_response(self):
        return self.effect is not None and self.effect.effect == Effect.NO_RESPONSE

    def day(self, name):
        if self.is_without_response:
            return None
        return next((day for each in reversed(self.responses) if (day := each.day_of(name))), None)

    @cached_property
    def onset(self):
        return self.day("onset")

    @cached_property
    def peak(self):
        return self.day("peak")

    @cached_property
    def wearing_off(self):
        return self.day("wearing_off")

    @property
    def benefits(self):
        found = []
        for name in DOMAINS:
            if each := self._last_with(name):
                label = each._meta.get_field(name).verbose_name
                found.append((label, getattr(each, f"get_{name}_display")(), getattr(each, name)))
        return found

    @property
    def benefits_text(self):
        return " · ".join(f"{domain}: {benefit.lower()}" for domain, benefit, _ in self.benefits)

    @property
    def impression(self):
        each = self._last_with("impression")
        return each.get_impression_display() if each else ""

    @property
    def words(self):
        each = self._last_with("words")
        return each.words if each else ""
