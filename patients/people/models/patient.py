"""A patient."""

import datetime as dt

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce, Lower
from django.utils import timezone
from simple_history.models import HistoricalRecords

from clinic.models import LockingQuerySet, Versioned, not_in_the_future
from clinic.records.date_fields import TypedDate, TypedPartialDate
from clinic.records.text import Line, Lines, search_key
from patients.people import alike, search
from patients.people.models.keys import PatientKey
from patients.people.models.person import Alert, Person

# What is typed about a patient, in the groups of the pages.
IDENTITY = ("family_name", "given_name", "date_of_birth", "sex", "record_number")
CONTACT = ("phone", "email", "address", "language", "agreed_to_reminders")
DIAGNOSIS = ("diagnosis", "diagnosis_code", "onset", "referred_by", "note")

EARLIEST_BIRTH = dt.date(1880, 1, 1)
LONGEST_SORT_NAME = 210
MOST_KEYS = 500


class Sex(models.TextChoices):
    FEMALE = "female", "Female"
    MALE = "male", "Male"
    OTHER = "other", "Other"
    NOT_STATED = "not_stated", "Not stated"


class PatientStatus(models.TextChoices):
    ACTIVE = "active", "Active"
    MOVED_AWAY = "moved_away", "Moved away"
    TREATED_ELSEWHERE = "treated_elsewhere", "Treated elsewhere"
    DECLINED = "declined", "Declined treatment"
    DIED = "died", "Died"


def _plausible_birth(date):
    if date.is_unknown:
        return
    not_in_the_future(date.earliest)
    if date.earliest < EARLIEST_BIRTH:
        raise ValidationError(f"This date is before {EARLIEST_BIRTH.year}.")


class PatientQuerySet(LockingQuerySet):
    def with_record_number(self, number):
        """At most one, ignoring case. The unique index finds it; `iexact` would read the whole table."""
        return self.alias(lower_number=Lower("record_number")).filter(lower_number=Lower(Value(number)))

    def with_record_numbers(self, numbers):
        return self.alias(lower_number=Lower("record_number")).filter(lower_number__in={one.lower() for one in numbers})

    def found_by(self, query, *, however_many=False):
        """Patients who match every word of the query, or have it as an identifier, by name.

        None if the query is too short or too long.

        A single word that matches very many returns only some: enough for a page, which then asks for more letters.
        `however_many` returns all.
        """
        words = search.prefixes(query)
        if not 0 < len(words) <= search.MOST_WORDS:
            return self.none()
        found, identifier = self, search.whole_key(query)
        for alternatives in words:
            keys = PatientKey.objects.beginning_with([*alternatives, identifier]).values("patient")
            if len(words) == 1 and not however_many:
                # Of thousands with the same prefix only some can be shown: those with the first keys.
                keys = keys.order_by("key", "patient")[:MOST_KEYS]
            found = found.filter(pk__in=keys)
        # Former patients are found too, at the end.
        treated_here = Case(When(status=PatientStatus.ACTIVE, then=0), default=1)
        return found.order_by(treated_here, "sort_name", "date_of_birth", "pk")

    def same_person_ids(self, pk):
        """The ids of all records of the person who has this record."""
        leading = self.filter(pk=pk).values_list(Coalesce("same_as_id", "pk"), flat=True).first()
        return list(self.filter(Q(pk=leading) | Q(same_as=leading)).values_list("pk", flat=True)) if leading else []

    def people_like(self, identity):
        """The ids of the people with a record similar to this one, including itself if stored."""
        born = self.filter(alike.born_like(identity.date_of_birth)).identities()
        return {known.person for known in born if alike.likeness(identity, known)}

    def identities(self):
        """The compared fields of each record; not as models, because there are thousands."""
        rows = self.annotate(person=Coalesce("same_as_id", "pk")).order_by().values_list(*alike.COMPARED)
        return (alike.Identity(*row) for row in rows.iterator())

    def like(self, *, family_name, given_name, date_of_birth, phone):
        """Possible duplicates: similar by name and birth date, or with the same phone number."""
        people = self.people_like(alike.Identity(None, family_name, given_name, date_of_birth))
        if end := search.phone_end(phone):
            reached = self.filter(keys__key=end).prefetch_related("others").distinct()
            people |= {patient.pk for patient in reached if patient.has_phone_end(end)}
        return self.filter(pk__in=people).prefetch_related("others").order_by("sort_name", "date_of_birth", "pk")


class Patient(Person, Versioned):
    """A patient. Patients are never deleted."""

    record_number = Line(
        max_length=30,
        blank=True,
        # ASCII letters, because SQLite changes the case only of these.
        validators=[RegexValidator(r"^[A-Za-z0-9_./ -]+\Z", "Use letters, digits and - . / only.")],
        help_text="If empty, Collum assigns one.",
    )
    family_name = Line(max_length=100, help_text="If the patient has only one name, enter it here.")
    given_name = Line("given names", max_length=100, blank=True)
    date_of_birth = TypedPartialDate(
        "birth date",
        validators=[_plausible_birth],
        help_text="As 5 Mar 1966 or 5.3.1966. Without an unknown part: Mar 1966, 1966, or unknown.",
    )
    sex = models.CharField(max_length=10, choices=Sex)
    phone = Line(max_length=40, blank=True)
    email = models.EmailField(blank=True)
    address = Lines(blank=True, max_length=500)
    language = Line(max_length=60, blank=True, help_text="The language that the patient speaks.")
    diagnosis = Line(max_length=200, blank=True)
    diagnosis_code = Line(max_length=20, blank=True, help_text="As written in your coding system.")
    onset = Line(max_length=60, blank=True, help_text="When the dystonia began, as precisely as known.")
    referred_by = Line(max_length=200, blank=True)
    note = Lines(blank=True, max_length=2000, help_text="For everyone in the clinic: no findings, no doses.")
    agreed_to_reminders = models.BooleanField("agreed to reminders", default=False)
    status = models.CharField(max_length=20, choices=PatientStatus, default=PatientStatus.ACTIVE)
    status_since = TypedDate(null=True, blank=True, validators=[not_in_the_future])

    alert_allergy = Line("allergy", max_length=300, blank=True)
    alert_anticoagulant = Line("anticoagulant", max_length=300, blank=True)
    alert_pregnancy = Line("pregnancy", max_length=300, blank=True)
    alert_neuromuscular_disease = Line("neuromuscular disease", max_length=300, blank=True)
    alert_neck_surgery = Line("neck surgery", max_length=300, blank=True)
    alert_other = Line("other alert", max_length=300, blank=True)
    alerts_reviewed_at = models.DateTimeField(null=True, editable=False)
    alerts_reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )

    no_follow_up_reason = Line(max_length=300, blank=True, editable=False)
    no_follow_up_on = TypedDate(null=True, editable=False)
    no_follow_up_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )

    same_as = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="others"
    )

    sort_name = models.CharField(max_length=LONGEST_SORT_NAME, editable=False)
    registered_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = PatientQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        indexes = [
            models.Index(fields=["sort_name", "date_of_birth"], name="patients_patient_by_name"),
            models.Index(fields=["updated_at", "id"], name="patients_patient_by_change"),
            models.Index(fields=["date_of_birth"], name="patients_patient_by_birth"),
            models.Index(
                fields=["sort_name", "date_of_birth"],
                condition=Q(status=PatientStatus.ACTIVE, same_as=None, no_follow_up_reason=""),
                name="patients_patient_expected",
            ),
            # SQLite's statistics of the whole column make it read the table if all of its values are null.
            models.Index(fields=["same_as"], condition=Q(same_as__isnull=False), name="patients_patient_by_same_as"),
        ]
        constraints = [
            models.UniqueConstraint(
                Lower("record_number"),
                name="patients_patient_record_number_is_unique",
                violation_error_message="Another patient has this record number.",
            ),
            models.CheckConstraint(name="patients_patient_record_number_is_given", condition=~Q(record_number="")),
            models.CheckConstraint(name="patients_patient_family_name_is_given", condition=~Q(family_name="")),
            models.CheckConstraint(name="patients_patient_sex_is_known", condition=Q(sex__in=Sex.values)),
            models.CheckConstraint(
                name="patients_patient_status_is_known", condition=Q(status__in=PatientStatus.values)
            ),
            models.CheckConstraint(name="patients_patient_is_not_the_same_as_itself", condition=~Q(same_as=F("pk"))),
            models.CheckConstraint(
                name="patients_patient_alerts_reviewed_at_and_by_together",
                condition=Q(alerts_reviewed_at=None, alerts_reviewed_by=None)
                | Q(alerts_reviewed_at__isnull=False, alerts_reviewed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="patients_patient_alerts_have_been_reviewed",
                condition=Q(alerts_reviewed_at__isnull=False) | Q(**dict.fromkeys(Alert.values, "")),
            ),
            models.CheckConstraint(
                name="patients_patient_no_follow_up_has_reason_day_and_person",
                condition=Q(no_follow_up_reason="", no_follow_up_on=None, no_follow_up_by=None)
                | (~Q(no_follow_up_reason="") & Q(no_follow_up_on__isnull=False, no_follow_up_by__isnull=False)),
            ),
        ]

    def __str__(self):
        return f"{self.family_name.upper()}, {self.given_name}" if self.given_name else self.family_name.upper()

    def set_sort_name(self):
        # The key of a letter can be longer than the letter.
        self.sort_name = search_key(f"{self.family_name} {self.given_name}").strip()[:LONGEST_SORT_NAME]

    @transaction.atomic
    def save(self, *args, **kwargs):
        self.set_sort_name()
        super().save(*args, **kwargs)
        PatientKey.objects.refresh(self)

    def get_joining_url(self, other):
        return f"{self.get_absolute_url()}same-person/{other.pk}/"

    def get_alerts_url(self):
        return f"{self.get_absolute_url()}alerts/"

    @property
    def full_name(self):
        return f"{self.family_name} {self.given_name}".strip()

    @property
    def leading(self):
        return self.same_as or self

    @property
    def person_id(self):
        return self.same_as_id or self.pk

    def record_ids(self):
        """The ids of this record and of those joined to it; from the loaded records if a page shows their facts."""
        loaded = self.__dict__.get("joined_records", self.joined_to_main)
        if loaded is not None:
            return [self.pk, *sorted(record.pk for record in loaded if record.same_as_id == self.pk)]
        return [self.pk, *self.others.order_by("pk").values_list("pk", flat=True)]

    def change_obstacle(self):
        if self.same_as_id is None:
            return None
        return f"This record is the same person as {self.same_as.record_number}. Continue there."

    def booking_obstacle(self):
        if obstacle := self.change_obstacle():
            return obstacle
        if not self.is_active:
            return f"The patient’s status is “{self.get_status_display().lower()}”. Set it to active before booking."
        return None

    def withdraw_no_follow_up(self):
        was_recorded = bool(self.no_follow_up_reason)
        self.no_follow_up_reason, self.no_follow_up_on, self.no_follow_up_by = "", None, None
        return was_recorded

    def same_person_obstacle(self, patient):
        if self.pk == patient.pk:
            return "This is the same record. Choose another record."
        if patient.same_as_id is not None:
            return f"{patient.record_number} is itself the same person as {patient.same_as.record_number}."
        if self.same_as_id is not None:
            return f"{self.record_number} is already the same person as {self.same_as.record_number}. Undo that first."
        if self.others.exists():
            return f"Other records are the same person as {self.record_number}. Undo that first."
        return None

    def has_phone_end(self, end):
        return any(search.phone_end(record.phone) == end for record in (self, *self.others.all()))

    @property
    def age_text(self):
        return self.date_of_birth.age_text(timezone.localdate())

    @property
    def is_active(self):
        return self.status == PatientStatus.ACTIVE


def patient_ids(*, pk=None, record_number=""):
    """The record with this id, and with this number all records of the same person."""
    found = Patient.objects.with_record_number(record_number)
    main = found.values(key=Coalesce("same_as", "pk"))
    by_number = Patient.objects.filter(Q(pk__in=main) | Q(same_as__in=main))
    return list(
        Patient.objects.filter(pk=pk).values_list("pk", flat=True).union(by_number.values_list("pk", flat=True))
    )


def record_numbers(ids):
    """The record number of each of these patients that still exists, by id."""
    return dict(Patient.objects.filter(pk__in=ids).values_list("pk", "record_number"))
