"""Forms for an assessment, which is saved one group of fields at a time."""

from django import forms
from django.core.exceptions import ValidationError

from clinic.records.numbers import LARGEST_ID, CountFormField, VersionField
from clinic.web.forms import ActionForm, ChangeForm
from planning.catalogue.models.instrument import Instrument
from planning.catalogue.scores import in_figures, read_score, score_field
from planning.course.actions.findings import stored_in, version_of
from planning.course.head_drawings import head_drawing
from planning.course.models.assessment import DAILY_LIFE, SIGNS, Assessment
from planning.course.models.findings import Frequency, Posture, Presence, Severity, Symptom
from planning.signing.forms.answers import NOT_ASKED, answer, answers


def posture_key(posture, side):
    return f"{posture}-{side}" if side else str(posture)


POSTURES = {posture_key(posture, side): (posture, side) for posture in Posture for side in posture.sides()}


class GroupForm(ChangeForm):
    """One group of fields, with the version of what it contained; the visit may have no assessment yet."""

    group = title = ""
    stores = ()

    record = CountFormField(required=False, max_value=LARGEST_ID, widget=forms.HiddenInput({"id": False}))

    class Meta:
        model = Assessment
        fields = ()

    def __init__(self, *args, visit, assessment=None, **kwargs):
        self.assessment = assessment
        kwargs.setdefault("prefix", f"v{visit.pk}-{self.group}")
        super().__init__(*args, **kwargs)
        stored = {} if assessment is None else self.stored(assessment)
        version = version_of(stored_in(assessment, self.stores))
        self.initial = {**stored, "record": assessment and assessment.pk, "version": version, **self.initial}
        for field in self.fields.values():
            if isinstance(field.widget, forms.TextInput | forms.Textarea):
                field.widget.attrs["autocomplete"] = "off"

    @classmethod
    def with_known(cls, instruments):
        """The arguments for a form of a page that has read the instruments."""
        return {}

    @property
    def was_sent(self):
        return self.is_bound and self.add_prefix("version") in self.data

    def clean(self):
        self.seen = {name: self.cleaned_data.pop(name, None) for name in ("record", "version")}
        return self.cleaned_data

    def values(self):
        return {**self.found(), **self.seen}

    def found(self):
        """The typed values, as the action takes them."""
        return dict(self.cleaned_data)

    @classmethod
    def stored(cls, assessment):
        """The stored values, by the names of the fields."""
        return stored_in(assessment, cls.stores)

    def stored_value(self, current, name):
        return self.stored(current).get(name, "")

    def stored_text(self, current, name):
        value = self.stored_value(current, name)
        choices = dict(getattr(self.fields[name], "choices", ()))
        return {True: "yes", False: "no"}.get(value, choices.get(value, value) or "(empty)")

    def handle_conflict(self, conflict):
        repeated = super().handle_conflict(conflict)
        if hasattr(self, "stored_values"):
            self.data[self.add_prefix("version")] = str(version_of(stored_in(conflict.current, self.stores)))
        return repeated


class PostureForm(GroupForm):
    group, title = "posture", "Posture"
    stores = ("postures", "head_is_straight")

    posture = forms.MultipleChoiceField(
        label="Posture",
        required=False,
        choices=[(key, f"{posture.label} {side}".strip()) for key, (posture, side) in POSTURES.items()],
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta(GroupForm.Meta):
        fields = ("head_is_straight",)

    def clean_posture(self):
        ticked = [POSTURES[key] for key in self.cleaned_data["posture"]]
        twice = [posture for posture in Posture if sum(posture == other for other, _ in ticked) > 1]
        if twice:
            names = ", ".join(posture.label for posture in twice)
            raise ValidationError(f"One side only: {names}.")
        return sorted(self.cleaned_data["posture"])

    def found(self):
        typed = super().found()
        return {"postures": [POSTURES[key] for key in typed.pop("posture")], **typed}

    @classmethod
    def stored(cls, assessment):
        return {
            "head_is_straight": assessment.head_is_straight,
            "posture": sorted(posture_key(each.posture, each.side) for each in assessment.postures.all()),
        }

    def stored_text(self, current, name):
        if name == "posture":
            return current.postures_text() or "(none)"
        return super().stored_text(current, name)

    def options(self):
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


class SymptomsForm(GroupForm):
    group, title = "symptoms", "Symptoms"
    stores = ("symptoms",)

    def extra_fields(self):
        return {name: field for symptom in Symptom for name, field in _fields_of(symptom).items()}

    def found(self):
        return {"symptoms": [self._answer(symptom) for symptom in Symptom if self.cleaned_data[f"symptom_{symptom}"]]}

    def _answer(self, symptom):
        """A severity that was selected before *absent* is ignored."""
        presence = self.cleaned_data[f"symptom_{symptom}"]
        degree = [self.cleaned_data[f"{kind}_{symptom}"] for kind in ("severity", "frequency")]
        return (symptom, presence, *(degree if presence == Presence.PRESENT else ["", ""]))

    @classmethod
    def stored(cls, assessment):
        stored = {}
        for finding in assessment.symptoms.all():
            stored[f"symptom_{finding.symptom}"] = finding.presence
            stored[f"severity_{finding.symptom}"] = finding.severity
            stored[f"frequency_{finding.symptom}"] = finding.frequency
        return stored

    def symptoms(self):
        kinds = ("symptom", "severity", "frequency")
        return [tuple(self[f"{kind}_{symptom}"] for kind in kinds) for symptom in Symptom]


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


class SignsForm(GroupForm):
    group, title = "signs", "Tremor, jerk, sensory trick"
    stores = (*SIGNS, *(f"{sign}_note" for sign in SIGNS))

    class Meta(GroupForm.Meta):
        fields = tuple(f"{sign}_note" for sign in SIGNS)

    def extra_fields(self):
        return answers(Assessment, SIGNS, Presence.choices, unanswered=NOT_ASKED)

    def signs(self):
        return [(self[sign], self[f"{sign}_note"]) for sign in SIGNS]


class ScoresForm(GroupForm):
    group, title = "scores", "Scores"
    stores = ("scores",)

    def __init__(self, *args, visit, assessment=None, instruments=None, **kwargs):
        self.instruments = _instruments(assessment, instruments)
        super().__init__(*args, visit=visit, assessment=assessment, **kwargs)

    @classmethod
    def with_known(cls, instruments):
        return {"instruments": instruments}

    def extra_fields(self):
        return {f"score_{instrument.pk}": score_field(instrument) for instrument in self.instruments}

    def found(self):
        typed = [(instrument, self.cleaned_data[f"score_{instrument.pk}"]) for instrument in self.instruments]
        return {"scores": [(instrument, value) for instrument, value in typed if value is not None]}

    @classmethod
    def stored(cls, assessment):
        return {f"score_{score.instrument_id}": in_figures(score.value) for score in assessment.scores.all()}

    def stored_value(self, current, name):
        value = super().stored_value(current, name)
        return read_score(value) if value else None

    def stored_text(self, current, name):
        return self.stored(current).get(name) or "(empty)"

    def scores(self):
        return [(instrument, self[f"score_{instrument.pk}"]) for instrument in self.instruments]


def _instruments(assessment, known):
    """Those offered, and retired ones that are scored here."""
    offered = list(Instrument.objects.to_choose_from()) if known is None else known
    if assessment is None:
        return offered
    scored = [score.instrument for score in assessment.scores.all() if score.instrument.is_retired]
    return [*offered, *scored]


class DailyLifeForm(GroupForm):
    group, title = "daily", "Daily life"
    stores = DAILY_LIFE

    class Meta(GroupForm.Meta):
        fields = DAILY_LIFE


class NoteForm(GroupForm):
    group, title = "note", "Note"
    stores = ("note",)

    class Meta(GroupForm.Meta):
        fields = ("note",)


GROUPS = (PostureForm, SymptomsForm, SignsForm, ScoresForm, DailyLifeForm, NoteForm)


class UnchangedForm(ActionForm):
    """Copies the findings of an earlier assessment, if the user says that they have not changed."""

    field_names = {"unchanged_since": "unchanged"}

    unchanged = forms.ModelChoiceField(
        queryset=Assessment.objects.none(),
        error_messages={"invalid_choice": "That is not an earlier assessment of this patient."},
    )
    version = VersionField()

    def __init__(self, *args, visit, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["unchanged"].queryset = Assessment.objects.before(visit)

    @property
    def was_sent(self):
        return "unchanged" in self.data

    def values(self):
        return {"unchanged_since": self.cleaned_data["unchanged"], "version": self.cleaned_data["version"]}
