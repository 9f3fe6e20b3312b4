"""The two pages that save by themselves, with one text field of each."""

from planning.models import Assessment, Injection
from tests import builders
from tests.browser import pages


class SessionPage:
    """The dose of a row that is being recorded."""

    typed = "1.11"

    def __init__(self, by):
        self.session = builders.a_given_session(by=by, doses=(), muscles=(("SCM", "right"),))
        self.path = self.session.get_absolute_url()

    def field(self, page):
        return pages.given(page, "Sternocleidomastoid, right")

    def stored(self):
        return Injection.objects.get(session=self.session).given_dose


class AssessmentPage:
    """A note of daily life."""

    typed = "at night"

    def __init__(self, by):
        self.visit = builders.an_arrived_visit(clinician=by, hour=9)
        self.path = f"/visits/{self.visit.pk}/assessment/"

    def field(self, page):
        return page.get_by_label("Driving")

    def stored(self):
        return getattr(Assessment.objects.filter(visit=self.visit).first(), "driving", "")


SAVING = [SessionPage, AssessmentPage]


def type_text(where, page):
    """Types it and leaves the field, which saves it."""
    where.field(page).fill(where.typed)
    where.field(page).blur()
