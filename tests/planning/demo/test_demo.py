"""The contents of the demo data. It is made on a Sunday, when the clinic is closed."""

import datetime as dt
import re
import unicodedata

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db.models import Count, Q
from django.utils import timezone

from clinic.models import AuditEntry, Clinic, User
from clinic.records.text import key_in_any_order, pairs_alike
from patients.coverage.models.coverage import visits_not_authorised
from patients.diary.models.opening_hours import visits_to_be_moved
from patients.followups.actions import VISIT_FINISHED
from patients.followups.unattended import unattended_patients
from patients.models import (
    Absence,
    Closure,
    Coverage,
    FollowUp,
    FollowUpKind,
    Patient,
    PatientStatus,
    Therapy,
    Visit,
    VisitKind,
    VisitState,
    WaitingEntry,
    WorkingHours,
)
from planning.course.patient_course import Course, before_treatment
from planning.demo import day
from planning.demo.courses import STORIES
from planning.demo.people import PASSWORD
from planning.models import (
    AdverseEvent,
    Assessment,
    Consent,
    InformationGiven,
    Injection,
    InjectionSession,
    Instrument,
    Posture,
    PostureFinding,
    Response,
    SessionState,
    SignedRecord,
    Symptom,
    SymptomFinding,
    Vial,
)

OF_A_PATIENT = ("patients.visit", "patients.followup", "planning.injectionsession", "planning.signedrecord")
TODAY = dt.date(2026, 3, 8)
REPEATED_FIGURE = re.compile(r"([1-9])\.\1\1")


@pytest.fixture(scope="module")
def demo(module_transaction):
    """One invented clinic for the tests that only look at it."""
    call_command("demo", verbosity=0, today=TODAY)


def todays_visits():
    return Visit.objects.on_day(TODAY)


# Who


def test_accounts_have_their_roles_and_one_password(demo):
    roles = {person.username: person.role_names for person in User.objects.all()}
    assert roles == {
        "neurologist": ["neurologist"],
        "neurologist2": ["neurologist"],
        "trainee": ["trainee"],
        "desk": ["clinic staff"],
        "desk2": ["clinic staff"],
        "catalogue": ["catalogue manager"],
        "auditor": ["auditor"],
        "admin": [],
    }
    assert User.objects.get(is_superuser=True).username == "admin"
    assert not User.objects.filter(Q(must_change_password=True) | Q(printed_name="")).exists()
    assert User.objects.get(username="desk").check_password(PASSWORD) is True


def test_sixty_patients_have_no_real_contact_details(demo):
    patients = Patient.objects.all()
    assert len(patients) == 60
    assert all(patient.phone.startswith("0555 ") and patient.email.endswith("@example.org") for patient in patients)
    assert Clinic.ours().phone.startswith("0555 ")


def test_names_come_from_several_cultures(demo):
    names = [f"{patient.family_name} {patient.given_name}" for patient in Patient.objects.all()]
    letters = "".join(names)
    assert {unicodedata.name(letter).split()[0] for letter in letters if letter.isalpha()} >= {
        "LATIN", "CYRILLIC", "GREEK", "ARABIC", "HEBREW", "CJK", "HANGUL", "THAI", "DEVANAGARI",
    }  # fmt: skip
    assert {"Ł", "ł", "İ", "ı", "ø", "Đ", "Þ", "’", "-"} <= set(letters)
    assert Patient.objects.filter(given_name="").exists()
    assert max(map(len, names)) > 40


def test_alerts_occur_as_not_asked_none_known_and_typed(demo):
    words = [patient.alerts_text() for patient in Patient.objects.all()]
    assert {"not asked", "none known"} < set(words)


def test_two_patients_of_today_have_similar_names(demo):
    names = {
        f"{visit.patient.family_name} {visit.patient.given_name}"
        for visit in todays_visits().filter(state=VisitState.BOOKED).select_related("patient")
    }
    assert pairs_alike({name: key_in_any_order(name) for name in names})


# What


def test_every_dose_is_obviously_artificial(demo):
    doses = {dose for pair in Injection.objects.values_list("planned_dose", "given_dose") for dose in pair if dose}
    assert len(doses) == 9
    assert all(REPEATED_FIGURE.fullmatch(dose) for dose in doses)


def test_no_other_number_looks_like_a_dose(demo):
    typed = Vial.objects.values_list("size", "diluent", "discarded")
    figures = {figure for texts in typed for text in texts for figure in re.findall(r"\d+[.\d]*", text)}
    assert figures == {"1.11"}


def test_data_covers_the_last_two_years(demo):
    first = SignedRecord.objects.order_by("signed_at").first()
    assert dt.date.fromisoformat(first.signed_at[:10]) < TODAY - dt.timedelta(weeks=80)
    assert SignedRecord.objects.count() > 100


def test_records_are_signed_on_their_visit_date_and_intact(demo):
    for record in SignedRecord.objects.select_related("session__visit"):
        assert record.is_intact()
        assert record.signed_at[:10] == record.session.visit.day.isoformat()
        assert "neurologist" in record.signer_roles


def test_each_record_contains_what_its_session_contains(demo):
    of_content = ("visit__patient", "visit__clinician", "product", "operator", "recorder", "consent")
    sessions = InjectionSession.objects.signed().with_facts().select_related(*of_content)
    untouched = [session for session in sessions if not session.is_being_amended]
    assert len(untouched) > 100
    for session in untouched:
        # The signature itself counts as a change of the session, and ends its amendment.
        signed, now = session.record().content, session.content()
        unlike = {"session": None, "amendment": None}
        assert signed | unlike == now | unlike


def test_sessions_vary_in_all_details(demo):
    assert InjectionSession.objects.values("product").distinct().count() >= 5
    assert Injection.objects.values("muscle").distinct().count() == 6
    assert Injection.objects.values("side").distinct().count() == 2
    assert Injection.objects.values("guidance").distinct().count() >= 5
    assert InjectionSession.objects.filter(operator__isnull=False).values("operator").distinct().count() == 3
    assert Injection.objects.filter(not_given=True).exists()
    assert Injection.objects.filter(given_dose="", not_given=False, session__records__isnull=False).exists()
    assert Consent.objects.exists()


def test_today_has_every_state_of_visits_and_sessions(demo):
    assert set(todays_visits().values_list("state", flat=True)) == set(VisitState.values)
    sessions = InjectionSession.objects.filter(visit__in=todays_visits())
    assert {session.state for session in sessions} == set(SessionState)
    counts = [todays_visits().filter(clinician__username=name).count() for name in day.DAY]
    assert counts == [15, 13, 7]


def test_today_lasts_from_morning_to_evening(demo):
    hours = [timezone.localtime(visit.starts_at).hour for visit in todays_visits()]
    assert min(hours) == 8
    assert max(hours) == 17
    assert set(hours) == set(range(8, 18))


def test_earlier_given_sessions_await_each_signer(demo):
    for name in ("neurologist", "neurologist2"):
        waiting = InjectionSession.objects.to_sign_by(User.objects.get(username=name))
        assert waiting.filter(visit__starts_at__lt=todays_visits().first().starts_at).exists()


def test_follow_ups_are_overdue_due_soon_due_later_and_closed(demo):
    soon = TODAY + dt.timedelta(days=7)
    assert FollowUp.objects.overdue(TODAY).exists()
    assert FollowUp.objects.open().filter(due_on__range=(TODAY, soon)).exists()
    assert FollowUp.objects.open().filter(due_on__gt=soon).exists()
    assert FollowUp.objects.exclude(closed_at=None).exclude(closed_reason="The visit is finished.").exists()
    assert Patient.objects.exclude(no_follow_up_reason="").exists()


def test_every_active_patient_is_on_exactly_one_list(demo):
    waiting = InjectionSession.objects.given_not_signed().filter(visit__state=VisitState.FINISHED)
    assert set(unattended_patients(TODAY)) == {session.patient for session in waiting}
    injections = FollowUp.objects.open().filter(kind=FollowUpKind.NEXT_INJECTION)
    asked = list(injections.values_list("patient", flat=True))
    assert len(asked) == len(set(asked))
    booked = Visit.objects.coming(TODAY).filter(kind=VisitKind.INJECTION).values_list("patient", flat=True)
    assert not set(asked) & set(booked)


def test_follow_ups_are_closed_by_their_visits(demo):
    answered = FollowUp.objects.filter(closed_reason=VISIT_FINISHED).select_related("booked_visit")
    assert len(answered) > 100
    for follow_up in answered:
        visit = follow_up.booked_visit
        assert visit.state == VisitState.FINISHED
        assert visit.starts_at < follow_up.closed_at <= visit.ends_at
        assert visit.patient_id == follow_up.patient_id


def test_visits_are_booked_for_the_weeks_ahead(demo):
    ahead = Visit.objects.filter(starts_at__date__gt=TODAY, state=VisitState.BOOKED)
    assert {VisitKind.INJECTION, VisitKind.REVIEW, VisitKind.FIRST_ASSESSMENT} <= set(
        ahead.values_list("kind", flat=True)
    )
    assert ahead.filter(sessions__isnull=False).exists()


def test_former_patients_and_cancelled_visits_occur(demo):
    assert Patient.objects.exclude(status=PatientStatus.ACTIVE).count() == 3
    past = Visit.objects.filter(starts_at__date__lt=TODAY)
    assert set(past.values_list("state", flat=True)) == {"finished", "cancelled", "no_show", "booked"}
    assert Visit.objects.unsettled(TODAY).count() == 1
    assert not past.filter(state=VisitState.FINISHED, starts_at__week_day__in=(1, 7)).exists()


def test_data_was_created_by_users_and_audited(demo):
    assert not AuditEntry.objects.filter(actor=None).exists()
    assert audited("signed") == set(SignedRecord.objects.values_list("pk", flat=True))
    assert audited("planned") == set(InjectionSession.objects.values_list("pk", flat=True))
    assert audited("booked") | audited("moved") == set(Visit.objects.values_list("pk", flat=True))
    assert audited("finished") == set(Visit.objects.filter(state="finished").values_list("pk", flat=True))
    assert audited("arranged follow-up") == set(FollowUp.objects.values_list("pk", flat=True))
    assert audited("added to waiting list") == set(WaitingEntry.objects.open().values_list("pk", flat=True))
    assert WaitingEntry.objects.count() == 3
    assert not AuditEntry.objects.filter(patients=None, object_type__in=OF_A_PATIENT).exists()


def audited(action):
    """The ids of the objects with this audit entry."""
    return set(AuditEntry.objects.filter(action=action).values_list("object_id", flat=True))


def test_histories_start_with_the_record(demo):
    for model in (Patient, Visit, FollowUp):
        created = model.history.filter(history_type="+")
        assert set(created.values_list("id", flat=True)) == set(model.objects.values_list("pk", flat=True))
        assert not created.filter(history_user=None).exists()


# How they did


def teller(family_name, given_name):
    return Patient.objects.get(family_name=family_name, given_name=given_name)


def cycles_of(*name):
    return Course(teller(*name)).cycles


def test_story_names_are_names_of_patients(demo):
    for family_name, given_name in STORIES:
        assert Assessment.objects.of_records(teller(family_name, given_name).record_ids()).count() >= 3
    readme = (settings.BASE_DIR / "README.md").read_text()
    assert all(f"{given_name} {family_name}" in readme for family_name, given_name in STORIES)


def test_good_response_lasts_two_years(demo):
    cycles = cycles_of("Mustermann", "Erika")
    assert len(cycles) >= 7
    assert all(cycle.reported.onset and cycle.reported.words for cycle in cycles[:-1])
    assert all(
        benefit in {"moderate", "marked"}
        for cycle in cycles[1:-1]
        for _, _, benefit in cycle.reported.benefits
        if benefit
    )
    withdrawn = Response.objects.exclude(share_withdrawn_on=None).of_records(teller("Mustermann", "Erika").record_ids())
    assert withdrawn.count() == 1


def test_fading_response_gets_shorter_and_smaller(demo):
    reported = [cycle.reported for cycle in cycles_of("Mustermann", "Max") if cycle.responses]
    lasting = [each.wearing_off.number for each in reported if each.wearing_off]
    assert len(lasting) >= 4
    assert lasting == sorted(lasting, reverse=True)
    total = Instrument.objects.get(name="TWSTRS total")
    scores = [score.value for _, score in Course(teller("Mustermann", "Max")).scores(total)]
    assert scores[-1] > scores[0]


def test_no_response_is_recorded(demo):
    assert {cycle.reported.effect_text for cycle in cycles_of("Doe", "Jane")} == {"No response"}


def test_event_is_recorded_with_earlier_findings(demo):
    events = AdverseEvent.objects.of_records(teller("Bloggs", "Fred").record_ids())
    dysphagia = events.get(kind="dysphagia")
    assert dysphagia.outcome == "recovered"
    assert dysphagia.measures
    assert dysphagia.report_reference
    assert ("Trouble swallowing", "absent") in before_treatment(dysphagia.session).facts
    assert events.filter(kind="neck_weakness").exists()


def test_one_who_moved_away_had_a_course(demo):
    assert teller("Rossi", "Mario").status == PatientStatus.MOVED_AWAY
    assert len(cycles_of("Rossi", "Mario")) == 4


def test_each_session_is_reported_consistently(demo):
    for session in InjectionSession.objects.prefetch_related("responses"):
        reports = list(session.responses.all())
        for name in ("effect", "onset_day", "peak_day", "impression", "benefit_pain"):
            assert len({getattr(report, name) for report in reports}) <= 1, name
        assert len({report.wearing_off_day for report in reports} - {None}) <= 1
    assert InjectionSession.objects.annotate(reports=Count("responses")).filter(reports__gt=1).exists()


def test_unchanged_assessments_have_similar_scores(demo):
    unchanged = Assessment.objects.exclude(unchanged_since=None)
    assert len(unchanged) >= 5
    for each in unchanged:
        before = {score.instrument_id: score.value for score in each.unchanged_since.scores.all()}
        for score in each.scores.all():
            assert abs(score.value - before.get(score.instrument_id, score.value)) <= 1


def test_signs_of_a_patient_do_not_come_and_go(demo):
    signs = Assessment.objects.order_by().values_list("visit__patient", "tremor", "jerk", "sensory_trick_note")
    patients = {patient for patient, *_ in signs}
    assert len(set(signs)) == len(patients) > 40
    assert {tremor for _, tremor, *_ in signs} == {"present", "absent"}


@pytest.mark.parametrize("symptom", [Symptom.SPEAKING, Symptom.SWALLOWING])
def test_trouble_before_treatment_occurs_and_lasts(demo, symptom):
    found = SymptomFinding.objects.filter(symptom=symptom)
    present = set(found.filter(presence="present").values_list("assessment__visit__patient", flat=True))
    assert present
    assert not found.filter(presence="absent", assessment__visit__patient__in=present).exists()


def test_total_is_the_sum_of_its_subscales(demo):
    for assessment in Assessment.objects.prefetch_related("scores__instrument"):
        values = {score.instrument.name: score.value for score in assessment.scores.all()}
        if values:
            parts = [values[f"TWSTRS {name}"] for name in ("severity", "disability", "pain")]
            assert values["TWSTRS total"] == sum(parts)


def test_every_posture_and_symptom_answer_occurs(demo):
    assert set(PostureFinding.objects.values_list("posture", flat=True)) == set(Posture)
    responses = set(SymptomFinding.objects.values_list("symptom", "presence"))
    assert responses >= {(symptom, "absent") for symptom in Symptom}
    assert len({symptom for symptom, presence in responses if presence == "present"}) >= 10
    assert Assessment.objects.exclude(unchanged_since=None).exists()


def test_coverage_therapies_and_leaflets_occur(demo):
    assert Coverage.objects.count() > 40
    assert Therapy.objects.values("kind").distinct().count() == 5
    assert InformationGiven.objects.exists()
    assert visits_not_authorised(TODAY).exists()
    amounts = set(Coverage.objects.values_list("amount_charged", flat=True))
    assert all(re.fullmatch(r"([1-9])\1\1\.\1\1 EUR", amount) for amount in amounts)


@pytest.mark.parametrize("login", ["neurologist", "desk"])
def test_story_pages_open(demo, client, login):
    client.force_login(User.objects.get(username=login))
    for name in STORIES:
        assert client.get(teller(*name).get_absolute_url()).status_code == 200


# The diary


def test_only_an_absence_or_a_closure_causes_moves(demo):
    away, closed = Absence.objects.get(), Closure.objects.get()
    moves = visits_to_be_moved(TODAY)
    expected = moves.filter(clinician=away.clinician, starts_at__range=(away.starts_at, away.ends_at)) | moves.filter(
        starts_at__date__range=(closed.first_day, closed.last_day)
    )
    assert list(moves) == list(expected)
    assert len(moves) <= 5


def test_todays_visits_have_a_note_when_closed(demo):
    assert Visit.objects.on_day(TODAY).count() == 35
    assert not Visit.objects.on_day(TODAY).filter(outside_note="").exists()


def test_visits_ahead_are_within_the_working_hours(demo):
    hours = {each.clinician_id: each for each in WorkingHours.objects.all()}
    ahead = Visit.objects.filter(starts_at__date__gt=TODAY, state=VisitState.BOOKED)
    regular = ahead.filter(outside_note="")
    assert len(hours) == 3
    assert ahead.exclude(outside_note="").count() <= 1
    assert all(hours[visit.clinician_id].covers(visit.starts_at, visit.ends_at) for visit in regular)
