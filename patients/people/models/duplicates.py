"""Pairs of patients who may be one person, and decisions that they are not."""

from itertools import product

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q

from clinic.records.locks import advisory_lock
from patients.people import alike
from patients.people.models.patient import Patient


class NotSamePersonQuerySet(models.QuerySet):
    def active(self):
        return self.filter(undone_at=None)

    def about(self, ids):
        return self.filter(Q(one__in=ids) | Q(other__in=ids))


class NotSamePerson(models.Model):
    """`one` and `other` are different people although they are similar; `one` was registered first."""

    one = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    marked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    marked_at = models.DateTimeField()
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = NotSamePersonQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["one", "other"], condition=Q(undone_at=None), name="patients_notsameperson_is_active_once"
            ),
            models.CheckConstraint(name="patients_notsameperson_are_in_order", condition=Q(one__lt=F("other"))),
            models.CheckConstraint(
                name="patients_notsameperson_undone_at_and_by_together",
                condition=Q(undone_at=None, undone_by=None) | Q(undone_at__isnull=False, undone_by__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.one.record_number} is not the same person as {self.other.record_number}"


class PossibleDuplicateQuerySet(models.QuerySet):
    def undecided(self):
        return self.filter(decision=None)

    def decided(self):
        return self.exclude(decision=None)

    def of(self, patient):
        return self.filter(Q(one=patient) | Q(other=patient))

    @transaction.atomic
    def refresh(self, patient):
        """Store the patient's pairs again. A joined record has no pairs: they belong to the record it was joined to."""
        wanted = {}
        if patient.same_as_id is None:
            records = [patient, *patient.others.all()]
            advisory_lock(*alike.lock_keys(records))
            people = set().union(*(Patient.objects.people_like(alike.Identity.of(record)) for record in records))
            others = people - {patient.pk}
            decisions = _decisions_about(records) if others else {}
            wanted = {person: decisions.get(person) for person in others}
        stored = {pair.one_id if pair.other_id == patient.pk else pair.other_id: pair for pair in self.of(patient)}
        self.filter(pk__in=[pair.pk for person, pair in stored.items() if person not in wanted]).delete()
        new = {person: sorted((patient.pk, person)) for person in wanted.keys() - stored.keys()}
        self.bulk_create(
            PossibleDuplicate(one_id=one, other_id=other, decision_id=wanted[person])
            for person, (one, other) in sorted(new.items())
        )
        for person, pair in stored.items():
            if person in wanted and pair.decision_id != wanted[person]:
                self.filter(pk=pair.pk).update(decision=wanted[person])

    @transaction.atomic
    def rebuild(self):
        """Store the pairs of all patients again, for those who were stored without an action."""
        self.all().delete()
        pairs = alike.pairs_among(Patient.objects.identities())
        self.bulk_create(PossibleDuplicate(one_id=one, other_id=other) for one, other in sorted(pairs))
        for decision in NotSamePerson.objects.active().select_related("one", "other"):
            one, other = sorted((decision.one.person_id, decision.other.person_id))
            self.filter(one=one, other=other).update(decision=decision)


def _decisions_about(records):
    ids = {record.pk for record in records}
    decisions = NotSamePerson.objects.active().about(ids).select_related("one", "other")
    return {
        (decision.other if decision.one_id in ids else decision.one).person_id: decision.pk for decision in decisions
    }


class PossibleDuplicate(models.Model):
    """Two people with similar records; derived from their names and birth dates when these change."""

    one = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="+")
    decision = models.ForeignKey(NotSamePerson, on_delete=models.PROTECT, null=True, related_name="+")

    objects = PossibleDuplicateQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["-id"], condition=Q(decision=None), name="patients_duplicate_undecided")]
        constraints = [
            models.UniqueConstraint(fields=["one", "other"], name="patients_possibleduplicate_is_unique"),
            models.CheckConstraint(name="patients_possibleduplicate_are_in_order", condition=Q(one__lt=F("other"))),
        ]

    def __str__(self):
        return f"{self.one.record_number} and {self.other.record_number}"

    def records(self):
        return [*self._records_of(self.one), *self._records_of(self.other)]

    def likeness(self):
        sides = [map(alike.Identity.of, self._records_of(side)) for side in (self.one, self.other)]
        return next(filter(None, (alike.likeness(one, other) for one, other in product(*sides))), "")

    def joining(self):
        """The record that would be joined and the one that would continue, which is the older one if both can."""
        has_others = bool(self.other.others.all())
        return (self.one, self.other) if has_others else (self.other, self.one)

    def joining_url(self):
        joined, going_on = self.joining()
        return joined.get_joining_url(going_on)

    def _records_of(self, side):
        return [side, *side.others.all()]
