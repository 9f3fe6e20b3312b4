"""The most statements and templates of each page; tests/test_query_counts.py asks for the pages."""

# The most queries of each page, including login, navigation and audit trail.
CEILINGS = {
    "today": 8,
    "diary, a day": 12,
    "diary, a week": 12,
    "to sign": 9,
    "patient": 10,
    "summary": 12,
    "everything": 9,
    "export": 3,
    "assessment": 9,
    "event": 11,
    "visit": 9,
    "session, planning": 9,
    "session, recording": 9,
    "session, a script": 8,
    "read-back": 9,
    "record": 10,
    "follow-ups": 11,
    "waiting list": 12,
    "freed time": 14,
    "coverage": 12,
    "therapies": 9,
    "papers": 10,
    "not authorised": 12,
    "patient search": 10,
    "catalogue": 10,
    "audit": 8,
    "audit, filtered": 12,
    "set-up": 14,  # one for the last backups and drills
    "for review": 9,
    "tokens": 5,
    "lots": 12,
    "lots, the file": 9,
    "overview": 8,
    "overview, the file": 8,
    "possible duplicates": 11,
    "marked as not the same": 11,
}
# The most templates of the pages that write their rows without one for each: equal for a few rows and for many.
TEMPLATES = {
    "today": 6,
    "diary, a day": 6,
    "diary, a week": 6,
    "patient": 15,
    "follow-ups": 7,
    "visit": 22,
    "session, planning": 46,
    "session, recording": 63,
    "read-back": 25,
    "overview": 10,
}
MOST_BYTES = (
    16_800  # of HTML, compressed; above 15,000 only because one session has forty rows here, and long ids on PostgreSQL
)
