"""The rows of several QuerySets in one statement."""

import datetime as dt

import pytest
from django.apps import apps
from django.db.models import Prefetch

from clinic.models import User
from clinic.records.together import put_related, read_querysets, read_together
from patients.models import Coverage, Patient, Visit, joined_with
from planning.models import Assessment, Instrument, Score, SignedRecord
from planning.pages.actions.visits import move_visit
from planning.sessions.models.session import InjectionSession
from planning.sessions.models.session_set import reads_of_list, sessions_of_list
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def with_pk(pk):
    return Patient.objects.filter(pk=pk)


def among(ids):
    return Patient.objects.filter(pk__in=ids).order_by("-pk")


def everything(model):
    return model._base_manager.order_by("pk")


def values_of(records):
    return [{field.attname: getattr(each, field.attname) for field in each._meta.concrete_fields} for each in records]


@pytest.fixture
def records():
    """Of most kinds of column: dates, times, numbers, texts with quotes, empty values."""
    session = builders.a_signed_session()
    builders.a_coverage(patient=session.patient, payer='“A" \\ <b> ’ é\u200d', valid_until=dt.date(2030, 2, 28))
    assessment = builders.an_assessment(visit=session.visit)
    whole, half = (Instrument.objects.create(name=name, lowest=0, highest=9) for name in ("Whole", "Half"))
    Score.objects.create(assessment=assessment, instrument=whole, value=2)
    Score.objects.create(assessment=assessment, instrument=half, value="2.5")
    return session


def test_each_column_is_read_as_by_django(records):
    """Of every model of Collum, with the same types."""
    models = [model for app in ("clinic", "patients", "planning") for model in apps.get_app_config(app).get_models()]
    compared = 0
    for model in models:
        (found,) = read_together((everything, model))
        expected = values_of(everything(model))
        assert repr(values_of(found)) == repr(expected)
        compared += bool(expected)
    assert compared > 25


def test_several_querysets_are_one_statement(django_assert_num_queries):
    one, two = builders.a_patient(), builders.a_patient()
    with django_assert_num_queries(1):
        found = read_together((with_pk, one.pk), (among, (one.pk, two.pk)), (with_pk, 0))
    assert found == [[one], [two, one], []]


def test_statement_is_compiled_once_for_any_ids():
    calls = []

    def rows(pk):
        calls.append(pk)
        return with_pk(pk)

    people = [builders.a_patient() for _ in range(3)]
    assert [read_together((rows, each.pk)) for each in people] == [[[each]] for each in people]
    assert len(calls) == 1


def test_statement_is_compiled_anew_for_other_values():
    def named(name):
        return User.objects.filter(username=name)

    people = [builders.a_person(username=name) for name in ("one", "two")]
    assert [read_together((named, each.username)) for each in people] == [[[each]] for each in people]


@pytest.mark.parametrize("pk", [2**62, 2**63 - 1, 2**63, 10**30])
def test_id_out_of_range_finds_nothing(pk):
    assert read_together((with_pk, pk), (among, (pk,))) == [[], []]


def test_no_ids_find_nothing(django_assert_num_queries):
    one = builders.a_patient()
    assert read_together((among, ())) == [[]]
    with django_assert_num_queries(1):
        assert read_together((with_pk, one.pk), (among, ()), (with_pk, one.pk)) == [[one], [], [one]]


def test_id_that_is_not_a_parameter_is_rejected():
    """Otherwise the statement of the first request would be that of all."""
    with pytest.raises(ValueError, match="1 ids are not parameters"):
        read_together((lambda most: Patient.objects.order_by("pk")[:1], 5))


def test_joined_records_are_loaded(django_assert_num_queries):
    visit = builders.a_visit()
    ((found,),) = read_together(
        (lambda pk: Visit.objects.filter(pk=pk).select_related("patient", "moved_to"), visit.pk)
    )
    with django_assert_num_queries(0):
        assert found.patient == visit.patient
        assert not hasattr(found, "moved_to")


def test_related_records_are_as_prefetched(records, django_assert_num_queries):
    people = list(Patient.objects.order_by("pk"))
    put_related(people, "coverages", Coverage.objects.order_by("pk"))
    with django_assert_num_queries(0):
        assert [[each.patient for each in person.coverages.all()] for person in people] == [
            [person] if person == records.patient else [] for person in people
        ]
    assert list(records.patient.coverages.active())


def of_patients(ids):
    return InjectionSession.objects.filter(visit__patient__in=ids).order_by("pk")


def test_sessions_are_as_in_a_list(records, django_assert_num_queries):
    given = builders.a_given_session(visit=records.visit)
    builders.a_vial(session=given, by=given.visit.clinician, lot_number="LOT-7")
    with django_assert_num_queries(1):
        found = sessions_of_list(*read_together(*reads_of_list(of_patients, (records.patient.pk,))))
        shown = [(each.state, each.brand_text(), each.muscles_text(), each.lot_numbers()) for each in found]
    expected = of_patients([records.patient.pk]).as_list()
    assert found == expected == [records, given]
    assert shown == [(each.state, each.brand_text(), each.muscles_text(), each.lot_numbers()) for each in expected]
    assert SignedRecord.objects.get() == found[0].records.all()[0]


def test_more_columns_than_arguments_of_a_function(records):
    def rows(ids):
        return Assessment.objects.filter(pk__in=ids).select_related("visit__patient", "visit__clinician", "recorded_by")

    assessment = Assessment.objects.get()
    ((found,),) = read_together((rows, (assessment.pk,)))
    for path in (("visit",), ("visit", "patient"), ("visit", "clinician"), ("recorded_by",)):
        one, other = found, assessment
        for name in path:
            one, other = getattr(one, name), getattr(other, name)
        assert values_of([one]) == values_of([other])


def visits_with_all(ids):
    """Related records of every kind that is prefetched somewhere, and along joined records that some visits have."""
    sessions = InjectionSession.objects.prefetch_related("records__lots", "vials").order_by("pk")
    coverages = Coverage.objects.select_related("recorded_by").order_by("pk")
    return (
        Visit.objects.filter(patient__in=ids)
        .select_related("patient__same_as", "reminder")
        .prefetch_related(Prefetch("sessions", sessions), "moved_to__sessions", *joined_with("patient"))
        .prefetch_related(Prefetch("patient__coverages", coverages, to_attr="read_coverages"))
        .order_by("pk")
    )


def shown(visits):
    return [
        (
            visit,
            [(each, each.visit, list(each.vials.all()), list(each.records.all())) for each in visit.sessions.all()],
            [list(record.lots.all()) for each in visit.sessions.all() for record in each.records.all()],
            getattr(visit, "moved_to", None),
            list(visit.moved_to.sessions.all()) if hasattr(visit, "moved_to") else None,
            list(visit.patient.others.all()),
            list(visit.patient.same_as.others.all()) if visit.patient.same_as else None,
            [(each, each.recorded_by, each.patient) for each in visit.patient.read_coverages],
        )
        for visit in visits
    ]


@pytest.fixture
def people(records):
    """With a moved visit, and two records of one person; the other one has nothing."""
    builders.a_vial(session=builders.a_given_session(visit=records.visit), by=records.visit.clinician, lot_number="L-7")
    joined = builders.a_visit(patient=builders.a_patient(), day=builders.today() + dt.timedelta(days=1))
    later = {"clinician": joined.clinician, "starts_at": joined.starts_at + dt.timedelta(days=1), "minutes": 30}
    move_visit(visit=joined, **later, by=joined.clinician, version=joined.version)
    builders.the_same_person(records.patient, joined.patient, by=joined.clinician)
    return records.patient.pk, joined.patient.pk


def compiled_anew(ids):
    return read_querysets(visits_with_all(ids))


def compiled_once(ids):
    return read_together((visits_with_all, ids))


@pytest.mark.parametrize("read", [compiled_once, compiled_anew])
def test_prefetched_records_are_as_by_django(read, people, django_assert_num_queries):
    expected = shown(visits_with_all(people))
    with django_assert_num_queries(1):
        (found,) = read(people)
        assert shown(found) == expected
    assert len(found) == 3


def test_nothing_is_prefetched_for_no_rows():
    assert read_together((visits_with_all, (0,)), (visits_with_all, ())) == [[], []]
