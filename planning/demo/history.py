"""The two years before today: registrations, injections, and when each patient is expected again."""

import datetime as dt

from clinic.records.text import words_of
from patients.followups.actions import SeeAgain, close_follow_up
from patients.models import FollowUpKind, PatientStatus, VisitKind, VisitState
from patients.people.actions.patients import register_patient, review_alerts
from planning.demo import past
from planning.demo.courses import STORIES, USUAL
from planning.demo.people import ALERTS, ALIKE, ONSETS, PEOPLE, REFERRERS
from planning.demo.stage import Habit
from planning.demo.stories import Story
from planning.pages.actions.patients import change_patient_status

TWO_YEARS = 104


def days(number):
    return dt.timedelta(days=number)


class StoryCourse:
    def __init__(self, stage, person, number, *, clinician, last_injection, cycles, kind):
        self.stage, self.rng, self.kind = stage, stage.rng, kind
        self.clinician, self.habit = clinician, Habit(stage.rng)
        self.injection_days = self._injection_days(last_injection, cycles)
        first_day = self.injection_days[0] if self.injection_days else stage.today
        self.registered_on = first_day - days(self.rng.randint(20, 40))
        self.patient = self._register(person, number)
        story = stage.stories[self.patient.pk] = Story(stage, self, number, kind)
        story.begin()

    def _injection_days(self, last, cycles):
        """Every 12 to 14 weeks, backwards from the last one."""
        found = []
        while last is not None and len(found) < cycles and (self.stage.today - last).days < TWO_YEARS * 7:
            found.append(last)
            last -= dt.timedelta(weeks=self.rng.choice([12, 12, 13, 14]))
        return found[::-1]

    def _register(self, person, number):
        self.stage.clock.set(self.registered_on, 10)
        born = dt.date(self.rng.randint(1938, 1998), self.rng.randint(1, 12), self.rng.randint(1, 28))
        slug = ".".join(words_of(f"{person.given_name.split(' ')[0]} {person.family_name}"))
        patient = register_patient(
            although_alike=True,
            by=self.stage.desk(),
            **person._asdict(),
            date_of_birth=born,
            phone=f"0555 010 {200 + number:04d}",
            email=f"{slug if slug.isascii() else f'patient{number}'}@example.org",
            address=f"{number} Example Street\nExampleton EX1 {number % 10}AA",
            diagnosis="Cervical dystonia",
            diagnosis_code="G24.3",
            onset=self.rng.choice(ONSETS),
            referred_by=self.rng.choice(REFERRERS),
            agreed_to_reminders=self.rng.random() < 0.6,
        )
        return self._review_alerts(patient, number)

    def _review_alerts(self, patient, number):
        if number % 5 == 0:
            return patient
        alerts = {"none_known": True} if number % 2 else self.rng.choice(ALERTS)
        return review_alerts(patient=patient, by=self.clinician, version=patient.version, **alerts)

    def play(self):
        """The whole past; the last injection requests a follow-up.

        Patients with a story use the actions; for all others the resulting rows are stored.
        """
        if not self.injection_days:
            return
        if self.kind is USUAL:
            past.play(course=self)
            return
        self._first_assessment()
        for number, day in enumerate(self.injection_days):
            self._missed_visit(day)
            visit = self.stage.book_somewhere(
                patient=self.patient,
                clinician=self.clinician,
                kind=VisitKind.INJECTION,
                day=day,
                follow_up=self.stage.open_follow_up(self.patient),
            )
            self.stage.injection(visit, self.habit, weeks=12, consent=number % 4 == 0)
            self._review(day)

    def _first_assessment(self):
        visit = self.stage.book_somewhere(
            patient=self.patient,
            clinician=self.clinician,
            kind=VisitKind.FIRST_ASSESSMENT,
            day=self.registered_on + days(3),
            booked_on=self.registered_on,
        )
        self.stage.review(visit, SeeAgain(on=self.injection_days[0], why="First injection"))

    def misses_one(self):
        return self.rng.random() < 0.15

    def review_on(self, injected_on):
        day = injected_on + days(self.rng.randint(28, 42))
        return day if self.rng.random() < 0.25 and day < self.stage.today - days(4) else None

    def _missed_visit(self, day):
        if not self.misses_one():
            return
        visit = self.stage.book_somewhere(
            patient=self.patient,
            clinician=self.clinician,
            kind=VisitKind.INJECTION,
            day=day - days(6),
            booked_on=day - days(16),
            follow_up=self.stage.open_follow_up(self.patient),
        )
        if self.rng.random() < 0.5:
            self.stage.during(visit, -24 * 60)
            self.stage.plan(visit, self.habit)
        self.stage.end(visit, self.rng.choice([VisitState.CANCELLED, VisitState.NO_SHOW]))

    def _review(self, injected_on):
        day = self.review_on(injected_on)
        if day is None:
            return
        visit = self.stage.book_somewhere(
            patient=self.patient,
            clinician=self.clinician,
            kind=VisitKind.REVIEW,
            day=day,
            booked_on=injected_on,
        )
        self.stage.review(visit)


def courses(stage, say):
    """Sixty patients: those of today first, then those expected later, overdue, or not at all."""
    clinicians = [stage.people[name] for name in ("neurologist", "neurologist2", "trainee")]
    everybody = _everybody(stage.rng)
    made = []
    for number, person in enumerate(everybody, start=1):
        made.append(_course(stage, person, number, clinicians))
        say(f"{number} of {len(everybody)} patients")
    return made


def _everybody(rng):
    with_stories = {person[:2]: person for person in PEOPLE if person[:2] in STORIES}
    others = [person for person in PEOPLE if person[:2] not in STORIES]
    everybody = [*ALIKE, *rng.sample(others, len(others))]
    for name, (number, _) in sorted(STORIES.items(), key=lambda story: story[1][0]):
        everybody.insert(number - 1, with_stories[name])
    return everybody


# From which patient on, and between how many days ago the last injection was.
LAST_INJECTION = (
    (1, (82, 98)),  # these have a visit today
    (39, (100, 130)),  # overdue
    (47, (80, 84)),  # due this week
    (51, (14, 70)),  # later
    (58, None),  # not injected yet
)
ALL_OF_TODAY, NOT_SIGNED, EXPECTED, NEVER_INJECTED = slice(0, 38), slice(38, 42), slice(46, 57), slice(57, 60)


def _course(stage, person, number, clinicians):
    span = [span for first, span in LAST_INJECTION if first <= number][-1]
    _, kind = STORIES.get(person[:2], (number, USUAL))
    course = StoryCourse(
        stage,
        person,
        number,
        kind=kind,
        clinician=clinicians[number % 2] if number % 5 else clinicians[2],
        last_injection=stage.today - days(stage.rng.randint(*span)) if span else None,
        cycles=kind.cycles or stage.rng.choice([1, 1, 2, 3, 4, 8]),
    )
    course.play()
    return course


def endings(stage, made):
    stage.clock.set(stage.today - days(3), 15)
    _leave(stage, made[51], PatientStatus.MOVED_AWAY, "Treated near the new home from now on.")
    _leave(stage, made[52], PatientStatus.DIED, "Died at home, as the family reported.")
    _leave(stage, made[53], PatientStatus.DECLINED, "Does not want further injections.")
    stage.arrange_follow_up(
        made[54].patient,
        made[54].clinician,
        kind=FollowUpKind.REVIEW,
        due_on=stage.today + days(2),
        why="Asked for a talk.",
    )


def _leave(stage, course, status, reason):
    for follow_up in course.patient.follow_ups.filter(closed_at=None):
        close_follow_up(follow_up=follow_up, reason=reason, by=stage.desk(), version=follow_up.version)
    patient = course.patient
    patient.refresh_from_db()
    change_patient_status(patient=patient, by=stage.desk(), version=patient.version, status=status)
    patient.refresh_from_db()


def unsigned(stage, made):
    for course, ago in zip(made[NOT_SIGNED], (1, 2, 1, 4), strict=True):
        visit = stage.book_somewhere(
            patient=course.patient,
            clinician=course.clinician,
            kind=VisitKind.INJECTION,
            day=_working_day_before(stage.today, ago),
            follow_up=stage.open_follow_up(course.patient),
        )
        visit = stage.arrive(visit)
        session = stage.plan(visit, course.habit)
        stage.during(visit, 12)
        stage.give(session, course.habit)
        stage.finish(visit)


def _working_day_before(day, number):
    while number:
        day -= days(1)
        number -= day.weekday() < 5
    return day


def weeks_ahead(stage, made):
    for number, course in enumerate(made[EXPECTED]):
        follow_up = stage.open_follow_up(course.patient)
        if follow_up is not None and number % 3:
            visit = _book_ahead(stage, course, VisitKind.INJECTION, follow_up.due_on, follow_up)
            _plan_ahead(stage, visit, course)
        elif course.patient.is_active and number % 2:
            _book_ahead(stage, course, VisitKind.REVIEW, stage.today + days(number))
    for course in made[NEVER_INJECTED][1:]:
        _book_ahead(stage, course, VisitKind.FIRST_ASSESSMENT, stage.today + days(4))


def _book_ahead(stage, course, kind, day, follow_up=None):
    return stage.book_somewhere(
        patient=course.patient,
        clinician=course.clinician,
        kind=kind,
        day=max(day, stage.today + days(1)),
        booked_on=stage.today - days(2),
        follow_up=follow_up,
    )


def _plan_ahead(stage, visit, course):
    if stage.rng.random() < 0.3:
        stage.clock.set(stage.today - days(1), 16)
        stage.plan(visit, course.habit)
