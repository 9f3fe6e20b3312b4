"""Escapes that are no guards, because no value of theirs is text that somebody typed: they only keep the HTML correct.

By module, a part of each call. The values are URLs, labels and figures of the code, or HTML that is escaped already.
"""

UNTYPED = {
    "clinic/accounts/admin.py": ("Set another password",),
    "clinic/records/date_fields.py": ("date-text", "super().render(", "data-date="),
    "patients/front_desk/diary_html.py": (
        'purpose["url"]',
        "get_moving_url()",
        "get_absolute_url()",
        "get_state_display()",
        "get_kind_display()",
        "escape(query)",
    ),
    "patients/front_desk/views/slips.py": ("Print the slip",),
    "patients/front_desk/views/visits.py": ("booked_from_list(visit)", "get_absolute_url(), visit)"),
    "patients/front_desk/waiting_rows.py": ("#waiting", "On the waiting list, {}"),
    "planning/catalogue/admin.py": ("version-{}",),
    "planning/catalogue/neck_map.py": ("data-muscle=", 'class="hit{}"'),
    "planning/course/bars.py": ("escape(text)",),
    "planning/course/timeline_svg.py": ("escape(bound)", "panel.direction", "mark.url", "escape(label)"),
    "planning/pages/visit_rows.py": (
        "step.url",
        "step.label",
        "get_full_path()",
        '"patient_url"',
        'row["url"]',
        'row["kind"]',
        "'born'",
        "'record_number'",
        "state.label",
    ),
}


def is_untyped(path, source):
    return any(part in source for part in UNTYPED.get(path, ()))
