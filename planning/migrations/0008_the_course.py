import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import clinic.models
import clinic.text
import planning.models.course
import planning.scores


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0005_coverage_and_therapies"),
        ("planning", "0007_moved_and_corrected"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AdverseEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("recorded_at", models.DateTimeField(default=clinic.models.now, editable=False)),
                ("error_reason", clinic.text.Line(blank=True, editable=False, max_length=300, verbose_name="why")),
                ("error_at", models.DateTimeField(editable=False, null=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("dysphagia", "Dysphagia"),
                            ("neck_weakness", "Neck weakness"),
                            ("dry_mouth", "Dry mouth"),
                            ("voice_change", "Voice change"),
                            ("injection_site_pain", "Injection-site pain"),
                            ("bruising", "Bruising"),
                            ("infection", "Infection"),
                            ("headache", "Headache"),
                            ("flu_like_symptoms", "Flu-like symptoms"),
                            ("neck_pain_flare", "Neck pain flare"),
                            ("shoulder_weakness", "Shoulder weakness"),
                            ("breathing_difficulty", "Breathing difficulty"),
                            ("double_vision", "Blurred or double vision"),
                            ("ptosis", "Ptosis"),
                            ("generalised_weakness", "Generalised weakness"),
                            ("hypersensitivity", "Hypersensitivity"),
                            ("fainting", "Fainting"),
                            ("wrong_site", "Wrong side or muscle injected"),
                            ("other", "Other"),
                        ],
                        max_length=30,
                        verbose_name="what",
                    ),
                ),
                ("description", clinic.text.Lines(blank=True, max_length=1000, verbose_name="in words")),
                (
                    "began_day",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MaxValueValidator(3650)],
                        verbose_name="from, on day",
                    ),
                ),
                (
                    "began_on",
                    models.DateField(
                        blank=True, null=True, validators=[clinic.models.not_in_the_future], verbose_name="from, on"
                    ),
                ),
                (
                    "ended_day",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MaxValueValidator(3650)],
                        verbose_name="until, on day",
                    ),
                ),
                (
                    "ended_on",
                    models.DateField(
                        blank=True, null=True, validators=[clinic.models.not_in_the_future], verbose_name="until, on"
                    ),
                ),
                (
                    "severity",
                    models.CharField(
                        blank=True,
                        choices=[("mild", "Mild"), ("moderate", "Moderate"), ("severe", "Severe")],
                        help_text="How strong it was.",
                        max_length=10,
                    ),
                ),
                (
                    "serious",
                    models.CharField(
                        blank=True,
                        choices=[("yes", "Yes"), ("no", "No")],
                        help_text="In the regulatory sense: death, danger to life, hospital, lasting disability, or as important.",
                        max_length=3,
                    ),
                ),
                ("measures", clinic.text.Lines(blank=True, max_length=1000, verbose_name="done or advised")),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("recovered", "Recovered"),
                            ("recovering", "Recovering"),
                            ("not_recovered", "Not recovered"),
                            ("with_sequelae", "Recovered with sequelae"),
                            ("fatal", "Fatal"),
                            ("not_known", "Not known"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "reported_to",
                    clinic.text.Line(
                        blank=True, help_text="The authority.", max_length=200, verbose_name="reported to"
                    ),
                ),
                (
                    "reported_on",
                    models.DateField(
                        blank=True, null=True, validators=[clinic.models.not_in_the_future], verbose_name="reported on"
                    ),
                ),
                ("report_reference", clinic.text.Line(blank=True, max_length=100, verbose_name="its reference")),
            ],
            options={
                "abstract": False,
            },
            bases=(planning.models.course.WithDays, models.Model),
        ),
        migrations.CreateModel(
            name="Assessment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("recorded_at", models.DateTimeField(default=clinic.models.now, editable=False)),
                ("error_reason", clinic.text.Line(blank=True, editable=False, max_length=300, verbose_name="why")),
                ("error_at", models.DateTimeField(editable=False, null=True)),
                (
                    "head_is_straight",
                    models.BooleanField(default=False, verbose_name="none of these: the head is held straight"),
                ),
                (
                    "tremor",
                    models.CharField(
                        blank=True,
                        choices=[("present", "Present"), ("absent", "Absent")],
                        max_length=10,
                        verbose_name="tremor",
                    ),
                ),
                ("tremor_note", clinic.text.Line(blank=True, max_length=200, verbose_name="tremor, in words")),
                (
                    "jerk",
                    models.CharField(
                        blank=True,
                        choices=[("present", "Present"), ("absent", "Absent")],
                        max_length=10,
                        verbose_name="jerk",
                    ),
                ),
                ("jerk_note", clinic.text.Line(blank=True, max_length=200, verbose_name="jerk, in words")),
                (
                    "sensory_trick",
                    models.CharField(
                        blank=True,
                        choices=[("present", "Present"), ("absent", "Absent")],
                        max_length=10,
                        verbose_name="sensory trick",
                    ),
                ),
                (
                    "sensory_trick_note",
                    clinic.text.Line(blank=True, max_length=200, verbose_name="sensory trick, in words"),
                ),
                ("driving", clinic.text.Line(blank=True, max_length=300)),
                ("reading", clinic.text.Line(blank=True, max_length=300)),
                ("talking", clinic.text.Line(blank=True, max_length=300)),
                ("fatigue", clinic.text.Line(blank=True, max_length=300)),
                ("emotional_strain", clinic.text.Line(blank=True, max_length=300)),
                ("social_withdrawal", clinic.text.Line(blank=True, max_length=300)),
                ("note", clinic.text.Lines(blank=True, max_length=2000)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="HistoricalAdverseEvent",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("recorded_at", models.DateTimeField(default=clinic.models.now, editable=False)),
                ("error_reason", clinic.text.Line(blank=True, editable=False, max_length=300, verbose_name="why")),
                ("error_at", models.DateTimeField(editable=False, null=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("dysphagia", "Dysphagia"),
                            ("neck_weakness", "Neck weakness"),
                            ("dry_mouth", "Dry mouth"),
                            ("voice_change", "Voice change"),
                            ("injection_site_pain", "Injection-site pain"),
                            ("bruising", "Bruising"),
                            ("infection", "Infection"),
                            ("headache", "Headache"),
                            ("flu_like_symptoms", "Flu-like symptoms"),
                            ("neck_pain_flare", "Neck pain flare"),
                            ("shoulder_weakness", "Shoulder weakness"),
                            ("breathing_difficulty", "Breathing difficulty"),
                            ("double_vision", "Blurred or double vision"),
                            ("ptosis", "Ptosis"),
                            ("generalised_weakness", "Generalised weakness"),
                            ("hypersensitivity", "Hypersensitivity"),
                            ("fainting", "Fainting"),
                            ("wrong_site", "Wrong side or muscle injected"),
                            ("other", "Other"),
                        ],
                        max_length=30,
                        verbose_name="what",
                    ),
                ),
                ("description", clinic.text.Lines(blank=True, max_length=1000, verbose_name="in words")),
                (
                    "began_day",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MaxValueValidator(3650)],
                        verbose_name="from, on day",
                    ),
                ),
                (
                    "began_on",
                    models.DateField(
                        blank=True, null=True, validators=[clinic.models.not_in_the_future], verbose_name="from, on"
                    ),
                ),
                (
                    "ended_day",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MaxValueValidator(3650)],
                        verbose_name="until, on day",
                    ),
                ),
                (
                    "ended_on",
                    models.DateField(
                        blank=True, null=True, validators=[clinic.models.not_in_the_future], verbose_name="until, on"
                    ),
                ),
                (
                    "severity",
                    models.CharField(
                        blank=True,
                        choices=[("mild", "Mild"), ("moderate", "Moderate"), ("severe", "Severe")],
                        help_text="How strong it was.",
                        max_length=10,
                    ),
                ),
                (
                    "serious",
                    models.CharField(
                        blank=True,
                        choices=[("yes", "Yes"), ("no", "No")],
                        help_text="In the regulatory sense: death, danger to life, hospital, lasting disability, or as important.",
                        max_length=3,
                    ),
                ),
                ("measures", clinic.text.Lines(blank=True, max_length=1000, verbose_name="done or advised")),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("recovered", "Recovered"),
                            ("recovering", "Recovering"),
                            ("not_recovered", "Not recovered"),
                            ("with_sequelae", "Recovered with sequelae"),
                            ("fatal", "Fatal"),
                            ("not_known", "Not known"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "reported_to",
                    clinic.text.Line(
                        blank=True, help_text="The authority.", max_length=200, verbose_name="reported to"
                    ),
                ),
                (
                    "reported_on",
                    models.DateField(
                        blank=True, null=True, validators=[clinic.models.not_in_the_future], verbose_name="reported on"
                    ),
                ),
                ("report_reference", clinic.text.Line(blank=True, max_length=100, verbose_name="its reference")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
            ],
            options={
                "verbose_name": "historical adverse event",
                "verbose_name_plural": "historical adverse events",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalAssessment",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("recorded_at", models.DateTimeField(default=clinic.models.now, editable=False)),
                ("error_reason", clinic.text.Line(blank=True, editable=False, max_length=300, verbose_name="why")),
                ("error_at", models.DateTimeField(editable=False, null=True)),
                (
                    "head_is_straight",
                    models.BooleanField(default=False, verbose_name="none of these: the head is held straight"),
                ),
                (
                    "tremor",
                    models.CharField(
                        blank=True,
                        choices=[("present", "Present"), ("absent", "Absent")],
                        max_length=10,
                        verbose_name="tremor",
                    ),
                ),
                ("tremor_note", clinic.text.Line(blank=True, max_length=200, verbose_name="tremor, in words")),
                (
                    "jerk",
                    models.CharField(
                        blank=True,
                        choices=[("present", "Present"), ("absent", "Absent")],
                        max_length=10,
                        verbose_name="jerk",
                    ),
                ),
                ("jerk_note", clinic.text.Line(blank=True, max_length=200, verbose_name="jerk, in words")),
                (
                    "sensory_trick",
                    models.CharField(
                        blank=True,
                        choices=[("present", "Present"), ("absent", "Absent")],
                        max_length=10,
                        verbose_name="sensory trick",
                    ),
                ),
                (
                    "sensory_trick_note",
                    clinic.text.Line(blank=True, max_length=200, verbose_name="sensory trick, in words"),
                ),
                ("driving", clinic.text.Line(blank=True, max_length=300)),
                ("reading", clinic.text.Line(blank=True, max_length=300)),
                ("talking", clinic.text.Line(blank=True, max_length=300)),
                ("fatigue", clinic.text.Line(blank=True, max_length=300)),
                ("emotional_strain", clinic.text.Line(blank=True, max_length=300)),
                ("social_withdrawal", clinic.text.Line(blank=True, max_length=300)),
                ("note", clinic.text.Lines(blank=True, max_length=2000)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
            ],
            options={
                "verbose_name": "historical assessment",
                "verbose_name_plural": "historical assessments",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalInstrument",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("retired_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("name", clinic.text.Line(max_length=60)),
                ("full_name", clinic.text.Line(blank=True, max_length=200)),
                ("lowest", planning.scores.ScoreValueField(verbose_name="lowest score")),
                ("highest", planning.scores.ScoreValueField(verbose_name="highest score")),
                (
                    "allows_fractions",
                    models.BooleanField(default=False, help_text="Otherwise a score is a whole number."),
                ),
                ("higher_is_worse", models.BooleanField(default=True)),
                (
                    "levels",
                    clinic.text.Lines(
                        blank=True,
                        help_text="What each whole score means, a line each from the lowest on; only where these texts are free.",
                        max_length=1000,
                    ),
                ),
                ("source", clinic.text.Line(blank=True, help_text="Where the range comes from.", max_length=300)),
                ("order", models.PositiveSmallIntegerField(default=0)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
            ],
            options={
                "verbose_name": "historical instrument",
                "verbose_name_plural": "historical instruments",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalPostureFinding",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "posture",
                    models.CharField(
                        choices=[
                            ("torticollis", "Torticollis"),
                            ("torticaput", "Torticaput"),
                            ("laterocollis", "Laterocollis"),
                            ("laterocaput", "Laterocaput"),
                            ("antecollis", "Antecollis"),
                            ("antecaput", "Antecaput"),
                            ("retrocollis", "Retrocollis"),
                            ("retrocaput", "Retrocaput"),
                            ("lateral_shift", "Lateral shift"),
                            ("sagittal_shift", "Sagittal shift"),
                        ],
                        max_length=20,
                    ),
                ),
                ("side", models.CharField(blank=True, choices=[("right", "right"), ("left", "left")], max_length=10)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
            ],
            options={
                "verbose_name": "historical posture finding",
                "verbose_name_plural": "historical posture findings",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalResponse",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("recorded_at", models.DateTimeField(default=clinic.models.now, editable=False)),
                ("error_reason", clinic.text.Line(blank=True, editable=False, max_length=300, verbose_name="why")),
                ("error_at", models.DateTimeField(editable=False, null=True)),
                (
                    "effect",
                    models.CharField(
                        choices=[("response", "Response"), ("no_response", "No response"), ("not_known", "Not known")],
                        max_length=20,
                        verbose_name="effect",
                    ),
                ),
                (
                    "onset_day",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MaxValueValidator(3650)],
                        verbose_name="onset, on day",
                    ),
                ),
                (
                    "onset_on",
                    models.DateField(
                        blank=True, null=True, validators=[clinic.models.not_in_the_future], verbose_name="onset, on"
                    ),
                ),
                (
                    "peak_day",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MaxValueValidator(3650)],
                        verbose_name="peak, on day",
                    ),
                ),
                (
                    "peak_on",
                    models.DateField(
                        blank=True, null=True, validators=[clinic.models.not_in_the_future], verbose_name="peak, on"
                    ),
                ),
                (
                    "wearing_off_day",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MaxValueValidator(3650)],
                        verbose_name="wearing-off, on day",
                    ),
                ),
                (
                    "wearing_off_on",
                    models.DateField(
                        blank=True,
                        null=True,
                        validators=[clinic.models.not_in_the_future],
                        verbose_name="wearing-off, on",
                    ),
                ),
                (
                    "benefit_contractions",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("worse", "Worse"),
                            ("none", "None"),
                            ("slight", "Slight"),
                            ("moderate", "Moderate"),
                            ("marked", "Marked"),
                        ],
                        max_length=10,
                        verbose_name="muscle contractions",
                    ),
                ),
                (
                    "benefit_pain",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("worse", "Worse"),
                            ("none", "None"),
                            ("slight", "Slight"),
                            ("moderate", "Moderate"),
                            ("marked", "Marked"),
                        ],
                        max_length=10,
                        verbose_name="pain",
                    ),
                ),
                (
                    "benefit_motion",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("worse", "Worse"),
                            ("none", "None"),
                            ("slight", "Slight"),
                            ("moderate", "Moderate"),
                            ("marked", "Marked"),
                        ],
                        max_length=10,
                        verbose_name="range of motion",
                    ),
                ),
                (
                    "benefit_quality_of_life",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("worse", "Worse"),
                            ("none", "None"),
                            ("slight", "Slight"),
                            ("moderate", "Moderate"),
                            ("marked", "Marked"),
                        ],
                        max_length=10,
                        verbose_name="quality of life",
                    ),
                ),
                (
                    "benefit_control",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("worse", "Worse"),
                            ("none", "None"),
                            ("slight", "Slight"),
                            ("moderate", "Moderate"),
                            ("marked", "Marked"),
                        ],
                        max_length=10,
                        verbose_name="control of movement",
                    ),
                ),
                (
                    "benefit_daily_tasks",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("worse", "Worse"),
                            ("none", "None"),
                            ("slight", "Slight"),
                            ("moderate", "Moderate"),
                            ("marked", "Marked"),
                        ],
                        max_length=10,
                        verbose_name="daily tasks",
                    ),
                ),
                (
                    "impression",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("very_much_better", "Very much better"),
                            ("much_better", "Much better"),
                            ("a_little_better", "A little better"),
                            ("no_change", "No change"),
                            ("a_little_worse", "A little worse"),
                            ("much_worse", "Much worse"),
                            ("very_much_worse", "Very much worse"),
                        ],
                        max_length=20,
                        verbose_name="patient’s global impression",
                    ),
                ),
                ("words", clinic.text.Lines(blank=True, max_length=2000, verbose_name="patient’s words")),
                (
                    "share",
                    models.CharField(
                        blank=True, choices=[("yes", "Yes"), ("no", "No")], max_length=3, verbose_name="may be shared"
                    ),
                ),
                (
                    "share_on",
                    models.DateField(
                        blank=True,
                        null=True,
                        validators=[clinic.models.not_in_the_future],
                        verbose_name="consent to share, on",
                    ),
                ),
                (
                    "share_withdrawn_on",
                    models.DateField(
                        blank=True,
                        null=True,
                        validators=[clinic.models.not_in_the_future],
                        verbose_name="consent to share withdrawn, on",
                    ),
                ),
                ("note", clinic.text.Lines(blank=True, max_length=2000)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
            ],
            options={
                "verbose_name": "historical response",
                "verbose_name_plural": "historical responses",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalScore",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("value", planning.scores.ScoreValueField()),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
            ],
            options={
                "verbose_name": "historical score",
                "verbose_name_plural": "historical scores",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalSymptomFinding",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "symptom",
                    models.CharField(
                        choices=[
                            ("spasms", "Neck muscle spasms"),
                            ("discomfort", "Neck discomfort"),
                            ("limited_mobility", "Limited neck mobility"),
                            ("head_tilting", "Head tilting"),
                            ("head_twisting", "Head twisting"),
                            ("head_turning", "Head turning"),
                            ("head_position", "Trouble keeping the head in a normal position"),
                            ("head_pain", "Head pain"),
                            ("shoulder_pain", "Shoulder pain"),
                            ("upper_back_pain", "Upper-back pain"),
                            ("speaking", "Trouble speaking"),
                            ("swallowing", "Trouble swallowing"),
                        ],
                        max_length=20,
                    ),
                ),
                ("presence", models.CharField(choices=[("present", "Present"), ("absent", "Absent")], max_length=10)),
                (
                    "severity",
                    models.CharField(
                        blank=True,
                        choices=[("mild", "Mild"), ("moderate", "Moderate"), ("severe", "Severe")],
                        max_length=10,
                    ),
                ),
                (
                    "frequency",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("rarely", "Rarely"),
                            ("sometimes", "Sometimes"),
                            ("often", "Often"),
                            ("always", "All the time"),
                        ],
                        max_length=10,
                        verbose_name="how often",
                    ),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
            ],
            options={
                "verbose_name": "historical symptom finding",
                "verbose_name_plural": "historical symptom findings",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="InformationGiven",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("recorded_at", models.DateTimeField(default=clinic.models.now, editable=False)),
                ("error_reason", clinic.text.Line(blank=True, editable=False, max_length=300, verbose_name="why")),
                ("error_at", models.DateTimeField(editable=False, null=True)),
                ("title", clinic.text.Line(max_length=200)),
                ("leaflet_version", clinic.text.Line(blank=True, max_length=60, verbose_name="version of the leaflet")),
                ("given_by", clinic.text.Line(max_length=100, verbose_name="handed out by")),
                ("given_on", models.DateField(validators=[clinic.models.not_in_the_future], verbose_name="on")),
            ],
            options={
                "verbose_name_plural": "information given",
                "ordering": [models.OrderBy(models.F("error_at"), nulls_first=True), "-given_on", "-pk"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Instrument",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("retired_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("name", clinic.text.Line(max_length=60)),
                ("full_name", clinic.text.Line(blank=True, max_length=200)),
                ("lowest", planning.scores.ScoreValueField(verbose_name="lowest score")),
                ("highest", planning.scores.ScoreValueField(verbose_name="highest score")),
                (
                    "allows_fractions",
                    models.BooleanField(default=False, help_text="Otherwise a score is a whole number."),
                ),
                ("higher_is_worse", models.BooleanField(default=True)),
                (
                    "levels",
                    clinic.text.Lines(
                        blank=True,
                        help_text="What each whole score means, a line each from the lowest on; only where these texts are free.",
                        max_length=1000,
                    ),
                ),
                ("source", clinic.text.Line(blank=True, help_text="Where the range comes from.", max_length=300)),
                ("order", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "ordering": ["order", "name"],
            },
        ),
        migrations.CreateModel(
            name="PostureFinding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "posture",
                    models.CharField(
                        choices=[
                            ("torticollis", "Torticollis"),
                            ("torticaput", "Torticaput"),
                            ("laterocollis", "Laterocollis"),
                            ("laterocaput", "Laterocaput"),
                            ("antecollis", "Antecollis"),
                            ("antecaput", "Antecaput"),
                            ("retrocollis", "Retrocollis"),
                            ("retrocaput", "Retrocaput"),
                            ("lateral_shift", "Lateral shift"),
                            ("sagittal_shift", "Sagittal shift"),
                        ],
                        max_length=20,
                    ),
                ),
                ("side", models.CharField(blank=True, choices=[("right", "right"), ("left", "left")], max_length=10)),
            ],
        ),
        migrations.CreateModel(
            name="Response",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("recorded_at", models.DateTimeField(default=clinic.models.now, editable=False)),
                ("error_reason", clinic.text.Line(blank=True, editable=False, max_length=300, verbose_name="why")),
                ("error_at", models.DateTimeField(editable=False, null=True)),
                (
                    "effect",
                    models.CharField(
                        choices=[("response", "Response"), ("no_response", "No response"), ("not_known", "Not known")],
                        max_length=20,
                        verbose_name="effect",
                    ),
                ),
                (
                    "onset_day",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MaxValueValidator(3650)],
                        verbose_name="onset, on day",
                    ),
                ),
                (
                    "onset_on",
                    models.DateField(
                        blank=True, null=True, validators=[clinic.models.not_in_the_future], verbose_name="onset, on"
                    ),
                ),
                (
                    "peak_day",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MaxValueValidator(3650)],
                        verbose_name="peak, on day",
                    ),
                ),
                (
                    "peak_on",
                    models.DateField(
                        blank=True, null=True, validators=[clinic.models.not_in_the_future], verbose_name="peak, on"
                    ),
                ),
                (
                    "wearing_off_day",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MaxValueValidator(3650)],
                        verbose_name="wearing-off, on day",
                    ),
                ),
                (
                    "wearing_off_on",
                    models.DateField(
                        blank=True,
                        null=True,
                        validators=[clinic.models.not_in_the_future],
                        verbose_name="wearing-off, on",
                    ),
                ),
                (
                    "benefit_contractions",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("worse", "Worse"),
                            ("none", "None"),
                            ("slight", "Slight"),
                            ("moderate", "Moderate"),
                            ("marked", "Marked"),
                        ],
                        max_length=10,
                        verbose_name="muscle contractions",
                    ),
                ),
                (
                    "benefit_pain",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("worse", "Worse"),
                            ("none", "None"),
                            ("slight", "Slight"),
                            ("moderate", "Moderate"),
                            ("marked", "Marked"),
                        ],
                        max_length=10,
                        verbose_name="pain",
                    ),
                ),
                (
                    "benefit_motion",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("worse", "Worse"),
                            ("none", "None"),
                            ("slight", "Slight"),
                            ("moderate", "Moderate"),
                            ("marked", "Marked"),
                        ],
                        max_length=10,
                        verbose_name="range of motion",
                    ),
                ),
                (
                    "benefit_quality_of_life",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("worse", "Worse"),
                            ("none", "None"),
                            ("slight", "Slight"),
                            ("moderate", "Moderate"),
                            ("marked", "Marked"),
                        ],
                        max_length=10,
                        verbose_name="quality of life",
                    ),
                ),
                (
                    "benefit_control",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("worse", "Worse"),
                            ("none", "None"),
                            ("slight", "Slight"),
                            ("moderate", "Moderate"),
                            ("marked", "Marked"),
                        ],
                        max_length=10,
                        verbose_name="control of movement",
                    ),
                ),
                (
                    "benefit_daily_tasks",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("worse", "Worse"),
                            ("none", "None"),
                            ("slight", "Slight"),
                            ("moderate", "Moderate"),
                            ("marked", "Marked"),
                        ],
                        max_length=10,
                        verbose_name="daily tasks",
                    ),
                ),
                (
                    "impression",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("very_much_better", "Very much better"),
                            ("much_better", "Much better"),
                            ("a_little_better", "A little better"),
                            ("no_change", "No change"),
                            ("a_little_worse", "A little worse"),
                            ("much_worse", "Much worse"),
                            ("very_much_worse", "Very much worse"),
                        ],
                        max_length=20,
                        verbose_name="patient’s global impression",
                    ),
                ),
                ("words", clinic.text.Lines(blank=True, max_length=2000, verbose_name="patient’s words")),
                (
                    "share",
                    models.CharField(
                        blank=True, choices=[("yes", "Yes"), ("no", "No")], max_length=3, verbose_name="may be shared"
                    ),
                ),
                (
                    "share_on",
                    models.DateField(
                        blank=True,
                        null=True,
                        validators=[clinic.models.not_in_the_future],
                        verbose_name="consent to share, on",
                    ),
                ),
                (
                    "share_withdrawn_on",
                    models.DateField(
                        blank=True,
                        null=True,
                        validators=[clinic.models.not_in_the_future],
                        verbose_name="consent to share withdrawn, on",
                    ),
                ),
                ("note", clinic.text.Lines(blank=True, max_length=2000)),
            ],
            options={
                "abstract": False,
            },
            bases=(planning.models.course.WithDays, models.Model),
        ),
        migrations.CreateModel(
            name="Score",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("value", planning.scores.ScoreValueField()),
            ],
        ),
        migrations.CreateModel(
            name="SignedLot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("lot_number", clinic.text.Line(max_length=60)),
                (
                    "lot_key",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.Upper(
                            django.db.models.functions.text.Replace(
                                django.db.models.functions.text.Replace(
                                    django.db.models.functions.text.Replace(
                                        django.db.models.functions.text.Replace(
                                            django.db.models.functions.text.Replace(
                                                django.db.models.functions.text.Replace(
                                                    django.db.models.functions.text.Replace(
                                                        django.db.models.functions.text.Replace(
                                                            models.F("lot_number"), models.Value(" "), models.Value("")
                                                        ),
                                                        models.Value("-"),
                                                        models.Value(""),
                                                    ),
                                                    models.Value("‐"),
                                                    models.Value(""),
                                                ),
                                                models.Value("‑"),
                                                models.Value(""),
                                            ),
                                            models.Value("‒"),
                                            models.Value(""),
                                        ),
                                        models.Value("–"),
                                        models.Value(""),
                                    ),
                                    models.Value("—"),
                                    models.Value(""),
                                ),
                                models.Value("−"),
                                models.Value(""),
                            )
                        ),
                        output_field=models.CharField(max_length=60),
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SymptomFinding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "symptom",
                    models.CharField(
                        choices=[
                            ("spasms", "Neck muscle spasms"),
                            ("discomfort", "Neck discomfort"),
                            ("limited_mobility", "Limited neck mobility"),
                            ("head_tilting", "Head tilting"),
                            ("head_twisting", "Head twisting"),
                            ("head_turning", "Head turning"),
                            ("head_position", "Trouble keeping the head in a normal position"),
                            ("head_pain", "Head pain"),
                            ("shoulder_pain", "Shoulder pain"),
                            ("upper_back_pain", "Upper-back pain"),
                            ("speaking", "Trouble speaking"),
                            ("swallowing", "Trouble swallowing"),
                        ],
                        max_length=20,
                    ),
                ),
                ("presence", models.CharField(choices=[("present", "Present"), ("absent", "Absent")], max_length=10)),
                (
                    "severity",
                    models.CharField(
                        blank=True,
                        choices=[("mild", "Mild"), ("moderate", "Moderate"), ("severe", "Severe")],
                        max_length=10,
                    ),
                ),
                (
                    "frequency",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("rarely", "Rarely"),
                            ("sometimes", "Sometimes"),
                            ("often", "Often"),
                            ("always", "All the time"),
                        ],
                        max_length=10,
                        verbose_name="how often",
                    ),
                ),
            ],
        ),
        migrations.AlterModelOptions(
            name="consent",
            options={"ordering": [models.OrderBy(models.F("error_at"), nulls_first=True), "-given_on", "-pk"]},
        ),
        migrations.AddField(
            model_name="consent",
            name="error_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="consent",
            name="error_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="error_reason",
            field=clinic.text.Line(blank=True, editable=False, max_length=300, verbose_name="why"),
        ),
        migrations.AddField(
            model_name="consent",
            name="version",
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
        migrations.AlterField(
            model_name="consent",
            name="patient",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="consents",
                to="patients.patient",
            ),
        ),
        migrations.AlterField(
            model_name="consent",
            name="recorded_at",
            field=models.DateTimeField(default=clinic.models.now, editable=False),
        ),
        migrations.AlterField(
            model_name="consent",
            name="recorded_by",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("error_at", None), ("error_by", None), ("error_reason", "")),
                    models.Q(
                        models.Q(("error_reason", ""), _negated=True),
                        ("error_at__isnull", False),
                        ("error_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="planning_consent_error_has_reason_time_person",
            ),
        ),
        migrations.AddField(
            model_name="adverseevent",
            name="error_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="adverseevent",
            name="recorded_by",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="adverseevent",
            name="session",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="adverse_events",
                to="planning.injectionsession",
            ),
        ),
        migrations.AddField(
            model_name="adverseevent",
            name="visit",
            field=models.ForeignKey(
                blank=True,
                help_text="Left empty where it was told between visits.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="adverse_events",
                to="patients.visit",
                verbose_name="told at",
            ),
        ),
        migrations.AddField(
            model_name="assessment",
            name="error_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="assessment",
            name="recorded_by",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="assessment",
            name="unchanged_since",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="planning.assessment",
            ),
        ),
        migrations.AddField(
            model_name="assessment",
            name="visit",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="assessments",
                to="patients.visit",
            ),
        ),
        migrations.AddField(
            model_name="historicaladverseevent",
            name="error_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="historicaladverseevent",
            name="history_user",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="historicaladverseevent",
            name="recorded_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="historicaladverseevent",
            name="session",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="planning.injectionsession",
            ),
        ),
        migrations.AddField(
            model_name="historicaladverseevent",
            name="visit",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                help_text="Left empty where it was told between visits.",
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="patients.visit",
                verbose_name="told at",
            ),
        ),
        migrations.AddField(
            model_name="historicalassessment",
            name="error_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="historicalassessment",
            name="history_user",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="historicalassessment",
            name="recorded_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="historicalassessment",
            name="unchanged_since",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="planning.assessment",
            ),
        ),
        migrations.AddField(
            model_name="historicalassessment",
            name="visit",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="patients.visit",
            ),
        ),
        migrations.AddField(
            model_name="historicalinstrument",
            name="history_user",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="historicalposturefinding",
            name="assessment",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="planning.assessment",
            ),
        ),
        migrations.AddField(
            model_name="historicalposturefinding",
            name="history_user",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="historicalresponse",
            name="error_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="historicalresponse",
            name="history_user",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="historicalresponse",
            name="recorded_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="historicalresponse",
            name="session",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="planning.injectionsession",
            ),
        ),
        migrations.AddField(
            model_name="historicalresponse",
            name="visit",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="patients.visit",
            ),
        ),
        migrations.AddField(
            model_name="historicalscore",
            name="assessment",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="planning.assessment",
            ),
        ),
        migrations.AddField(
            model_name="historicalscore",
            name="history_user",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="historicalsymptomfinding",
            name="assessment",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="planning.assessment",
            ),
        ),
        migrations.AddField(
            model_name="historicalsymptomfinding",
            name="history_user",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="informationgiven",
            name="error_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="informationgiven",
            name="patient",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="information_given",
                to="patients.patient",
            ),
        ),
        migrations.AddField(
            model_name="informationgiven",
            name="recorded_by",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="instrument",
            name="part_of",
            field=models.ForeignKey(
                blank=True,
                help_text="The total that this is a subscale of.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="subscales",
                to="planning.instrument",
            ),
        ),
        migrations.AddField(
            model_name="historicalscore",
            name="instrument",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="planning.instrument",
            ),
        ),
        migrations.AddField(
            model_name="historicalinstrument",
            name="part_of",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                help_text="The total that this is a subscale of.",
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="planning.instrument",
            ),
        ),
        migrations.AddField(
            model_name="posturefinding",
            name="assessment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="postures", to="planning.assessment"
            ),
        ),
        migrations.AddField(
            model_name="response",
            name="error_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="response",
            name="recorded_by",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="response",
            name="session",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="responses",
                to="planning.injectionsession",
            ),
        ),
        migrations.AddField(
            model_name="response",
            name="visit",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="responses",
                to="patients.visit",
            ),
        ),
        migrations.AddField(
            model_name="score",
            name="assessment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="scores", to="planning.assessment"
            ),
        ),
        migrations.AddField(
            model_name="score",
            name="instrument",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="scores", to="planning.instrument"
            ),
        ),
        migrations.AddField(
            model_name="signedlot",
            name="record",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="lots", to="planning.signedrecord"
            ),
        ),
        migrations.AddField(
            model_name="symptomfinding",
            name="assessment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="symptoms", to="planning.assessment"
            ),
        ),
        migrations.AddField(
            model_name="vial",
            name="lot_key",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.db.models.functions.text.Upper(
                    django.db.models.functions.text.Replace(
                        django.db.models.functions.text.Replace(
                            django.db.models.functions.text.Replace(
                                django.db.models.functions.text.Replace(
                                    django.db.models.functions.text.Replace(
                                        django.db.models.functions.text.Replace(
                                            django.db.models.functions.text.Replace(
                                                django.db.models.functions.text.Replace(
                                                    models.F("lot_number"), models.Value(" "), models.Value("")
                                                ),
                                                models.Value("-"),
                                                models.Value(""),
                                            ),
                                            models.Value("‐"),
                                            models.Value(""),
                                        ),
                                        models.Value("‑"),
                                        models.Value(""),
                                    ),
                                    models.Value("‒"),
                                    models.Value(""),
                                ),
                                models.Value("–"),
                                models.Value(""),
                            ),
                            models.Value("—"),
                            models.Value(""),
                        ),
                        models.Value("−"),
                        models.Value(""),
                    )
                ),
                output_field=models.CharField(max_length=60),
            ),
        ),
        migrations.AddIndex(
            model_name="vial",
            index=models.Index(
                condition=models.Q(("lot_number", ""), _negated=True), fields=["lot_key"], name="planning_vial_by_lot"
            ),
        ),
        migrations.AddConstraint(
            model_name="adverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("error_at", None), ("error_by", None), ("error_reason", "")),
                    models.Q(
                        models.Q(("error_reason", ""), _negated=True),
                        ("error_at__isnull", False),
                        ("error_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="planning_adverseevent_error_has_reason_time_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="adverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("began_day", None), ("began_on", None), _connector="OR"),
                name="planning_adverseevent_began_is_a_number_or_a_date",
            ),
        ),
        migrations.AddConstraint(
            model_name="adverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("ended_day", None), ("ended_on", None), _connector="OR"),
                name="planning_adverseevent_ended_is_a_number_or_a_date",
            ),
        ),
        migrations.AddConstraint(
            model_name="adverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "dysphagia",
                            "neck_weakness",
                            "dry_mouth",
                            "voice_change",
                            "injection_site_pain",
                            "bruising",
                            "infection",
                            "headache",
                            "flu_like_symptoms",
                            "neck_pain_flare",
                            "shoulder_weakness",
                            "breathing_difficulty",
                            "double_vision",
                            "ptosis",
                            "generalised_weakness",
                            "hypersensitivity",
                            "fainting",
                            "wrong_site",
                            "other",
                        ],
                    )
                ),
                name="planning_adverseevent_kind_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="adverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "other"), _negated=True),
                    models.Q(("description", ""), _negated=True),
                    _connector="OR",
                ),
                name="planning_adverseevent_another_kind_is_described",
            ),
        ),
        migrations.AddConstraint(
            model_name="adverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("severity__in", ["", "mild", "moderate", "severe"])),
                name="planning_adverseevent_severity_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="adverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("serious__in", ["", "yes", "no"])), name="planning_adverseevent_serious_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="adverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "outcome__in",
                        ["", "recovered", "recovering", "not_recovered", "with_sequelae", "fatal", "not_known"],
                    )
                ),
                name="planning_adverseevent_outcome_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="adverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reported_to", ""), _negated=True),
                    models.Q(("report_reference", ""), ("reported_on", None)),
                    _connector="OR",
                ),
                name="planning_adverseevent_a_report_names_the_authority",
            ),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("error_at", None), ("error_by", None), ("error_reason", "")),
                    models.Q(
                        models.Q(("error_reason", ""), _negated=True),
                        ("error_at__isnull", False),
                        ("error_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="planning_assessment_error_has_reason_time_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("error_at", None)),
                fields=("visit",),
                name="planning_assessment_stands_once_at_a_visit",
            ),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.CheckConstraint(
                condition=models.Q(("tremor__in", ["", "present", "absent"])),
                name="planning_assessment_tremor_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.CheckConstraint(
                condition=models.Q(("jerk__in", ["", "present", "absent"])), name="planning_assessment_jerk_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.CheckConstraint(
                condition=models.Q(("sensory_trick__in", ["", "present", "absent"])),
                name="planning_assessment_sensory_trick_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="informationgiven",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("error_at", None), ("error_by", None), ("error_reason", "")),
                    models.Q(
                        models.Q(("error_reason", ""), _negated=True),
                        ("error_at__isnull", False),
                        ("error_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="planning_informationgiven_error_has_reason_time_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="informationgiven",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("title", ""), _negated=True), models.Q(("given_by", ""), _negated=True)),
                name="planning_informationgiven_says_what_and_by_whom",
            ),
        ),
        migrations.AddConstraint(
            model_name="instrument",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("name"),
                name="planning_instrument_names_are_unique_whatever_the_case",
                violation_error_message="Another instrument has this name.",
            ),
        ),
        migrations.AddConstraint(
            model_name="instrument",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="planning_instrument_has_a_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="instrument",
            constraint=models.CheckConstraint(
                condition=models.Q(("highest__gt", models.F("lowest"))),
                name="planning_instrument_has_a_range",
                violation_error_message="The highest score lies above the lowest.",
            ),
        ),
        migrations.AddConstraint(
            model_name="instrument",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("part_of", None), models.Q(("part_of", models.F("pk")), _negated=True), _connector="OR"
                ),
                name="planning_instrument_is_not_part_of_itself",
            ),
        ),
        migrations.AddConstraint(
            model_name="posturefinding",
            constraint=models.UniqueConstraint(
                fields=("assessment", "posture"), name="planning_posturefinding_stands_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="posturefinding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "posture__in",
                        [
                            "torticollis",
                            "torticaput",
                            "laterocollis",
                            "laterocaput",
                            "antecollis",
                            "antecaput",
                            "retrocollis",
                            "retrocaput",
                            "lateral_shift",
                            "sagittal_shift",
                        ],
                    )
                ),
                name="planning_posturefinding_posture_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="posturefinding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("posture__in", ("torticollis", "torticaput", "laterocollis", "laterocaput", "lateral_shift")),
                        ("side__in", ["right", "left"]),
                    ),
                    models.Q(
                        models.Q(
                            (
                                "posture__in",
                                ("torticollis", "torticaput", "laterocollis", "laterocaput", "lateral_shift"),
                            ),
                            _negated=True,
                        ),
                        ("side", ""),
                    ),
                    _connector="OR",
                ),
                name="planning_posturefinding_has_a_side_where_its_form_has_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("error_at", None), ("error_by", None), ("error_reason", "")),
                    models.Q(
                        models.Q(("error_reason", ""), _negated=True),
                        ("error_at__isnull", False),
                        ("error_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="planning_response_error_has_reason_time_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=models.CheckConstraint(
                condition=models.Q(("onset_day", None), ("onset_on", None), _connector="OR"),
                name="planning_response_onset_is_a_number_or_a_date",
            ),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=models.CheckConstraint(
                condition=models.Q(("peak_day", None), ("peak_on", None), _connector="OR"),
                name="planning_response_peak_is_a_number_or_a_date",
            ),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=models.CheckConstraint(
                condition=models.Q(("wearing_off_day", None), ("wearing_off_on", None), _connector="OR"),
                name="planning_response_wearing_off_is_a_number_or_a_date",
            ),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=models.UniqueConstraint(
                condition=models.Q(("error_at", None)),
                fields=("session", "visit"),
                name="planning_response_stands_once_for_a_session_at_a_visit",
            ),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=models.CheckConstraint(
                condition=models.Q(("effect__in", ["response", "no_response", "not_known"])),
                name="planning_response_effect_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("effect", "response"),
                    models.Q(
                        ("onset_day", None),
                        ("onset_on", None),
                        ("peak_day", None),
                        ("peak_on", None),
                        ("wearing_off_day", None),
                        ("wearing_off_on", None),
                    ),
                    _connector="OR",
                ),
                name="planning_response_only_an_effect_has_days",
            ),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=models.CheckConstraint(
                condition=models.Q(("benefit_contractions__in", ["", "worse", "none", "slight", "moderate", "marked"])),
                name="planning_response_benefit_contractions_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=models.CheckConstraint(
                condition=models.Q(("benefit_pain__in", ["", "worse", "none", "slight", "moderate", "marked"])),
                name="planning_response_benefit_pain_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=models.CheckConstraint(
                condition=models.Q(("benefit_motion__in", ["", "worse", "none", "slight", "moderate", "marked"])),
                name="planning_response_benefit_motion_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("benefit_quality_of_life__in", ["", "worse", "none", "slight", "moderate", "marked"])
                ),
                name="planning_response_benefit_quality_of_life_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=models.CheckConstraint(
                condition=models.Q(("benefit_control__in", ["", "worse", "none", "slight", "moderate", "marked"])),
                name="planning_response_benefit_control_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=models.CheckConstraint(
                condition=models.Q(("benefit_daily_tasks__in", ["", "worse", "none", "slight", "moderate", "marked"])),
                name="planning_response_benefit_daily_tasks_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "impression__in",
                        [
                            "",
                            "very_much_better",
                            "much_better",
                            "a_little_better",
                            "no_change",
                            "a_little_worse",
                            "much_worse",
                            "very_much_worse",
                        ],
                    )
                ),
                name="planning_response_impression_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=models.CheckConstraint(
                condition=models.Q(("share__in", ["", "yes", "no"])), name="planning_response_share_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("share", "yes"),
                        ("share_on__isnull", False),
                        models.Q(
                            ("share_withdrawn_on", None),
                            ("share_withdrawn_on__gte", models.F("share_on")),
                            _connector="OR",
                        ),
                    ),
                    models.Q(
                        models.Q(("share", "yes"), _negated=True), ("share_on", None), ("share_withdrawn_on", None)
                    ),
                    _connector="OR",
                ),
                name="planning_response_only_a_consent_has_a_day_or_is_withdrawn",
            ),
        ),
        migrations.AddConstraint(
            model_name="score",
            constraint=models.UniqueConstraint(fields=("assessment", "instrument"), name="planning_score_stands_once"),
        ),
        migrations.AddIndex(
            model_name="signedlot",
            index=models.Index(fields=["lot_key"], name="planning_signedlot_by_key"),
        ),
        migrations.AddConstraint(
            model_name="signedlot",
            constraint=models.UniqueConstraint(
                fields=("record", "lot_number"), name="planning_signedlot_stands_once_in_a_record"
            ),
        ),
        migrations.AddConstraint(
            model_name="symptomfinding",
            constraint=models.UniqueConstraint(
                fields=("assessment", "symptom"), name="planning_symptomfinding_stands_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="symptomfinding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "symptom__in",
                        [
                            "spasms",
                            "discomfort",
                            "limited_mobility",
                            "head_tilting",
                            "head_twisting",
                            "head_turning",
                            "head_position",
                            "head_pain",
                            "shoulder_pain",
                            "upper_back_pain",
                            "speaking",
                            "swallowing",
                        ],
                    )
                ),
                name="planning_symptomfinding_symptom_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="symptomfinding",
            constraint=models.CheckConstraint(
                condition=models.Q(("presence__in", ["present", "absent"])),
                name="planning_symptomfinding_presence_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="symptomfinding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("frequency__in", ["", "rarely", "sometimes", "often", "always"]),
                        ("presence", "present"),
                        ("severity__in", ["", "mild", "moderate", "severe"]),
                    ),
                    models.Q(("frequency", ""), ("presence", "absent"), ("severity", "")),
                    _connector="OR",
                ),
                name="planning_symptomfinding_only_what_is_present_has_a_degree",
            ),
        ),
    ]
