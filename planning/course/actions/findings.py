"""Posture, symptoms and scores of an assessment: what is stored, what is wanted, and the difference."""

import hashlib
import json

from clinic.records.actions import assign, store, store_new
from planning.catalogue.scores import in_figures
from planning.course.models.assessment import Assessment
from planning.course.models.findings import PostureFinding, SymptomFinding
from planning.course.models.score import Score

READERS = {
    "postures": lambda assessment: [(each.posture, each.side) for each in _as_recorded(assessment.postures)],
    "symptoms": lambda assessment: [
        (each.symptom, each.presence, each.severity, each.frequency) for each in _as_recorded(assessment.symptoms)
    ],
    "scores": lambda assessment: [(each.instrument, each.value) for each in _scores(assessment)],
}


def _as_recorded(findings):
    """In the order in which they were added, whether they are loaded or not."""
    return sorted(findings.all(), key=lambda finding: finding.pk)


def _scores(assessment):
    """With their instruments, as with_scores() loads them."""
    loaded = "scores" in getattr(assessment, "_prefetched_objects_cache", {})
    return assessment.scores.all() if loaded else assessment.scores.select_related("instrument")


def findings_of(assessment):
    return {name: read(assessment) for name, read in READERS.items()}


def stored_in(assessment, names):
    """The values of some fields and findings, by name; those of an empty assessment if it is None."""
    if assessment is None:
        return {name: [] if name in READERS else Assessment._meta.get_field(name).get_default() for name in names}
    return {name: READERS[name](assessment) if name in READERS else getattr(assessment, name) for name in names}


def version_of(values):
    """The version of these values: a number that differs if they do, in any order of the findings."""
    content = {name: _as_text(name, value) for name, value in values.items()}
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return int(digest[:7], 16) + 1


def _as_text(name, value):
    if name == "scores":
        return sorted((instrument.pk, in_figures(score)) for instrument, score in value)
    return sorted(map(list, value)) if name in READERS else value


class Findings:
    """Posture, symptoms and scores of an assessment, by what each row is about."""

    def __init__(self, postures, symptoms, scores):
        self.postures = {posture: {"side": side} for posture, side in postures}
        self.symptoms = {
            symptom: {"presence": presence, "severity": severity, "frequency": frequency}
            for symptom, presence, severity, frequency in symptoms
        }
        self.scores = {instrument.pk: {"value": value} for instrument, value in scores}
        self.instruments = list(scores)

    @classmethod
    def of(cls, assessment, **others):
        return cls(**{**findings_of(assessment), **others})

    def _tables(self):
        return (
            (PostureFinding, "posture", self.postures),
            (SymptomFinding, "symptom", self.symptoms),
            (Score, "instrument_id", self.scores),
        )

    def findings_differ_from(self, assessment):
        return self._differ_from(assessment, self._tables()[:2])

    def scores_differ_from(self, assessment):
        return self._differ_from(assessment, self._tables()[2:])

    def _differ_from(self, assessment, tables):
        return any(self._stored(assessment, *table) != wanted for *table, wanted in tables)

    def _stored(self, assessment, model, about):
        names = [field.name for field in model._meta.fields if field.name not in {"id", "assessment", "instrument"}]
        return {
            getattr(row, about): {name: getattr(row, name) for name in names if name != about}
            for row in model.objects.filter(assessment=assessment)
        }

    def write(self, assessment, *, by):
        for model, about, wanted in self._tables():
            rows = {getattr(row, about): row for row in model.objects.filter(assessment=assessment)}
            for gone in rows.keys() - wanted.keys():
                rows[gone]._history_user = by
                rows[gone].delete()
            for key in rows.keys() & wanted.keys():
                if assign(rows[key], wanted[key]):
                    store(rows[key], by=by)
            new = [model(assessment=assessment, **{about: key}, **wanted[key]) for key in wanted if key not in rows]
            store_new(new, by=by)
