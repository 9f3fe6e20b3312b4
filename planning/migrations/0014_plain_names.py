import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("planning", "0013_sessions_elsewhere"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="amendment",
            name="planning_amendment_says_why",
        ),
        migrations.RemoveConstraint(
            model_name="assessment",
            name="planning_assessment_stands_once_at_a_visit",
        ),
        migrations.RemoveConstraint(
            model_name="consent",
            name="planning_consent_says_who_and_to_what",
        ),
        migrations.RemoveConstraint(
            model_name="errormark",
            name="planning_errormark_stands_once",
        ),
        migrations.RemoveConstraint(
            model_name="errormark",
            name="planning_errormark_says_why",
        ),
        migrations.RemoveConstraint(
            model_name="informationgiven",
            name="planning_informationgiven_says_what_and_by_whom",
        ),
        migrations.RemoveConstraint(
            model_name="injection",
            name="planning_injection_muscle_and_side_stand_once_without_a_vial",
        ),
        migrations.RemoveConstraint(
            model_name="injection",
            name="planning_injection_muscle_side_and_vial_stand_once",
        ),
        migrations.RemoveConstraint(
            model_name="injectionsession",
            name="planning_session_that_fell_with_its_visit_is_not_done",
        ),
        migrations.RemoveConstraint(
            model_name="instrument",
            name="planning_instrument_names_are_unique_whatever_the_case",
        ),
        migrations.RemoveConstraint(
            model_name="muscleset",
            name="planning_muscleset_names_are_unique_whatever_the_case",
        ),
        migrations.RemoveConstraint(
            model_name="musclesetentry",
            name="planning_musclesetentry_stands_once",
        ),
        migrations.RemoveConstraint(
            model_name="posturefinding",
            name="planning_posturefinding_stands_once",
        ),
        migrations.RemoveConstraint(
            model_name="product",
            name="planning_product_brand_names_are_unique_whatever_the_case",
        ),
        migrations.RemoveConstraint(
            model_name="response",
            name="planning_response_stands_once_for_a_session_at_a_visit",
        ),
        migrations.RemoveConstraint(
            model_name="score",
            name="planning_score_stands_once",
        ),
        migrations.RemoveConstraint(
            model_name="signedlot",
            name="planning_signedlot_stands_once_in_a_record",
        ),
        migrations.RemoveConstraint(
            model_name="symptomfinding",
            name="planning_symptomfinding_stands_once",
        ),
        migrations.AddConstraint(
            model_name="amendment",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="planning_amendment_has_a_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("error_at", None)),
                fields=("visit",),
                name="planning_assessment_is_unique_at_a_visit",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("given_by", ""), _negated=True), models.Q(("form_version", ""), _negated=True)
                ),
                name="planning_consent_has_a_giver_and_a_form",
            ),
        ),
        migrations.AddConstraint(
            model_name="errormark",
            constraint=models.UniqueConstraint(
                condition=models.Q(("undone_at", None)), fields=("session",), name="planning_errormark_is_active_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="errormark",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="planning_errormark_has_a_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="informationgiven",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("title", ""), _negated=True), models.Q(("given_by", ""), _negated=True)),
                name="planning_informationgiven_has_a_title_and_a_giver",
            ),
        ),
        migrations.AddConstraint(
            model_name="injection",
            constraint=models.UniqueConstraint(
                condition=models.Q(("removed_at", None), ("vial", None)),
                fields=("session", "muscle", "side"),
                name="planning_injection_muscle_and_side_are_unique_without_a_vial",
            ),
        ),
        migrations.AddConstraint(
            model_name="injection",
            constraint=models.UniqueConstraint(
                condition=models.Q(("removed_at", None), ("vial__isnull", False)),
                fields=("session", "muscle", "side", "vial"),
                name="planning_injection_muscle_side_and_vial_are_unique",
            ),
        ),
        migrations.AddConstraint(
            model_name="injectionsession",
            constraint=models.CheckConstraint(
                condition=models.Q(("cancelled_with_visit", False), ("not_done_at__isnull", False), _connector="OR"),
                name="planning_session_cancelled_with_its_visit_is_not_done",
            ),
        ),
        migrations.AddConstraint(
            model_name="instrument",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("name"),
                name="planning_instrument_names_are_unique_ignoring_case",
                violation_error_message="Another instrument has this name.",
            ),
        ),
        migrations.AddConstraint(
            model_name="muscleset",
            constraint=models.UniqueConstraint(
                models.F("owner"),
                django.db.models.functions.text.Lower("name"),
                name="planning_muscleset_names_are_unique_ignoring_case",
            ),
        ),
        migrations.AddConstraint(
            model_name="musclesetentry",
            constraint=models.UniqueConstraint(
                fields=("muscle_set", "muscle", "side"), name="planning_musclesetentry_is_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="posturefinding",
            constraint=models.UniqueConstraint(
                fields=("assessment", "posture"), name="planning_posturefinding_is_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("brand_name"),
                name="planning_product_brand_names_are_unique_ignoring_case",
                violation_error_message="Another product has this brand name.",
            ),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=models.UniqueConstraint(
                condition=models.Q(("error_at", None)),
                fields=("session", "visit"),
                name="planning_response_is_unique_for_a_session_at_a_visit",
            ),
        ),
        migrations.AddConstraint(
            model_name="score",
            constraint=models.UniqueConstraint(fields=("assessment", "instrument"), name="planning_score_is_unique"),
        ),
        migrations.AddConstraint(
            model_name="signedlot",
            constraint=models.UniqueConstraint(
                fields=("record", "lot_number"), name="planning_signedlot_is_unique_in_a_record"
            ),
        ),
        migrations.AddConstraint(
            model_name="symptomfinding",
            constraint=models.UniqueConstraint(
                fields=("assessment", "symptom"), name="planning_symptomfinding_is_unique"
            ),
        ),
    ]
