"""The export for research: without names and free text, with pseudonyms. A dose is the string that was typed."""

import datetime as dt
import re
from functools import partial
from typing import NamedTuple

from clinic.records.partial_dates import PartialDate
from patients.models import Patient
from planning.catalogue.scores import in_figures
from planning.course.models.adverse_event import AdverseEvent
from planning.course.models.assessment import Assessment
from planning.course.models.findings import PostureFinding, SymptomFinding
from planning.course.models.response import Response
from planning.course.models.score import Score
from planning.exports.everything import as_json, csv_lines, in_csv
from planning.exports.latest_records import latest_records, person_of, read
from planning.exports.models import ResearchDates
from planning.exports.zip_stream import in_blocks, zip_stream
from planning.sessions.models.session import InjectionSession

FORMAT = "collum-research/1"
PEOPLE_AT_ONCE = 500
CODE = re.compile(r"[A-Z][0-9]{2}(\.[0-9A-Z]{1,4})?")  # of ICD-10; any other text is left out
PSEUDONYM = "a pseudonym: the same in every export with the same key"
DAY = "YYYY-MM-DD; shifted or kept, as the dictionary says"
DOSE = "text: the dose as a clinician typed it, byte for byte; empty if none was typed. Never a number"
ANSWER = "as chosen from a list; empty if it was not asked"
FROM_DAY = "days after the injections, as reported"


class ResearchColumn(NamedTuple):
    name: str
    path: str  # to the field
    kind: str = "text"  # or a method of _Values
    about: str = ANSWER


def _ids(path, *, also=()):
    """The pseudonym of the patient, and of what is named in `also`."""
    return [ResearchColumn("patient", "person", "patient", PSEUDONYM), *(ResearchColumn(*each) for each in also)]


SESSION_OF = ("session", "session_id", "session", PSEUDONYM)
ASSESSMENT_OF = ("assessment", "assessment_id", "assessment", PSEUDONYM)


def _plain(*names, kind="text", about=ANSWER):
    return [ResearchColumn(name, name, kind, about) for name in names]


# Each table by name: its rows, the path to their patient, and its columns.
TABLES = {
    "patients": (
        Patient.objects.filter(same_as=None),
        "",
        [
            *_ids(""),
            ResearchColumn("birth_year", "date_of_birth", "birth_year", "YYYY, of the date as shifted or kept"),
            *_plain("sex", "status"),
            ResearchColumn("diagnosis_code", "diagnosis_code", "code", "a code of ICD-10; other text is left out"),
        ],
    ),
    "assessments": (
        Assessment.objects.active(),
        "visit__patient__",
        [
            *_ids("", also=[("assessment", "pk", "assessment", PSEUDONYM)]),
            ResearchColumn("assessed_on", "visit__starts_at", "day", DAY),
            *_plain("head_is_straight", "tremor", "jerk", "sensory_trick"),
        ],
    ),
    "postures": (
        PostureFinding.objects.filter(assessment__error_at=None),
        "assessment__visit__patient__",
        [*_ids("", also=[ASSESSMENT_OF]), *_plain("posture", "side")],
    ),
    "symptoms": (
        SymptomFinding.objects.filter(assessment__error_at=None),
        "assessment__visit__patient__",
        [*_ids("", also=[ASSESSMENT_OF]), *_plain("symptom", "presence", "severity", "frequency")],
    ),
    "scores": (
        Score.objects.filter(assessment__error_at=None),
        "assessment__visit__patient__",
        [
            *_ids("", also=[ASSESSMENT_OF]),
            ResearchColumn("instrument", "instrument__name", about="the name of the instrument"),
            ResearchColumn("value", "value", "figures", "text: the total that was typed"),
        ],
    ),
    "responses": (
        Response.objects.active().filter(session__in=InjectionSession.objects.counted()),
        "session__visit__patient__",
        [
            *_ids("", also=[SESSION_OF]),
            ResearchColumn("reported_on", "visit__starts_at", "day", DAY),
            *_plain("effect", "impression"),
            *_plain("onset_day", "peak_day", "wearing_off_day", about=FROM_DAY),
            *_plain(
                "benefit_contractions", "benefit_pain", "benefit_motion", "benefit_quality_of_life", "benefit_control",
                "benefit_daily_tasks",
            ),
        ],
    ),
    "adverse_events": (
        AdverseEvent.objects.active().filter(session__in=InjectionSession.objects.counted()),
        "session__visit__patient__",
        [
            *_ids("", also=[SESSION_OF]),
            *_plain("kind", "severity", "serious", "outcome"),
            *_plain("began_day", "ended_day", about=FROM_DAY),
        ],
    ),
}  # fmt: skip
SESSION_COLUMNS = {
    "patient": PSEUDONYM, "session": PSEUDONYM, "given_on": DAY, "product": "the brand name, as signed",
    "nonproprietary_name": "as signed", "unit": "how the units of this product are written",
    "signed_record": "the number of the latest signed record",
}  # fmt: skip
INJECTION_COLUMNS = {
    "patient": PSEUDONYM, "session": PSEUDONYM, "muscle": "the name in the catalogue, as signed",
    "side": "the patient’s own", "planned_dose": DOSE, "given_dose": DOSE, "not_given": "true or false",
    "sites": "the number of sites, as typed", "guidance": ANSWER,
}  # fmt: skip


def research_as_zip(connection, *, pseudonyms, zone):
    """Blocks of bytes. `connection` sees one state of the database."""
    return zip_stream(_members(connection, pseudonyms, zone))


def _members(connection, pseudonyms, zone):
    groups = _groups(connection, pseudonyms)
    files = {
        "sessions": (SESSION_COLUMNS, partial(_session_rows, connection, pseudonyms)),
        "injections": (INJECTION_COLUMNS, partial(_injection_rows, connection, pseudonyms)),
    }
    for name, (rows, path, columns) in TABLES.items():
        found = partial(_rows, rows, path, columns, connection, pseudonyms, zone)
        files[name] = ([column.name for column in columns], found)
    yield "data-dictionary.json", [as_json(research_dictionary(pseudonyms.dates))]
    for name, (columns, rows_of) in files.items():
        yield f"{name}.csv", _file(columns, rows_of, groups)


def _groups(connection, pseudonyms):
    """The ids of patients, some at a time, in the order of their pseudonyms.

    The order of registration, or of visits, would tell by how many days dates were shifted.
    """
    people = {}
    rows = Patient.objects.annotate(person=person_of()).order_by("pk").values_list("pk", "person")
    for pk, person in read(rows, connection):
        people.setdefault(person, []).append(pk)
    in_order = sorted(people, key=partial(pseudonyms.of, "patient"))
    portions = (in_order[first : first + PEOPLE_AT_ONCE] for first in range(0, len(in_order), PEOPLE_AT_ONCE))
    return [[pk for person in portion for pk in people[person]] for portion in portions]


def research_dictionary(dates):
    of_tables = {name: {column.name: column.about for column in columns} for name, (_, _, columns) in TABLES.items()}
    return {
        "format": FORMAT,
        "dates": ResearchDates(dates).label,
        "left_out": "Names, contacts, record numbers, lots, users, free text; what is not signed or entered in error.",
        "tables": {"sessions": SESSION_COLUMNS, "injections": INJECTION_COLUMNS, **of_tables},
    }


def _file(columns, rows_of, groups):
    def cells():
        yield list(columns)
        for patients in groups:
            yield from sorted([in_csv(value) for value in row] for row in rows_of(patients))

    return in_blocks(csv_lines(cells()))


def _session_rows(connection, pseudonyms, patients):
    for number, content, person in latest_records(connection, patients):
        product, given_on = content["product"], dt.date.fromisoformat(content["given_on"])
        yield [
            pseudonyms.of("patient", person), pseudonyms.of("session", content["session"]["id"]),
            pseudonyms.day(person, given_on), product["brand_name"], product["nonproprietary_name"],
            product["unit_label"], number,
        ]  # fmt: skip


def _injection_rows(connection, pseudonyms, patients):
    for _, content, person in latest_records(connection, patients):
        for row in content["injections"]:
            yield [
                pseudonyms.of("patient", person), pseudonyms.of("session", content["session"]["id"]),
                row["muscle"]["name"], row["side"], row["planned_dose"], row["given_dose"], row["not_given"],
                row["sites"], row["guidance"],
            ]  # fmt: skip


def _rows(rows, path, columns, connection, pseudonyms, zone, patients):
    values = _Values(pseudonyms, zone)
    paths = [column.path for column in columns if column.path != "person"]
    # Annotated last, so that it is the last value of each row for any columns.
    of_them = rows.filter(**{f"{path}pk__in": patients}).order_by()
    found = of_them.annotate(person=person_of(path)).values_list(*paths, "person")
    kinds = [column.kind for column in columns if column.path != "person"]
    for *others, person in read(found, connection):
        yield [values.patient(person, person), *map(partial(values.of, person), kinds, others)]


class _Values:
    """How a value of each kind is written."""

    def __init__(self, pseudonyms, zone):
        self.pseudonyms, self.zone = pseudonyms, zone

    def of(self, person, kind, value):
        return getattr(self, kind)(person, value)

    def text(self, person, value):
        return value

    def figures(self, person, value):
        return in_figures(value)

    def code(self, person, value):
        return value if CODE.fullmatch(value) else ""

    def day(self, person, at):
        return self.pseudonyms.day(person, at.astimezone(self.zone).date())

    def birth_year(self, person, born):
        born = PartialDate(born)
        return "" if born.is_unknown else self.pseudonyms.day(person, born.earliest)[:4]

    def patient(self, person, pk):
        return self.pseudonyms.of("patient", pk)

    def session(self, person, pk):
        return self.pseudonyms.of("session", pk)

    def assessment(self, person, pk):
        return self.pseudonyms.of("assessment", pk)
