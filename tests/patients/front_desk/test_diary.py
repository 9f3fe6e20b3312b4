"""The diary: a day by clinician, one clinician, a week; and what selecting a free time leads to."""

import datetime as dt
import html
import re

import pytest
import time_machine
from django.urls import reverse

from clinic.models import AuditEntry
from patients.diary.actions.opening_hours import add_absence, change_working_hours
from patients.models import Visit, VisitState
from planning.pages.actions.visits import change_visit_state, move_visit
from tests import builders
from tests.patients.people.pages import queries_of, text_of

TODAY = dt.date(2026, 11, 25)  # a Wednesday
MONDAY, TUESDAY = dt.date(2026, 12, 7), dt.date(2026, 12, 8)
DIARY = reverse("patients:diary")


@pytest.fixture(autouse=True)
def on_a_wednesday():
    with time_machine.travel(dt.datetime(2026, 11, 25, 9, 15, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture
def diary(login, staff, neurologist):
    """`diary(day=…)` opens it as clinic staff, where one clinician works."""
    builders.hours(neurologist)

    def opened(day=MONDAY, **asked):
        return login(staff).get(DIARY, {"day": day, **asked})

    return opened


SLOT = re.compile(
    r'<a class="slot ([^"]*)"\s+href="([^"]*)"\s+data-column="(\d+)"[^>]*data-time="([\d:]+)">(.*?)</a>', re.DOTALL
)


def columns(page):
    return [(str(column.clinician), column.day) for column in page.context["grid"].columns]


def slots_of(page, column=0):
    """By time, the times that can be selected: their marks, what is known of them, and their links."""
    found = {}
    for marks, href, number, time, inside in SLOT.findall(page.content.decode()):
        if int(number) == column:
            found[time] = (marks.split(), re.search("<small>(.*?)</small>", inside)[1], html.unescape(href))
    return found


def rows_of(marks):
    return next(int(mark[4:]) for mark in marks if mark.startswith("for-"))


def marked(page, mark, column=0):
    """The times that can be selected with that mark, as *09:00–12:00*."""
    spans = []
    for begins, (marks, *_) in slots_of(page, column).items():
        if mark not in marks:
            continue
        ends = "{:02}:{:02}".format(*divmod(int(begins[:2]) * 60 + int(begins[3:]) + 5 * rows_of(marks), 60))
        if spans and spans[-1].endswith(begins):
            begins = spans.pop()[:5]
        spans.append(f"{begins}–{ends}")
    return spans


def taken(page):
    """Where each visit is drawn, its marks, and its text."""
    found = re.findall(r'<div class="entry ([^"]*)"[^>]*>(.*?)</div>', page.content.decode(), re.DOTALL)
    return [(marks.split(), " ".join(re.sub(r"<[^>]*>", " ", inside).split())) for marks, inside in found]


def hours_of(page):
    """The first hour that is shown, and the last."""
    hours = page.context["grid"].hours
    return hours[0].time, hours[-1].time


def minutes_of(page):
    return [5 * rows_of(marks) for marks, _ in taken(page)]


def link(page, words):
    """Where the link with these words leads."""
    _, _, body = page.content.decode().partition('class="pagehead"')
    for href, inside in re.findall(r'<a [^>]*?href="([^"]*)"[^>]*>(.*?)</a>', body, re.DOTALL):
        if " ".join(re.sub(r"<[^>]*>", " ", inside).split()).startswith(words):
            address = html.unescape(href)
            return DIARY + address if address.startswith("?") else address
    raise AssertionError(f"No link with the words {words}")


# Dates and clinicians


def test_day_view_shows_clinicians_by_name(diary, other_neurologist, trainee):
    page = diary()
    assert columns(page) == [(name, MONDAY) for name in ("Dr A. Morgan", "Dr B. Adeyemi", "Dr T. Young")]
    assert "Monday 7 December 2026" in text_of(page)


def test_one_clinician_is_shown_alone(diary, other_neurologist):
    assert columns(diary(clinician=other_neurologist.pk)) == [("Dr B. Adeyemi", MONDAY)]


def test_week_view_shows_one_clinician_monday_to_sunday(diary, login, neurologist, other_neurologist):
    days = [MONDAY + dt.timedelta(days=number) for number in range(7)]
    for day in (days[0], days[3], days[6]):
        page = diary(day=day, view="week", clinician=other_neurologist.pk)
        assert columns(page) == [("Dr B. Adeyemi", day) for day in days]
    # And where none is named, one's own, or the first
    assert columns(diary(view="week"))[0] == ("Dr A. Morgan", MONDAY)
    assert columns(login(other_neurologist).get(DIARY, {"day": MONDAY, "view": "week"}))[0] == ("Dr B. Adeyemi", MONDAY)


def test_day_without_bookable_clinicians_shows_a_message(login, staff):
    for view in ("day", "week"):
        assert "Visits cannot be booked yet" in text_of(login(staff).get(DIARY, {"view": view}))


def test_diary_links_to_adjacent_dates_and_weeks_ahead(diary):
    assert [link(diary(), words) for words in ("‹ Previous", "Today", "Next ›")] == [
        f"{DIARY}?day={day}" for day in ("2026-12-06", TODAY, "2026-12-08")
    ]
    week = diary(view="week")
    assert link(week, "‹ Previous").startswith(f"{DIARY}?day=2026-11-30&view=week&")
    assert link(week, "Next ›").startswith(f"{DIARY}?day=2026-12-14&view=week&")
    assert columns(diary(weeks="3"))[0][1] == dt.date(2026, 12, 16)
    assert columns(diary(day=""))[0][1] == TODAY


def keys_of(page):
    """By key, the words of the link in the diary that it follows."""
    found = re.findall(r'<a class="btn[^>]*data-key="(.)"[^>]*>(.*?)</a>', page.content.decode(), re.DOTALL)
    return {key: words.strip() for key, words in found}


def test_keys_go_to_adjacent_dates_and_the_other_view(diary):
    assert keys_of(diary()) == {"[": "‹ Previous", "]": "Next ›", "w": "Week"}
    week = diary(view="week")
    assert keys_of(week) == {"[": "‹ Previous", "]": "Next ›", "w": "Day"}
    assert link(week, "Day") == f"{DIARY}?day={MONDAY}"  # of all clinicians, since none was chosen


@pytest.mark.parametrize(
    "asked",
    [
        {"day": "0001-01-01"}, {"day": "9999-12-31"}, {"day": "2026-02-30"}, {"day": "1999-12-31"}, {"weeks": "0"},
        {"weeks": "9" * 30}, {"clinician": "x"}, {"clinician": "9" * 30}, {"view": "year"}, {"day": "\x00"},
    ],
)  # fmt: skip
@pytest.mark.parametrize("view", ["day", "week"])
@pytest.mark.sample(4)
def test_unreadable_date_is_reported_and_today_shown(view, asked, diary):
    page = diary(**{"view": view, **asked})
    assert page.status_code == 200
    assert "This date is not valid" in text_of(page)
    assert page.context["grid"].columns


@pytest.mark.parametrize("asked", ["0", "-1", "x", "9" * 5000, "\x00", "١", "1;"])
@pytest.mark.parametrize("name", ["move", "patient", "follow_up"])
@pytest.mark.sample(4)
def test_unreadable_booking_target_is_ignored(name, asked, diary):
    patient = builders.a_patient() if name == "follow_up" else None
    page = diary(**({"patient": patient.pk} if patient else {}), **{name: asked})
    assert page.status_code == 200
    assert name not in page.context["parameters"]


@pytest.mark.parametrize("day", ["2000-01-01", "2099-12-31"])
@pytest.mark.parametrize("view", ["day", "week"])
def test_first_and_last_possible_dates_are_shown(view, day, diary):
    assert dt.date.fromisoformat(day) in [shown for _, shown in columns(diary(day=day, view=view))]


# Which time is free


def test_times_are_free_within_hours_and_closed_outside(diary, other_neurologist):
    page = diary()
    assert marked(page, "free") == ["09:00–12:00", "13:00–17:00"]
    assert marked(page, "closed") == ["08:00–09:00", "12:00–13:00", "17:00–18:00"]
    assert slots_of(page)["12:00"][1] == "closed"
    assert "Closed, 12:00 to 13:00" in text_of(page)
    # And without stored hours, any time can be booked
    assert marked(page, "free", column=1) == ["08:00–18:00"]


def test_absence_and_closure_close_the_time_with_a_reason(diary, neurologist, other_neurologist):
    starts_at, ends_at = builders.at(MONDAY, 9, 10), builders.at(MONDAY, 10)
    add_absence(clinician=neurologist, starts_at=starts_at, ends_at=ends_at, reason="theatre", by=neurologist)
    builders.a_closure(first=TUESDAY, name="Works on the building")
    page = diary()
    assert marked(page, "free") == ["10:00–12:00", "13:00–17:00"]
    assert {words for time, (_, words, _) in slots_of(page).items() if "09:00" <= time < "10:00"} == {"theatre"}
    assert "Theatre, 09:10 to 10:00" in text_of(page)
    closed = diary(day=TUESDAY)
    assert marked(closed, "free") == marked(closed, "free", column=1) == []
    assert {words for _, words, _ in slots_of(closed, column=1).values()} == {"Works on the building"}
    assert "Dr B. Adeyemi Works on the building" in text_of(closed)


def test_booked_visit_occupies_its_time_and_cancelled_does_not(diary, neurologist):
    patient = builders.a_patient(family_name="Okafor", given_name="Grace")
    visit = builders.a_visit(clinician=neurologist, patient=patient, day=MONDAY, hour=9, minute=20, minutes=45)
    page = diary()
    ((marks, words),) = taken(page)
    assert words == "OKAFOR, Grace 09:20 Injection, 45 min , booked Move… OKAFOR, Grace, 09:20"
    assert {"booked", "at-16", "for-9"} <= set(marks)  # from 8:00 on, in rows of five minutes
    assert marked(page, "free") == ["09:00–09:20", "10:05–12:00", "13:00–17:00"]
    assert list(slots_of(page))[4:8] == ["09:00", "10:05", "10:30", "10:45"]
    assert (
        f'draggable="true" data-moves-to="/visits/{visit.pk}/move/" '
        f'data-version="1" data-patient="{patient.pk}" data-minutes="45"' in page.content.decode()
    )
    assert link(page, "Move…") == reverse("planning:visit-move", args=[visit.pk])
    visit = builders.arrive(visit)
    page = diary()
    assert [words for _, words in taken(page)] == ["OKAFOR, Grace 09:20 Injection, 45 min , arrived"]
    assert 'draggable="true"' not in page.content.decode()

    # And a cancelled visit is next to its free time, until another has it
    change_visit_state(visit=visit, state=VisitState.CANCELLED, by=neurologist, version=2, reason="Ill.")
    page = diary()
    ((marks, words),) = taken(page)
    assert words == "OKAFOR, Grace cancelled, 09:20 Injection, 45 min"
    assert "rest" in marks
    assert marked(page, "free") == ["09:00–12:00", "13:00–17:00"]
    assert marked(page, "part-width") == ["09:15–10:15"]
    builders.a_visit(clinician=neurologist, day=MONDAY, hour=9, minute=30)
    assert [set(marks) & {"rest", "part-width"} for marks, _ in taken(diary())] == [{"rest"}, {"part-width"}]


def test_moved_visit_is_only_at_its_new_time(diary, neurologist):
    visit = builders.a_visit(clinician=neurologist, day=MONDAY)
    starts_at = builders.at(TUESDAY, 10)
    move_visit(visit=visit, clinician=neurologist, starts_at=starts_at, minutes=30, by=neurologist, version=1)
    assert (len(taken(diary())), len(taken(diary(day=TUESDAY)))) == (0, 1)


def test_overlapping_visits_have_lanes(diary, neurologist):
    # Given visits that share a row, because one is shorter than what can be clicked
    for minute, minutes in ((0, 5), (5, 15), (21, 5)):
        builders.a_visit(clinician=neurologist, day=MONDAY, hour=10, minute=minute, minutes=minutes)
    builders.a_visit(clinician=neurologist, day=MONDAY, hour=10, minute=30, minutes=15)
    page = diary()
    lanes = [[mark for mark in marks if mark[:3] in ("at-", "for", "lan", "of-")] for marks, _ in taken(page)]
    assert lanes == [
        ["at-24", "for-2", "lane-0", "of-2"],
        ["at-25", "for-3", "lane-1", "of-2"],
        ["at-28", "for-2", "lane-0", "of-1"],
        ["at-30", "for-3", "lane-0", "of-1"],
    ]
    assert " tall " in page.content.decode()
    assert marked(page, "free") == ["09:00–10:00", "10:45–12:00", "13:00–17:00"]


def test_day_extends_for_visits_outside_hours(diary, neurologist, other_neurologist):
    builders.a_visit(clinician=other_neurologist, day=MONDAY, hour=6, minute=50)
    change_working_hours(clinician=neurologist, by=neurologist, version=1, monday="9-19:20")
    page = diary()
    assert hours_of(page) == (dt.time(6), dt.time(19))
    assert marked(page, "free") == ["09:00–19:20"]
    assert marked(page, "free", column=1) == ["06:00–06:50", "07:20–20:00"]


def test_visit_over_midnight_is_on_both_dates(diary, other_neurologist):
    builders.a_visit(clinician=other_neurologist, day=MONDAY, hour=23, minute=30, minutes=90)
    builders.a_visit(clinician=other_neurologist, day=TUESDAY, hour=23, minute=30, minutes=30)  # ends at midnight
    page = diary(clinician=other_neurologist.pk)
    assert minutes_of(page) == [30]
    assert hours_of(page)[1] == dt.time(23)
    page = diary(day=TUESDAY, clinician=other_neurologist.pk)
    assert minutes_of(page) == [60, 30]
    assert "since 7 Dec, 23:30 Injection" in taken(page)[0][1]
    assert hours_of(page) == (dt.time(0), dt.time(23))
    assert taken(diary(day=TUESDAY + dt.timedelta(days=1), clinician=other_neurologist.pk)) == []
    week = diary(day=TUESDAY, view="week", clinician=other_neurologist.pk)
    assert [len(column.visits) for column in week.context["grid"].columns] == [1, 2, 0, 0, 0, 0, 0]


def test_current_and_past_times_are_marked_today(diary):
    page = diary(day=TODAY)
    now, past = '<li class="nowline at-15"', '<li class="gone-by at-0 for-15"'
    assert now in page.content.decode()
    assert past in page.content.decode()
    assert "Now, 09:15" in text_of(page)
    assert marked(page, "past") == ["08:00–09:15"]
    assert "Now, 09:15" in text_of(diary(day=TODAY, view="week"))
    for day, past in ((TODAY - dt.timedelta(days=1), ["08:00–18:00"]), (MONDAY, [])):
        page = diary(day=day)
        assert marked(page, "past") == past
        assert "nowline" not in page.content.decode()


def test_visits_that_need_attention_are_counted(diary, neurologist):
    builders.a_visit(clinician=neurologist, day=TODAY - dt.timedelta(days=1))
    for hour in (9, 10):
        builders.a_visit(clinician=neurologist, day=MONDAY, hour=hour)
    builders.an_absence(clinician=neurologist, first=MONDAY)
    assert "To be moved 2 Past visits without an outcome 1" in text_of(diary())


# Selecting a time


def test_selecting_a_time_starts_a_booking(diary, neurologist):
    _, _, address = slots_of(diary())["10:15"]
    assert address == f"{reverse('patients:visit-new')}?clinician={neurologist.pk}&day=2026-12-07&time=10:15"


def everywhere(page):
    """The pages of the diary that can be reached from here in one step."""
    steps = [
        "‹ Previous",
        "Today",
        "Next ›",
        "Day",
        "Week",
        *(["Mon 7 Dec"] if page.context["week"] else ["Dr A. Morgan"]),
    ]
    return {step: link(page, step) for step in steps}


@pytest.mark.parametrize("view", ["day", "week"])
def test_patient_to_book_is_passed_from_page_to_page(view, diary, client, neurologist):
    # Given the diary, opened from a follow-up
    follow_up = builders.a_follow_up(clinician=neurologist, due_on=dt.date(2027, 2, 15))
    patient = follow_up.patient
    parameters = {"patient": patient.pk, "kind": "review", "minutes": 25, "follow_up": follow_up.pk}
    page = diary(view=view, **parameters)
    what_for = f"Booking for {patient} , {patient.record_number}: Requested by Dr A. Morgan for 15 Feb 2027. Select"
    assert what_for in text_of(page)
    for name, value in parameters.items():
        assert f'<input type="hidden" name="{name}" value="{value}">' in page.content.decode()

    # Then every linked page still names it, and selecting a time opens the booking with all of it
    for step, address in everywhere(page).items():
        there = client.get(address)
        assert there.context["parameters"] == parameters, step
    address = slots_of(page)["10:15"][2]
    assert address.startswith(reverse("patients:visit-book", args=[patient.pk]))
    form = client.get(address).context["form"]
    assert [form[name].value() for name in ("clinician", "day", "time", "kind", "minutes", "follow_up")] == [
        neurologist.pk, MONDAY, dt.time(10, 15), "review", 25, follow_up.pk,
    ]  # fmt: skip


@pytest.mark.parametrize("view", ["day", "week"])
def test_visit_to_move_is_passed_from_page_to_page(view, diary, client, neurologist):
    visit = builders.a_visit(clinician=neurologist, day=TUESDAY, minutes=40)
    page = diary(view=view, move=visit.pk)
    assert visit.patient_id in AuditEntry.objects.latest("pk").patients.values_list("patient_id", flat=True)
    message = f"Moving {visit.patient} , Injection, 8 Dec 2026, 10:00, with Dr A. Morgan: select the new time."
    assert message in text_of(page)
    for step, address in everywhere(page).items():
        assert client.get(address).context["parameters"] == {"move": visit.pk}, step
    address = slots_of(page)["10:15"][2]
    assert address.startswith(reverse("planning:visit-move", args=[visit.pk]))
    form = client.get(address).context["form"]
    assert [form[name].value() for name in ("clinician", "day", "time", "minutes")] == [
        neurologist.pk, MONDAY, dt.time(10, 15), 40,
    ]  # fmt: skip


def test_unusable_follow_up_is_not_passed_on(diary, neurologist):
    patient, other = builders.a_patient(), builders.a_follow_up()
    answered = builders.a_follow_up(patient=patient)
    builders.a_visit(patient=patient, follow_up=answered, day=TUESDAY)
    for follow_up in (other, answered):
        assert diary(patient=patient.pk, follow_up=follow_up.pk).context["parameters"] == {"patient": patient.pk}


# What stays out of it, and what it costs


def test_clinic_staff_see_no_muscle_product_or_dose(diary, neurologist):
    visit = builders.an_arrived_visit(clinician=neurologist, day=TODAY)
    builders.a_signed_session(by=neurologist, visit=visit)
    for view in ("day", "week"):
        body = diary(day=TODAY, view=view).content.decode()
        assert str(visit.patient) in body
        for word in ("1.11", "2.22", "ternocleidomastoid", "Botox", "igned"):
            assert word not in body
        assert not re.search(r"\bSCM\b", body)  # three letters can be part of a token


def test_three_hundred_visits_of_a_day_need_five_queries(login, staff):
    clinicians = [builders.a_clinician() for _ in range(10)]
    patients = [builders.a_patient(by=staff) for _ in range(10)]

    def book(places):
        visits = []
        for clinician, patient in zip(clinicians, patients, strict=True):
            for place in places:
                starts_at = builders.at(MONDAY, *divmod(8 * 60 + place * 20, 60))
                span = {"starts_at": starts_at, "ends_at": starts_at + dt.timedelta(minutes=20), "minutes": 20}
                visits.append(Visit(patient=patient, clinician=clinician, kind="review", **span))
        Visit.objects.bulk_create(visits)

    client, asked = login(staff), []
    addresses = [f"{DIARY}?day={MONDAY}", f"{DIARY}?day={MONDAY}&view=week&clinician={clinicians[0].pk}"]
    for places in (range(1), range(1, 30)):
        book(places)
        asked.append([queries_of(client, address) for address in addresses])
    assert Visit.objects.count() == 300
    assert asked[0] == asked[1]
    assert max(asked[1]) <= 19


def test_every_text_of_the_diary_is_escaped(diary, staff, other_neurologist):
    """The columns are written without templates."""
    other_neurologist.printed_name = "Dr <i>"
    other_neurologist.save()
    patient = builders.a_patient(by=staff, family_name='<b>"')
    builders.a_visit(patient=patient, clinician=other_neurologist, by=staff, day=MONDAY)
    builders.hours(other_neurologist)
    builders.an_absence(clinician=other_neurologist, first=MONDAY, reason="<u>&")
    page = diary(clinician=other_neurologist.pk).content.decode()
    assert page.count("&lt;B&gt;&quot;") == 3
    assert " with Dr &lt;i&gt;" in page
    assert 'title="&lt;u&gt;&amp;"' in page
    assert not re.search(r"<(b|i|u)>[\"&]|<B>|<i>", page)
