"""For each page one statement that reads its rows. If a page shows patients, the first column is the patient's id."""

BEGINS_WITH = "(SELECT patient_id FROM patients_patientkey WHERE key >= %(word)s AND key < %(word)s || chr(1114111){})"
FOUND = """
    SELECT id, record_number, family_name, given_name, date_of_birth::text, sex, phone, status
    FROM patients_patient WHERE """
BY_NAME = "ORDER BY status <> 'active', sort_name, date_of_birth, id LIMIT 20"
SEARCH = f"{FOUND} id IN {BEGINS_WITH.format(' ORDER BY key, patient_id LIMIT 500')} {BY_NAME}"
SEARCH_TWO_WORDS = (
    f"{FOUND} id IN {BEGINS_WITH.format('')} AND id IN {BEGINS_WITH.format('').replace('word', 'other')} {BY_NAME}"
)
OPEN_FOLLOW_UPS = """
    SELECT p.id, f.due_on::text, f.kind, f.why, p.record_number, p.family_name, p.given_name, p.date_of_birth::text,
        p.phone, c.printed_name
    FROM patients_followup f JOIN patients_patient p ON p.id = f.patient_id JOIN clinic_user c ON c.id = f.clinician_id
    WHERE f.closed_at IS NULL AND (f.booked_visit_id IS NULL OR (SELECT state FROM patients_visit
    WHERE id = f.booked_visit_id) NOT IN ('booked', 'arrived', 'finished'))
    ORDER BY f.due_on, f.id
"""
VISITS_BETWEEN = """
    SELECT p.id, v.starts_at::text, v.kind, v.state, p.record_number, p.family_name, p.given_name,
        p.date_of_birth::text, p.phone, c.printed_name
    FROM patients_visit v JOIN patients_patient p ON p.id = v.patient_id JOIN clinic_user c ON c.id = v.clinician_id
    WHERE v.starts_at >= %(from)s AND v.starts_at < %(to)s AND (%(clinician)s = 0 OR c.id = %(clinician)s)
    ORDER BY v.starts_at, v.id
"""
TODAY = f"(SELECT * FROM ({VISITS_BETWEEN}) v) UNION ALL (SELECT * FROM ({OPEN_FOLLOW_UPS} LIMIT 12) f)"
VISITS_OF = """
    SELECT p.id, v.starts_at::text, v.kind, v.state, c.printed_name, p.record_number, p.family_name, p.given_name,
        product.brand_name, string_agg(m.name || ' ' || i.side, ' · ' ORDER BY i.id)
    FROM patients_patient p JOIN patients_visit v ON v.patient_id = p.id JOIN clinic_user c ON c.id = v.clinician_id
    LEFT JOIN planning_injectionsession s ON s.visit_id = v.id LEFT JOIN planning_product product
    ON product.id = s.product_id LEFT JOIN planning_injection i ON i.session_id = s.id
    LEFT JOIN planning_muscle m ON m.id = i.muscle_id
    WHERE {} GROUP BY v.id, c.id, p.id, s.id, product.id ORDER BY v.starts_at DESC
"""
SESSION = """
    SELECT v.patient_id, m.name, m.latin_name, m.short_name, m.map_place, i.side, i.planned_dose, i.given_dose,
        i.sites, i.guidance
    FROM planning_injectionsession s JOIN patients_visit v ON v.id = s.visit_id CROSS JOIN planning_muscle m
    LEFT JOIN planning_injection i ON i.muscle_id = m.id AND i.session_id = s.id
    WHERE s.id = %(session)s AND m.retired_at IS NULL ORDER BY i.id, m."order"
"""
INJECTIONS = """
    SELECT v.patient_id, m.name, i.side, i.planned_dose, i.given_dose, i.sites, i.guidance, l.lot_number
    FROM planning_injectionsession s JOIN patients_visit v ON v.id = s.visit_id
    JOIN planning_injection i ON i.session_id = s.id JOIN planning_muscle m ON m.id = i.muscle_id
    LEFT JOIN planning_vial l ON l.id = i.vial_id WHERE s.id = %(session)s ORDER BY i.id
"""
RECORD = """
    SELECT p.id, r.content_text, r.signer_name, r.signed_at, r.hash, v.starts_at::text, p.record_number, p.family_name
    FROM planning_signedrecord r JOIN planning_injectionsession s ON s.id = r.session_id
    JOIN patients_visit v ON v.id = s.visit_id JOIN patients_patient p ON p.id = v.patient_id
    WHERE s.id = %(session)s
"""
UNATTENDED = """
    SELECT p.id, p.record_number, p.family_name, p.given_name, p.date_of_birth::text, p.phone
    FROM patients_patient p
    WHERE p.status = 'active' AND p.same_as_id IS NULL AND p.no_follow_up_reason = ''
    AND NOT EXISTS (SELECT 1 FROM patients_visit v WHERE v.patient_id = p.id AND v.state IN ('booked', 'arrived')
    AND v.starts_at >= %(day)s)
    AND NOT EXISTS (SELECT 1 FROM patients_followup f WHERE f.patient_id = p.id AND f.closed_at IS NULL
    AND (f.booked_visit_id IS NULL OR (SELECT state FROM patients_visit WHERE id = f.booked_visit_id)
    NOT IN ('booked', 'arrived', 'finished')))
    ORDER BY p.sort_name, p.date_of_birth, p.id LIMIT 50
"""
OVERVIEW = """
    SELECT date_trunc('month', v.starts_at)::date::text, c.printed_name, v.state, count(*)::text,
        count(DISTINCT v.patient_id)::text
    FROM patients_visit v JOIN clinic_user c ON c.id = v.clinician_id
    WHERE v.starts_at >= %(from)s AND v.starts_at < %(to)s GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
VISITS_AFTER = """
    SELECT v.patient_id, v.id, p.record_number, v.clinician_id, c.printed_name, v.kind, v.starts_at::text, v.minutes,
        v.ends_at::text, v.state, v.reason, v.outside_note, v.moved_from_id, m.id, v.version
    FROM patients_visit v JOIN patients_patient p ON p.id = v.patient_id JOIN clinic_user c ON c.id = v.clinician_id
    LEFT JOIN patients_visit m ON m.moved_from_id = v.id
    WHERE v.starts_at >= %(starts_at)s AND (v.starts_at > %(starts_at)s OR v.id > %(id)s)
    ORDER BY v.starts_at, v.id LIMIT 101
"""
STATEMENTS = {
    "empty": "SELECT name FROM clinic_clinic",
    "search": SEARCH,
    "search-two-words": SEARCH_TWO_WORDS,
    "today": TODAY,
    "patient": VISITS_OF.format("p.id = %(patient)s"),
    "visit": VISITS_OF.format("v.id = %(visit)s"),
    "session": SESSION,
    "sign": INJECTIONS,
    "record": RECORD,
    "diary": VISITS_BETWEEN,
    "unattended": UNATTENDED,
    "overview": OVERVIEW,
    "visits": VISITS_AFTER,
    "follow-ups": f"{OPEN_FOLLOW_UPS} LIMIT 50",
}
WITHOUT_PATIENTS = {"empty", "overview"}
