"""The facts of a person from all of their records."""

from django.db import models
from django.utils.functional import cached_property

from clinic.records import audit_log

NO_ALERT = ("not asked", "none known")


def joined_with(patient):
    return f"{patient}__others", f"{patient}__same_as__others"


class Alert(models.TextChoices):
    """Safety questions for every patient; the answer to each is a text field of the patient."""

    ALLERGY = "alert_allergy", "Allergy"
    ANTICOAGULANT = "alert_anticoagulant", "Anticoagulant"
    PREGNANCY = "alert_pregnancy", "Pregnancy"
    NEUROMUSCULAR_DISEASE = "alert_neuromuscular_disease", "Neuromuscular disease"
    NECK_SURGERY = "alert_neck_surgery", "Neck surgery"
    OTHER = "alert_other", "Other"


class Person:
    """The facts of a patient's record together with those of the joined records.

    A fact of another record is followed by the number of that record.
    """

    joined_to_main = None  # the records that are joined to the main one, if they were read with this record

    @cached_property
    def joined_records(self):
        """The other records of this person. Reading them shows their facts, so the audit trail names them."""
        others = self.leading.others.all() if self.joined_to_main is None else self.joined_to_main
        joined = [record for record in (self.leading, *others) if record.pk != self.pk]
        audit_log.shown(*joined)
        return joined

    def own_alerts_text(self):
        if self.alerts_reviewed_at is None:
            return "not asked"
        typed = [f"{alert.label}: {text}" for alert in Alert if (text := getattr(self, alert.value))]
        return " · ".join(typed) or "none known"

    def alerts_text(self):
        """As own_alerts_text(), with the alerts of joined records that have not been reviewed since they were
        joined.
        """
        own = self.own_alerts_text()
        of_others = [(record, record.own_alerts_text()) for record in self.records_with_alerts_to_review]
        others = [f"{text} (in {record.record_number})" for record, text in of_others]
        return " · ".join([*([] if others and own in NO_ALERT else [own]), *others])

    @property
    def has_alerts_to_review(self):
        return self.alerts_reviewed_at is None or bool(self.records_with_alerts_to_review)

    @cached_property
    def records_with_alerts_to_review(self):
        with_alerts = [record for record in self.joined_records if record.own_alerts_text() not in NO_ALERT]
        if not with_alerts:
            return []
        joined_at = dict(
            self.others.filter(same_person_decisions__undone_at=None).values_list(
                "pk", "same_person_decisions__confirmed_at"
            )
        )
        reviewed_at = self.alerts_reviewed_at
        return [
            record
            for record in with_alerts
            if reviewed_at is None or record.pk not in joined_at or reviewed_at < joined_at[record.pk]
        ]

    def phones(self):
        return self._of_all_records("phone")

    def emails(self):
        return self._of_all_records("email")

    def _of_all_records(self, name):
        typed = [getattr(record, name) for record in (self, *self.joined_records)]
        return list(dict.fromkeys(filter(None, typed)))

    def own_detail_facts(self):
        details = (
            ("Phone", self.phone),
            ("Email", self.email),
            ("Address", self.address),
            ("Language", self.language),
            ("Diagnosis", ", ".join(filter(None, (self.diagnosis, self.diagnosis_code)))),
            ("Onset", self.onset),
            ("Referred by", self.referred_by),
            ("Reminders", "agreed" if self.agreed_to_reminders else "not agreed"),
            ("Note", self.note),
        )
        return [(label, text) for label, text in details if text]

    def detail_facts(self):
        return [(label, "\n".join(texts)) for label, texts in self._details_of_all().items()]

    def details(self):
        return {label.lower().replace(" ", "_"): " · ".join(texts) for label, texts in self._details_of_all().items()}

    def _details_of_all(self):
        details = {label: [text] for label, text in self.own_detail_facts()}
        for record in self.joined_records:
            for label, text in record.own_detail_facts():
                if text not in details.setdefault(label, []):
                    details[label].append(f"{text} (in {record.record_number})")
        return details

    def refresh_from_db(self, *args, **kwargs):
        for name in ("joined_records", "joined_to_main", "records_with_alerts_to_review"):
            self.__dict__.pop(name, None)
        super().refresh_from_db(*args, **kwargs)
