"""The days, details and texts of responses and adverse events."""

import datetime as dt
from functools import partial

import pytest
from django.core.exceptions import ValidationError

from clinic.records.dates import format_date
from planning.course.actions.course import record_event, record_response
from planning.course.models.course_day import LATEST_DAY
from planning.course.models.response import DOMAINS
from planning.models import AdverseEvent, InjectionSession, Response
from planning.sessions.actions.sessions import change_session
from tests import builders
from tests.planning.course.course_actions.course_steps import TOMORROW, YESTERDAY, change, day, refused, stored

pytestmark = pytest.mark.django_db


# Days


def test_typed_day_and_date_are_converted_both_ways(session, visit, neurologist):
    response = record_response(
        session=session, visit=visit, by=neurologist, effect="response",
        onset_day=3, peak_on=day(session, 14), wearing_off_day=70,
    )  # fmt: skip

    onset, peak = response.day_of("onset"), response.day_of("peak")
    assert (onset.number, onset.on, peak.number, peak.on) == (3, day(session, 3), 14, day(session, 14))
    assert str(peak) == f"day 14 ({format_date(day(session, 14))})"
    assert (response.onset_on, response.peak_day) == (None, None)
    assert builders.an_event(session=session).day_of("began") is None


def test_days_count_from_given_on(visit, neurologist):
    session = builders.a_given_session(by=neurologist, visit=visit)
    session = change_session(session=session, by=neurologist, version=session.version, given_on=visit.day + TOMORROW)
    event = builders.an_event(session=session, began_day=2)

    assert event.day_of("began").on == visit.day + 3 * TOMORROW


def test_changed_days_count_from_the_current_given_on(visit, neurologist):
    # Given an event in hand, while the day of the injections is corrected
    session = builders.a_given_session(by=neurologist, visit=visit)
    event = builders.an_event(session=session)
    assert event.session.day_given == visit.day
    change_session(
        session=session,
        by=neurologist,
        version=InjectionSession.objects.get(pk=session.pk).version,
        given_on=visit.day + 5 * TOMORROW,
    )

    # Then a day that would have been possible before is rejected
    with refused(f"before {format_date(visit.day + 5 * TOMORROW)}, when the injections were given", field="began_on"):
        change(event, by=neurologist, began_on=visit.day + 2 * TOMORROW)


def days_that_cannot_be(session):
    """Invalid values by their fault, each with message and field."""
    given, today = session.day_given, builders.today()
    return {
        Response: [
            (
                {"onset_on": given + YESTERDAY},
                f"before {format_date(given)}, when the injections were given",
                "onset_on",
            ),
            ({"wearing_off_on": given + YESTERDAY}, "when the injections were given", "wearing_off_on"),
            ({"onset_day": 7, "peak_day": 6}, "This is before day 7", "peak_day"),
            ({"onset_on": given + 7 * TOMORROW, "peak_day": 6}, "This is before day 7", "peak_day"),
            ({"peak_day": 20, "wearing_off_on": given + 19 * TOMORROW}, "is before day 20", "wearing_off_on"),
            ({"onset_day": 20, "wearing_off_day": 19}, "is before day 20", "wearing_off_day"),
            ({"onset_day": 3, "onset_on": given + 3 * TOMORROW}, "not both", "onset_on"),
            ({"peak_day": 0, "peak_on": given}, "not both", "peak_on"),
            ({"wearing_off_day": 9, "wearing_off_on": given + 3 * TOMORROW}, "not both", "wearing_off_on"),
            ({"onset_on": today + TOMORROW}, "is in the future", "onset_on"),
            ({"wearing_off_day": 3000}, "is in the future", "wearing_off_day"),
        ],
        AdverseEvent: [
            ({"began_on": given + YESTERDAY}, "when the injections were given", "began_on"),
            ({"began_day": 9, "ended_day": 8}, "This is before day 9", "ended_day"),
            ({"began_day": 1, "began_on": given + TOMORROW}, "not both", "began_on"),
            ({"ended_day": 1, "ended_on": given + TOMORROW}, "not both", "ended_on"),
            ({"ended_day": 3000}, "is in the future", "ended_day"),
        ],
    }


# Other facts that do not go together


def what_cannot_be(session):
    given = session.day_given
    consent = {"share": "yes", "share_on": given + 9 * TOMORROW}
    return {
        Response: [
            *(
                ({"effect": effect, **typed}, "Only a response has days", next(iter(typed)))
                for effect in ("no_response", "not_known")
                for typed in (
                    {"onset_day": 0}, {"onset_on": given}, {"peak_day": 1}, {"peak_on": given}, {"wearing_off_day": 1},
                    {"wearing_off_on": given},
                )
            ),
            ({"share": "yes"}, "Enter the date on which the patient consented", "share_on"),
            ({"share": "yes", "share_withdrawn_on": given}, (
"Enter the date on which the patient "
"consented"
), "share_on"),
            *(
                ({"share": share, name: given}, "does not consent or was not asked", name)
                for share in ("", "no")
                for name in ("share_on", "share_withdrawn_on")
            ),
            ({**consent, "share_withdrawn_on": given + 8 * TOMORROW}, (
"when the patient "
"consented"
), "share_withdrawn_on"),
        ],
        AdverseEvent: [
            ({"kind": "other"}, "Describe the event", "description"),
            ({"reported_on": given}, "Name the authority", "reported_to"),
            ({"report_reference": "R-1"}, "Name the authority", "reported_to"),
        ],
    }  # fmt: skip


@pytest.mark.parametrize("impossible", [days_that_cannot_be, what_cannot_be])
def test_invalid_value_is_rejected_by_field(impossible, session, response, event, neurologist):
    cases = impossible(session)
    later = builders.arrive(builders.a_visit_after(session))
    record = {
        Response: partial(record_response, session=session, visit=later, by=neurologist),
        AdverseEvent: partial(record_event, session=session, by=neurologist),
    }
    first = {Response: {"effect": "response"}, AdverseEvent: {"kind": "ptosis"}}
    active = {Response: response, AdverseEvent: event}
    for model, typed, message, field in ((model, *case) for model, each in cases.items() for case in each):
        with refused(message, field=field):
            record[model](**{**first[model], **typed})
        with refused(message, field=field):
            change(active[model], by=neurologist, **typed)


def test_values_at_the_limits_are_stored(session, neurologist):
    given, today = session.day_given, builders.today()
    reported = (
        {"onset_day": 0, "peak_day": 0, "wearing_off_on": given},
        {"onset_on": given, "peak_day": 0},
        {"wearing_off_on": today},
        {"share": "yes", "share_on": given, "share_withdrawn_on": given},
        {"share": "no"},
    )
    for one in reported:
        assert builders.a_response(session=session, **one).pk
    assert builders.a_response(session=session, effect="no_response").pk
    assert builders.an_event(session=session, kind="other", description="Hiccups").pk
    assert builders.an_event(session=session, reported_to="The agency", began_day=0, ended_day=0).pk


@pytest.mark.parametrize(
    "typed",
    [
        {"onset_day": LATEST_DAY + 1},
        {"onset_day": -1},
        {"peak_day": 10**30},
        {"effect": "miracle"},
        {"effect": ""},
        {"benefit_pain": "huge"},
        {"impression": "fine"},
        {"share": "may"},
        {"share": "yes", "share_on": dt.date(2999, 1, 1)},
    ],
    ids=str,
)
@pytest.mark.sample(3)
def test_unknown_choice_is_a_validation_error(typed, session, response, neurologist):
    before = stored()
    with pytest.raises(ValidationError):
        builders.a_response(session=session, by=neurologist, **typed)
    with pytest.raises(ValidationError):
        change(response, by=neurologist, **typed)
    assert stored() == before


@pytest.mark.parametrize(
    "typed",
    [
        {"kind": "boredom"},
        {"began_day": LATEST_DAY + 1},
        {"severity": "deadly"},
        {"serious": "very"},
        {"outcome": "unclear"},
        {"reported_to": "The agency", "reported_on": dt.date(2999, 1, 1)},
    ],
    ids=str,
)
def test_unknown_choice_for_an_event_is_a_validation_error(typed, event, session, neurologist):
    before = stored()
    with pytest.raises(ValidationError):
        builders.an_event(session=session, by=neurologist, **typed)
    with pytest.raises(ValidationError):
        change(event, by=neurologist, **typed)
    assert stored() == before


# As text


def test_every_field_of_a_response_appears_in_the_facts(session, neurologist):
    given = session.day_given
    response = builders.a_response(
        session=session, onset_day=5, peak_on=given + 14 * TOMORROW, wearing_off_day=70, impression="much_better",
        words="I can drive", share="yes", share_on=given + 20 * TOMORROW, share_withdrawn_on=given + 21 * TOMORROW,
        note="Came alone", **dict.fromkeys(DOMAINS, "slight"),
    )  # fmt: skip

    assert response.facts() == [
        (
            "Course",
            f"Response: onset day 5 ({format_date(given + 5 * TOMORROW)}), "
            f"peak day 14 ({format_date(given + 14 * TOMORROW)}), "
            f"wearing-off day 70 ({format_date(given + 70 * TOMORROW)})",
        ),
        (
            "Benefit",
            "muscle contractions: slight · pain: slight · range of motion: slight · quality of life: slight · "
            "control of movement: slight · daily tasks: slight",
        ),
        ("Global impression", "Much better"),
        ("Patient’s words", "I can drive"),
        (
            "Sharing these words",
            f"the patient consented on {format_date(given + 20 * TOMORROW)}, "
            f"and withdrew it on {format_date(given + 21 * TOMORROW)}",
        ),
        ("Note", "Came alone"),
    ]
    assert str(response) == f"Response to the session of {format_date(given)}"


def test_empty_fields_of_a_response_are_omitted(session):
    assert builders.a_response(session=session, effect="no_response").facts() == [("Course", "No response")]


@pytest.mark.parametrize(
    ("share", "withdrawn", "words"),
    [
        ("", False, ""),
        ("no", False, "the patient does not consent"),
        ("yes", False, "the patient consented on"),
        ("yes", True, "and withdrew it on"),
    ],
)
def test_patients_words_are_shared_only_with_consent(share, withdrawn, words, session):
    today = builders.today()
    days = {"share_on": today} if share == "yes" else {}
    response = builders.a_response(
        session=session, share=share, **days, share_withdrawn_on=today if withdrawn else None
    )

    assert words in response.sharing_text()
    assert bool(response.sharing_text()) is bool(share)


def test_every_field_of_an_event_appears_in_the_facts(session, visit):
    given = session.day_given
    event = builders.an_event(
        session=session, visit=visit, kind="other", description="Hiccups", began_day=2, ended_on=given + 9 * TOMORROW,
        severity="moderate", serious="no", measures="Soft food", outcome="recovered", reported_to="The agency",
        reported_on=given + 10 * TOMORROW, report_reference="R-17",
    )  # fmt: skip

    assert event.facts() == [
        ("What", "Other"),
        ("Description", "Hiccups"),
        (
            "When",
            f"from day 2 ({format_date(given + 2 * TOMORROW)}) until day 9 ({format_date(given + 9 * TOMORROW)})",
        ),
        ("Severity", "Moderate"),
        ("Serious", "No"),
        ("Done or advised", "Soft food"),
        ("Outcome", "Recovered"),
        ("Reported to", f"The agency, {format_date(given + 10 * TOMORROW)}, reference R-17"),
        ("Reported at the visit of", format_date(visit.day)),
    ]
    assert str(event) == "Other, moderate"


def test_empty_fields_of_an_event_are_omitted(event):
    assert event.facts() == [("What", "Dysphagia")]
    assert str(event) == "Dysphagia"
