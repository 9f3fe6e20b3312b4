"""The clinic's own letter templates: text with placeholders."""

import re

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from clinic.records.numbers import Count
from clinic.records.text import Line, Lines
from planning.catalogue.models.entry import PlainEntry

# The line of a letter at which the injections appear, as signed. It is replaced when the letter is shown, not before.
INJECTIONS = "{injections}"
PLACEHOLDER = re.compile(r"\{[^{}\n]*\}")


class LetterAbout(models.TextChoices):
    RECORD = "record", "A signed record"
    NOT_DONE = "not_done", "A session that was not done"


COMMON = ("{patient}", "{date}", "{findings}", "{response}", "{next_visit}", "{clinician}")
PLACEHOLDERS = {
    LetterAbout.RECORD: (*COMMON, "{product}", "{muscles}", INJECTIONS),
    LetterAbout.NOT_DONE: (*COMMON, "{reason}"),
}


class LetterTemplate(PlainEntry):
    """A letter stores its own text, so a change of its template changes no letter."""

    name = Line(max_length=100)
    about = models.CharField("is about", max_length=20, choices=LetterAbout)
    text = Lines(
        max_length=4000,
        help_text="; ".join(f"{about.label}: {' '.join(PLACEHOLDERS[about])}" for about in LetterAbout),
    )
    order = Count(default=0)

    history = HistoricalRecords()

    class Meta:
        ordering = ["order", "name"]
        constraints = [
            models.UniqueConstraint(
                models.functions.Lower("name"),
                name="planning_lettertemplate_names_are_unique_ignoring_case",
                violation_error_message="Another template has this name.",
            ),
            models.CheckConstraint(name="planning_lettertemplate_has_a_name", condition=~Q(name="")),
            models.CheckConstraint(name="planning_lettertemplate_has_a_text", condition=~Q(text="")),
            models.CheckConstraint(
                name="planning_lettertemplate_about_is_known", condition=Q(about__in=LetterAbout.values)
            ),
        ]

    def _checks(self, catalogue):
        return {**super()._checks(catalogue), "text": self._text_obstacle()}

    def _text_obstacle(self):
        if self.about not in LetterAbout.values:
            return None
        known = PLACEHOLDERS[self.about]
        unknown = [each for each in dict.fromkeys(PLACEHOLDER.findall(self.text)) if each not in known]
        if unknown:
            return f"{', '.join(unknown)} cannot be used here. Use {', '.join(known)}."
        return injections_obstacle(self.text)


def injections_obstacle(text):
    """Why the injections cannot appear where this text has them; None if they can."""
    lines = [line.strip() for line in text.split("\n") if INJECTIONS in line]
    if len(lines) > 1:
        return f"{INJECTIONS} can occur once only."
    return f"{INJECTIONS} needs a line of its own." if lines and lines != [INJECTIONS] else None
