"""Sessions that were given from a lot, and the files of a look-up."""

import csv
import datetime as dt
import io

from planning.models import InjectionSession
from tests import builders

LOT = "C1234-C3"


def with_lot(*, by, lot_number=LOT, signed=False, visit=None, patient=None, weeks_ago=0, hour=10, **typed):
    """A session that was given from a vial of that lot."""
    visit = visit or builders.a_visit(
        clinician=by,
        patient=patient,
        hour=hour,
        day=builders.today() - dt.timedelta(weeks=weeks_ago),
    )
    session = builders.a_given_session(by=by, visit=visit)
    builders.a_vial(session=session, by=by, lot_number=lot_number, **typed)
    if signed:
        builders.sign(session, by=by)
    return InjectionSession.objects.get(pk=session.pk)


class WorldWithoutLots:
    """What was given, from no vial yet, at an hour at which no test books."""

    def __init__(self):
        self.neurologist = builders.a_clinician()
        visit = builders.an_arrived_visit(clinician=self.neurologist, hour=4)
        self.given = builders.a_given_session(by=self.neurologist, visit=visit)

    def given_from(self, lot, *, signed=False):
        """The session, given from a vial of that lot."""
        builders.a_vial(session=self.given, by=self.neurologist, lot_number=lot)
        if signed:
            builders.sign(self.given, by=self.neurologist)
        return builders.now(self.given)


def text_of(response):
    return response.content.decode()


def rows_of_csv(client, lot=LOT):
    response = client.get("/lots/csv/", {"lot": lot})
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
