"""Which pages are measured, and the parameters of their floor's statement; they show the same rows in each database."""

import base64
import json
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlencode

ROWS_OF_A_PAGE = 100
AN_ARRIVED_PATIENT = """
    SELECT s.id, v.id, p.id, v.clinician_id, p.record_number, p.family_name, p.date_of_birth, v.starts_at::date
    FROM planning_injectionsession s JOIN patients_visit v ON v.id = s.visit_id
    JOIN patients_patient p ON p.id = v.patient_id JOIN clinic_user u ON u.id = v.clinician_id
    WHERE v.state = 'arrived' AND u.username = 'neurologist' ORDER BY s.id LIMIT 1
"""
LAST_SIGNED = """
    SELECT s.id FROM planning_injectionsession s JOIN patients_visit v ON v.id = s.visit_id
    WHERE v.patient_id = %s AND s.signed_at IS NOT NULL ORDER BY v.starts_at DESC LIMIT 1
"""


@dataclass(frozen=True)
class Page:
    name: str
    username: str
    path: str
    statement: str = "empty"
    parameters: dict = field(default_factory=dict)
    searched: str = ""

    def request(self):
        """What Browser.open() takes."""
        return (self.path, {"q": self.searched}) if self.searched else self.path

    def bare(self):
        return f"/bare/{self.statement}/?{urlencode(self.parameters)}"

    def floor(self, *, user, size):
        """For a page of that many bytes, opened by the user with that id."""
        return f"/floor/{self.statement}/?{urlencode({**self.parameters, 'user': user, 'bytes': size})}"


def pages(ask):
    """`ask` sends a statement with its parameters to the database, and returns its rows."""
    session, visit, patient, clinician, record_number, family_name, born, day = ask(AN_ARRIVED_PATIENT)[0]
    signed = ask(LAST_SIGNED, [patient])[0][0]
    monday = day - timedelta(days=day.weekday())
    searched = f"{family_name} {born}"
    words = {"word": family_name.lower(), "other": born.replace("-", "")}
    own = {**days(day, 1), "clinician": clinician}
    return [
        Page("empty", "desk", "/help/"),
        Page("search", "desk", "/patients/", "search", {"word": "test"}, "test"),
        Page("search, a record number", "desk", "/patients/", "search",
             {"word": record_number.replace("-", "").lower()}, record_number),
        Page("search, a name and a birth date", "desk", "/patients/", "search-two-words", words, searched),
        Page("today", "desk", f"/?day={day}", "today", days(day, 1)),
        Page("today, one neurologist", "neurologist", f"/?day={day}", "today", own),
        Page("patient", "neurologist", f"/patients/{patient}/", "patient", {"patient": patient}),
        Page("visit", "neurologist", f"/visits/{visit}/", "visit", {"visit": visit}),
        Page("session", "neurologist", f"/sessions/{session}/", "session", {"session": session}),
        Page("sign page", "neurologist", f"/sessions/{session}/sign/", "sign", {"session": session}),
        Page("signed record", "neurologist", f"/sessions/{signed}/", "record", {"session": signed}),
        Page("diary, day", "desk", f"/visits/?day={day}", "diary", days(day, 1)),
        Page("diary, week", "desk", f"/visits/?view=week&day={day}", "diary", days(monday, 7)),
        Page("follow-ups", "desk", "/follow-ups/", "follow-ups"),
        Page("no follow-up", "desk", "/follow-ups/unattended/", "unattended", {"day": day}),
        Page("overview", "neurologist", "/overview/", "overview", days(day - timedelta(days=365), 366)),
    ]  # fmt: skip


def days(first, number):
    return {"from": f"{first}T00:00Z", "to": f"{first + timedelta(days=number)}T00:00Z", "clinician": 0}


def lists_for_programs(ask):
    """The first hundred visits and the thousandth: a list does not slow with its depth."""
    found = []
    for number in (1, 1000):
        starts_at, pk = ask(
            "SELECT starts_at, id FROM patients_visit ORDER BY starts_at, id OFFSET "
            "least(%s, (SELECT count(*) - 101 FROM patients_visit)) LIMIT 1",
            [number * ROWS_OF_A_PAGE - ROWS_OF_A_PAGE],
        )[0]
        cursor = base64.urlsafe_b64encode(json.dumps([starts_at.isoformat(), pk]).encode()).decode().rstrip("=")
        path, after = f"/api/v1/visits/?cursor={cursor}", {"starts_at": starts_at.isoformat(), "id": pk}
        found.append(Page(f"API: visits, page {number:,}", "desk", path, "visits", after))
    return found
