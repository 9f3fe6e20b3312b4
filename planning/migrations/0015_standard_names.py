from django.db import migrations, models

from clinic.records.renamed_triggers import rename_triggers

RULES = {
    **{
        f"planning_{table}_is_only_added_to": f"planning_{table}_is_append_only"
        for table in ("signedrecord", "signedlot", "lotspelling", "lettersending", "dataexport")
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
    "planning_letter_is_kept_as_signed_off": "planning_letter_is_read_only_after_sign_off",
}


class Migration(migrations.Migration):
    """The column keeps its name, because an earlier version can serve next to this one."""

    dependencies = [
        ("planning", "0014_plain_names"),
    ]

    operations = [
        rename_triggers(RULES),
        migrations.AddConstraint(
            "muscle",
            models.UniqueConstraint(
                condition=models.Q(models.Q(("map_place", ""), _negated=True), ("retired_at", None)),
                fields=("map_place",),
                name="planning_muscle_map_place_is_unique",
                violation_error_message="Another muscle has this position on the map.",
            ),
        ),
        migrations.RemoveConstraint("muscle", "planning_muscle_has_its_place_on_the_map_alone"),
        migrations.AddConstraint(
            "muscle",
            models.CheckConstraint(
                condition=models.Q(
                    (
                        "map_place__in",
                        [
                            "",
                            "sternocleidomastoid",
                            "scalene",
                            "levator-scapulae",
                            "longus-colli",
                            "masseter",
                            "submental",
                            "splenius-capitis",
                            "trapezius",
                            "longissimus",
                            "obliquus-capitis-inferior",
                            "semispinalis-capitis",
                        ],
                    )
                ),
                name="planning_muscle_map_place_is_known",
            ),
        ),
        migrations.RemoveConstraint("muscle", "planning_muscle_place_is_drawn"),
        migrations.AddConstraint(
            "posturefinding",
            models.CheckConstraint(
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
                name="planning_posturefinding_side_matches_its_posture",
            ),
        ),
        migrations.RemoveConstraint("posturefinding", "planning_posturefinding_has_a_side_where_its_form_has_one"),
        migrations.AddConstraint(
            "symptomfinding",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("frequency__in", ["", "rarely", "sometimes", "often", "always"]),
                        ("presence", "present"),
                        ("severity__in", ["", "mild", "moderate", "severe"]),
                    ),
                    models.Q(("frequency", ""), ("presence", "absent"), ("severity", "")),
                    _connector="OR",
                ),
                name="planning_symptomfinding_degree_only_if_present",
            ),
        ),
        migrations.RemoveConstraint("symptomfinding", "planning_symptomfinding_only_what_is_present_has_a_degree"),
        migrations.AddConstraint(
            "injectionsession",
            models.CheckConstraint(
                condition=models.Q(("recording_since", None), ("recorder__isnull", False), _connector="OR"),
                name="planning_session_recording_has_a_recorder",
            ),
        ),
        migrations.RemoveConstraint("injectionsession", "planning_session_recorder_from_the_first_recording"),
        migrations.AddConstraint(
            "response",
            models.CheckConstraint(
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
                name="planning_response_share_dates_need_consent",
            ),
        ),
        migrations.RemoveConstraint("response", "planning_response_only_a_consent_has_a_day_or_is_withdrawn"),
        migrations.AddConstraint(
            "adverseevent",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "other"), _negated=True),
                    models.Q(("description", ""), _negated=True),
                    _connector="OR",
                ),
                name="planning_adverseevent_other_kind_has_a_description",
            ),
        ),
        migrations.RemoveConstraint("adverseevent", "planning_adverseevent_another_kind_is_described"),
        migrations.AddConstraint(
            "adverseevent",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reported_to", ""), _negated=True),
                    models.Q(("report_reference", ""), ("reported_on", None)),
                    _connector="OR",
                ),
                name="planning_adverseevent_report_has_an_authority",
            ),
        ),
        migrations.RemoveConstraint("adverseevent", "planning_adverseevent_a_report_names_the_authority"),
        migrations.AddConstraint(
            "dataexport",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("dates__in", ["shifted", "kept"]), ("kind", "research")),
                    models.Q(models.Q(("kind", "research"), _negated=True), ("dates", "")),
                    _connector="OR",
                ),
                name="planning_dataexport_dates_match_its_kind",
            ),
        ),
        migrations.RemoveConstraint("dataexport", "planning_dataexport_for_research_says_what_happens_to_dates"),
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
