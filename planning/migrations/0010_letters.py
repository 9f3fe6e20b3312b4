"""Letters about a session, with the shipped templates."""

import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import clinic.records.models
import clinic.records.text
from clinic.records.created_models import together

AFTER_A_SESSION = """Dear colleague,

Thank you for referring this patient.

On {date} I treated the cervical dystonia with botulinum toxin.

Findings: {findings}

Product: {product}

Injections, as recorded and signed:

{injections}

Response to the session before: {response}

Next visit: {next_visit}

Yours sincerely,

{clinician}"""
NOT_TODAY = """Dear colleague,

I saw this patient on {date}. The planned treatment with botulinum toxin was not given: {reason}

Findings: {findings}

Next visit: {next_visit}

Yours sincerely,

{clinician}"""
SHIPPED = [("After a session", "record", AFTER_A_SESSION), ("Not today", "not_done", NOT_TODAY)]


def fill(apps, schema_editor):
    templates = apps.get_model("planning", "LetterTemplate").objects
    for order, (name, about, text) in enumerate(SHIPPED, start=1):
        templates.create(name=name, about=about, text=text, order=order * 10)


class Migration(migrations.Migration):
    dependencies = [
        ("planning", "0009_record_macs"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="HistoricalLetterTemplate",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("retired_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("name", clinic.records.text.Line(max_length=100)),
                (
                    "about",
                    models.CharField(
                        choices=[("record", "A signed record"), ("not_done", "A session that was not done")],
                        max_length=20,
                        verbose_name="is about",
                    ),
                ),
                (
                    "text",
                    clinic.records.text.Lines(
                        help_text="A signed record: {patient} {date} {findings} {response} {next_visit} {clinician} {product} {muscles} {injections}; A session that was not done: {patient} {date} {findings} {response} {next_visit} {clinician} {reason}",
                        max_length=4000,
                    ),
                ),
                ("order", models.PositiveSmallIntegerField(default=0)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical letter template",
                "verbose_name_plural": "historical letter templates",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Letter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("recorded_at", models.DateTimeField(default=clinic.records.models.now, editable=False)),
                (
                    "error_reason",
                    clinic.records.text.Line(blank=True, editable=False, max_length=300, verbose_name="why"),
                ),
                ("error_at", models.DateTimeField(editable=False, null=True)),
                ("template_name", clinic.records.text.Line(editable=False, max_length=100)),
                (
                    "recipient",
                    clinic.records.text.Lines(
                        help_text="Name and address, as on the envelope.", max_length=500, verbose_name="to"
                    ),
                ),
                ("text", clinic.records.text.Lines(max_length=8000, verbose_name="letter")),
                ("signed_off_at", models.DateTimeField(editable=False, null=True)),
                (
                    "signed_off_as",
                    clinic.records.text.Line(
                        blank=True, editable=False, max_length=100, verbose_name="name of the signer"
                    ),
                ),
                ("full_text", models.TextField(blank=True, editable=False)),
                (
                    "error_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        editable=False,
                        help_text="The signed record that it is about; empty for a session that was not done.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letters",
                        to="planning.signedrecord",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "replaces",
                    models.OneToOneField(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replaced_by",
                        to="planning.letter",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letters",
                        to="planning.injectionsession",
                    ),
                ),
                (
                    "signed_off_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="HistoricalLetter",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("recorded_at", models.DateTimeField(default=clinic.records.models.now, editable=False)),
                (
                    "error_reason",
                    clinic.records.text.Line(blank=True, editable=False, max_length=300, verbose_name="why"),
                ),
                ("error_at", models.DateTimeField(editable=False, null=True)),
                ("template_name", clinic.records.text.Line(editable=False, max_length=100)),
                (
                    "recipient",
                    clinic.records.text.Lines(
                        help_text="Name and address, as on the envelope.", max_length=500, verbose_name="to"
                    ),
                ),
                ("text", clinic.records.text.Lines(max_length=8000, verbose_name="letter")),
                ("signed_off_at", models.DateTimeField(editable=False, null=True)),
                (
                    "signed_off_as",
                    clinic.records.text.Line(
                        blank=True, editable=False, max_length=100, verbose_name="name of the signer"
                    ),
                ),
                ("full_text", models.TextField(blank=True, editable=False)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "error_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        help_text="The signed record that it is about; empty for a session that was not done.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="planning.signedrecord",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="planning.injectionsession",
                    ),
                ),
                (
                    "signed_off_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "replaces",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="planning.letter",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical letter",
                "verbose_name_plural": "historical letters",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="LetterSending",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "how",
                    models.CharField(
                        choices=[
                            ("post", "Post"),
                            ("fax", "Fax"),
                            ("email", "Encrypted email"),
                            ("portal", "Hospital system"),
                            ("handed", "Given to the patient"),
                        ],
                        max_length=20,
                    ),
                ),
                ("sent_on", models.DateField(validators=[clinic.records.models.not_in_the_future], verbose_name="on")),
                ("note", clinic.records.text.Line(blank=True, max_length=300)),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "letter",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sendings",
                        to="planning.letter",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="LetterTemplate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("retired_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("name", clinic.records.text.Line(max_length=100)),
                (
                    "about",
                    models.CharField(
                        choices=[("record", "A signed record"), ("not_done", "A session that was not done")],
                        max_length=20,
                        verbose_name="is about",
                    ),
                ),
                (
                    "text",
                    clinic.records.text.Lines(
                        help_text="A signed record: {patient} {date} {findings} {response} {next_visit} {clinician} {product} {muscles} {injections}; A session that was not done: {patient} {date} {findings} {response} {next_visit} {clinician} {reason}",
                        max_length=4000,
                    ),
                ),
                ("order", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "ordering": ["order", "name"],
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("name"),
                        name="planning_lettertemplate_names_are_unique_ignoring_case",
                        violation_error_message="Another template has this name.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="planning_lettertemplate_has_a_name"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True), name="planning_lettertemplate_has_a_text"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("about__in", ["record", "not_done"])),
                        name="planning_lettertemplate_about_is_known",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="letter",
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
                name="planning_letter_error_has_reason_time_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(("text", ""), _negated=True), name="planning_letter_has_a_text"
            ),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(("recipient", ""), _negated=True), name="planning_letter_has_a_recipient"
            ),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("full_text", ""), ("signed_off_as", ""), ("signed_off_at", None), ("signed_off_by", None)
                    ),
                    models.Q(
                        ("signed_off_at__isnull", False),
                        ("signed_off_by__isnull", False),
                        models.Q(("signed_off_as", ""), _negated=True),
                        models.Q(("full_text", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="planning_letter_is_signed_off_by_a_person_with_its_text",
            ),
        ),
        migrations.AddConstraint(
            model_name="lettersending",
            constraint=models.CheckConstraint(
                condition=models.Q(("how__in", ["post", "fax", "email", "portal", "handed"])),
                name="planning_lettersending_way_is_known",
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
    operations = together(operations)
