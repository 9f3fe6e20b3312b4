"""Forms for an assessment, which is saved as a whole."""

from django import forms
from django.core.exceptions import ValidationError

from clinic.web.forms import ActionForm, ChangeForm, CreationForm, values_of
from planning.catalogue.models.instrument import Instrument
from planning.catalogue.scores import in_figures, read_score, score_field
from planning.course.head_drawings import head_drawing
from planning.course.models.assessment import DAILY_LIFE, SIGNS, Assessment
from planning.course.models.findings import Frequency, Posture, Presence, Severity, Symptom
from planning.signing.forms.answers import NOT_ASKED, answer, answers


def posture_key(posture, side):
    return f"{posture}-{side}" if side else str(posture)


POSTURES = {posture_key(posture, side): (posture, side) for posture in Posture for side in posture.sides()}


class _AssessmentFields(ActionForm):
    """The fields of an assessment, and their conversion to findings."""

    posture = forms.MultipleChoiceField(
        required=False,
        choices=[(key, f"{posture.label} {side}".strip()) for key, (posture, side) in POSTURES.items()],
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Assessment
        fields = Assessment.details()

    def __init__(self, *args, visit, assessment=None, **kwargs):
        self.visit, self.instruments = visit, _instruments(assessment)
        kwargs.setdefault("prefix", f"v{visit.pk}")
        if assessment is not None:
            kwargs.setdefault("initial", initial_of(assessment))
        super().__init__(*args, **kwargs)
        for name in (*DAILY_LIFE, "note", *(f"{sign}_note" for sign in SIGNS)):
            self.fields[name].widget.attrs["autocomplete"] = "off"

    def extra_fields(self):
        return {
            **answers(Assessment, SIGNS, Presence.choices, unanswered=NOT_ASKED),
            **{name: field for symptom in Symptom for name, field in _fields_of(symptom).items()},
            **{f"score_{instrument.pk}": score_field(instrument) for instrument in self.instruments},
        }

    def clean_posture(self):
        ticked = [POSTURES[key] for key in self.cleaned_data["posture"]]
        twice = [posture for posture in Posture if sum(posture == other for other, _ in ticked) > 1]
        if twice:
            names = ", ".join(posture.label for posture in twice)
            raise ValidationError(f"One side only: {names}.")
        return self.cleaned_data["posture"]

    def values(self):
        typed = super().values()
        return {
            **{name: typed[name] for name in self._meta.fields},
            "postures": [POSTURES[key] for key in typed["posture"]],
            "symptoms": [self._answer(symptom) for symptom in Symptom if typed[f"symptom_{symptom}"]],
            "scores": [
                (instrument, value)
                for instrument in self.instruments
                if (value := typed[f"score_{instrument.pk}"]) is not None
            ],
        }

    def _answer(self, symptom):
        """A severity that was selected before *absent* is ignored."""
        presence = self.cleaned_data[f"symptom_{symptom}"]
        degree = [self.cleaned_data[f"{kind}_{symptom}"] for kind in ("severity", "frequency")]
        return (symptom, presence, *(degree if presence == Presence.PRESENT else ["", ""]))

    # For the template

    def posture_options(self):
        ticked = self["posture"].value() or []
        return [
            {
                "key": key,
                "name": self["posture"].html_name,
                "ticked": key in ticked,
                "label": posture.label,
                "side": side,
                "meaning": posture.meaning(side),
                "head": head_drawing(posture, side),
            }
            for key, (posture, side) in POSTURES.items()
        ]

    def signs(self):
        return [(self[sign], self[f"{sign}_note"]) for sign in SIGNS]

    def symptoms(self):
        kinds = ("symptom", "severity", "frequency")
        return [tuple(self[f"{kind}_{symptom}"] for kind in kinds) for symptom in Symptom]

    def scores(self):
        return [(instrument, self[f"score_{instrument.pk}"]) for instrument in self.instruments]

    def daily_life(self):
        return [self[name] for name in DAILY_LIFE]


def _instruments(assessment):
    offered = list(Instrument.objects.to_choose_from())
    if assessment is None:
        return offered
    scored = [score.instrument for score in assessment.scores.all() if score.instrument.is_retired]
    return [*offered, *scored]


def _fields_of(symptom):
    return {
        f"symptom_{symptom}": answer(symptom.label, Presence.choices, unanswered=NOT_ASKED),
        f"severity_{symptom}": forms.ChoiceField(
            required=False, choices=[("", ""), *Severity.choices], label=f"{symptom.label}: how strong"
        ),
        f"frequency_{symptom}": forms.ChoiceField(
            required=False, choices=[("", ""), *Frequency.choices], label=f"{symptom.label}: how often"
        ),
    }


def initial_of(assessment):
    initial = values_of(assessment, *Assessment.details())
    initial["posture"] = [posture_key(each.posture, each.side) for each in assessment.postures.all()]
    for finding in assessment.symptoms.all():
        initial[f"symptom_{finding.symptom}"] = finding.presence
        initial[f"severity_{finding.symptom}"] = finding.severity
        initial[f"frequency_{finding.symptom}"] = finding.frequency
    return initial | {f"score_{score.instrument_id}": in_figures(score.value) for score in assessment.scores.all()}


class NewAssessmentForm(_AssessmentFields, CreationForm):
    """The first assessment of a visit; it can copy the previous findings."""

    unchanged = forms.ModelChoiceField(queryset=Assessment.objects.none(), required=False)

    def __init__(self, *args, visit, **kwargs):
        super().__init__(*args, visit=visit, **kwargs)
        self.fields["unchanged"].queryset = Assessment.objects.before(visit)

    def values(self):
        return {**super().values(), "unchanged_since": self.cleaned_data["unchanged"]}


class AssessmentForm(_AssessmentFields, ChangeForm):
    """Changes a stored assessment."""

    def values(self):
        return {**super().values(), "version": self.cleaned_data["version"]}

    def stored_value(self, current, name):
        value = initial_of(current).get(name, "")
        if name == "posture":
            return sorted(value)
        if name.startswith("score_"):
            return read_score(value) if value else None
        return value

    def typed_value(self, name):
        value = self.cleaned_data[name]
        return sorted(value) if name == "posture" else value

    def stored_in_words(self, current, name):
        if name == "posture":
            return current.postures_in_words() or "(none)"
        value = initial_of(current).get(name, "")
        choices = dict(getattr(self.fields[name], "choices", ()))
        return {True: "yes", False: "no"}.get(value, choices.get(value, value) or "(empty)")
