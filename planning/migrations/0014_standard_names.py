from django.db import migrations, models

from clinic.records.renamed_constraints import RenameConstraints
from clinic.records.renamed_triggers import rename_triggers

TRIGGERS = {
    **{
        f"planning_{table}_is_only_added_to": f"planning_{table}_is_append_only"
        for table in ("signedrecord", "signedlot", "lotspelling")
    },
    **{
        f"planning_{table}_is_kept_as_signed": f"planning_{table}_is_read_only_after_signing"
        for table in ("injection", "vial", "injectionsession")
    },
    **{
        f"planning_{table}_names_a_lot_that_is_found": f"planning_{table}_lot_number_has_a_spelling"
        for table in ("vial", "signedlot")
    },
    "planning_amendment_keeps_what_it_says": "planning_amendment_can_only_be_ended",
    "planning_errormark_keeps_what_it_says": "planning_errormark_can_only_be_ended",
    "planning_a_record_is_of_a_session_that_says_so": "planning_signedrecord_needs_a_signed_session",
    "planning_session_keeps_when_it_was_signed": "planning_session_signed_at_does_not_change",
    "planning_session_keeps_its_visit": "planning_session_visit_changes_only_by_a_move",
    "planning_injection_keeps_its_muscle_and_side": "planning_injection_muscle_and_side_do_not_change",
    "planning_score_lies_in_its_range": "planning_score_is_in_range",
}

CONSTRAINTS = {
    "assessment": {
        "planning_assessment_stands_once_at_a_visit": "planning_assessment_is_unique_at_a_visit",
    },
    "consent": {
        "planning_consent_says_who_and_to_what": "planning_consent_has_a_giver_and_a_form",
    },
    "informationgiven": {
        "planning_informationgiven_says_what_and_by_whom": "planning_informationgiven_has_a_title_and_a_giver",
    },
    "injectionsession": {
        "planning_session_that_fell_with_its_visit_is_not_done": "planning_session_cancelled_with_its_visit_is_not_done",
        "planning_session_recorder_from_the_first_recording": "planning_session_recording_has_a_recorder",
    },
    "errormark": {
        "planning_errormark_stands_once": "planning_errormark_is_active_once",
        "planning_errormark_says_why": "planning_errormark_has_a_reason",
    },
    "adverseevent": {
        "planning_adverseevent_another_kind_is_described": "planning_adverseevent_other_kind_has_a_description",
        "planning_adverseevent_a_report_names_the_authority": "planning_adverseevent_report_has_an_authority",
    },
    "instrument": {
        "planning_instrument_names_are_unique_whatever_the_case": "planning_instrument_names_are_unique_ignoring_case",
    },
    "muscle": {
        "planning_muscle_has_its_place_on_the_map_alone": "planning_muscle_map_place_is_unique",
        "planning_muscle_place_is_drawn": "planning_muscle_map_place_is_known",
    },
    "muscleset": {
        "planning_muscleset_names_are_unique_whatever_the_case": "planning_muscleset_names_are_unique_ignoring_case",
    },
    "musclesetentry": {
        "planning_musclesetentry_stands_once": "planning_musclesetentry_is_unique",
    },
    "posturefinding": {
        "planning_posturefinding_stands_once": "planning_posturefinding_is_unique",
        "planning_posturefinding_has_a_side_where_its_form_has_one": "planning_posturefinding_side_matches_its_posture",
    },
    "product": {
        "planning_product_brand_names_are_unique_whatever_the_case": "planning_product_brand_names_are_unique_ignoring_case",
    },
    "response": {
        "planning_response_stands_once_for_a_session_at_a_visit": "planning_response_is_unique_for_a_session_at_a_visit",
        "planning_response_only_a_consent_has_a_day_or_is_withdrawn": "planning_response_share_dates_need_consent",
    },
    "score": {
        "planning_score_stands_once": "planning_score_is_unique",
    },
    "signedlot": {
        "planning_signedlot_stands_once_in_a_record": "planning_signedlot_is_unique_in_a_record",
    },
    "amendment": {
        "planning_amendment_says_why": "planning_amendment_has_a_reason",
    },
    "symptomfinding": {
        "planning_symptomfinding_stands_once": "planning_symptomfinding_is_unique",
        "planning_symptomfinding_only_what_is_present_has_a_degree": "planning_symptomfinding_degree_only_if_present",
    },
    "injection": {
        "planning_injection_muscle_and_side_stand_once_without_a_vial": "planning_injection_muscle_and_side_are_unique_without_a_vial",
        "planning_injection_muscle_side_and_vial_stand_once": "planning_injection_muscle_side_and_vial_are_unique",
    },
}


class Migration(migrations.Migration):
    """The column of the renamed field keeps its name."""

    dependencies = [
        ("planning", "0013_sessions_elsewhere"),
    ]

    operations = [
        rename_triggers(TRIGGERS),
        RenameConstraints(CONSTRAINTS),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                operation
                for model in ("reasonnotgiven", "historicalreasonnotgiven")
                for operation in (
                    migrations.AlterField(
                        model,
                        "asks_for_words",
                        models.BooleanField(
                            "ask for the reason",
                            db_column="asks_for_words",
                            default=False,
                            help_text="The user types the reason in their own words, as for “other”.",
                        ),
                    ),
                    migrations.RenameField(model, "asks_for_words", "needs_explanation"),
                )
            ]
        ),
    ]
