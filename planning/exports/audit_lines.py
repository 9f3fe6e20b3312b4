"""Signed sessions in the style of a national audit: one line for each session and muscle, with doses as typed."""

from planning.exports.latest_records import latest_records

COLUMNS = [
    "Record number", "Sex", "Date of birth", "Given on", "Session", "Signed record", "Product", "Non-proprietary name",
    "Muscle", "Side", "Given or not", "Given dose, as typed", "Unit", "Reason not given", "Sites", "Guidance",
    "Who injected",
]  # fmt: skip
GIVEN, NOT_GIVEN, NOT_RECORDED = "given", "not given", "not recorded"


def audit_lines(connection, *, since, until):
    """`since` and `until` are the first and the last day of injections. The first row is that of the columns."""
    yield COLUMNS
    for number, content in _records_given(connection, since, until):
        yield from (_line(number, content, row) for row in content["injections"])


def patients_in_lines(connection, *, since, until):
    """The ids of the patients, for the audit trail."""
    return sorted({content["patient"]["id"] for _, content in _records_given(connection, since, until)})


def _records_given(connection, since, until):
    first, last = since.isoformat(), until.isoformat()
    for number, content, _ in latest_records(connection):
        if first <= content["given_on"] <= last:
            yield number, content


def _line(number, content, row):
    patient, product = content["patient"], content["product"]
    operator = content["operator"]
    return [
        patient["record_number"], patient["sex"], patient["date_of_birth"], content["given_on"],
        str(content["session"]["id"]), str(number), product["brand_name"], product["nonproprietary_name"],
        row["muscle"]["name"], row["side"], _given(row), row["given_dose"],
        product["unit_label"] if row["given_dose"] else "", row["not_given_reason"],
        "" if row["sites"] is None else str(row["sites"]), row["guidance"],
        operator["name"] if operator else NOT_RECORDED,
    ]  # fmt: skip


def _given(row):
    if row["not_given"]:
        return NOT_GIVEN
    return GIVEN if row["given_dose"] else f"{GIVEN}, dose {NOT_RECORDED}"
