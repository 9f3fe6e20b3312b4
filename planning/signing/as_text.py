"""A signed record as plain text for another system, from the record's own content."""

from clinic.records.dates import format_local_timestamp
from planning.sessions.content import day, name_as_signed, timestamp, timestamp_with_offset
from planning.sessions.content_facts import facts_of
from planning.sessions.models.injection import summary_of


def record_as_text(shown):
    """`shown` is the context of the record's page; lines end with a line feed."""
    record, content = shown["record"], shown["content"]
    visit = content["visit"]
    lines = [
        f"SIGNED RECORD {record.number}: INJECTION SESSION OF {day(content['given_on']).upper()}",
        content["clinic"]["name"],
        "",
        *_status_lines(shown),
        *_patient(content["patient"]),
        f"Visit: {visit['kind']}, {timestamp(visit['starts_at'])}, {visit['clinician']}",
        "",
        *(f"{label}: {text}" for label, text in facts_of(content).values()),
        f"Who recorded: {content['recorder']['name'] if content['recorder'] else 'not recorded'}",
        _summary(content),
        "",
        f"Signed by {record.signer_name}, {record.signer_roles}, {timestamp_with_offset(record.signed_at)}",
        f"“{record.meaning}”",
        f"Hash: {record.hash}",
    ]
    return "\n".join(lines) + "\n"


def _status_lines(shown):
    record, latest = shown["record"], shown["latest"]
    lines = []
    if mark := shown["error_mark"]:
        lines.append(
            f"ENTERED IN ERROR, marked by {mark.marked_by} on {format_local_timestamp(mark.marked_at)}: {mark.reason}"
        )
    if amendment := shown["amendment"]:
        lines.append(
            f"Amendment open since {format_local_timestamp(amendment.opened_at)}, by {amendment.opened_by}. "
            f"{amendment.get_kind_display()}: {amendment.reason}"
        )
        lines.append(f"Record {amendment.record.number} stays valid until the amendment is signed.")
    if (consent := shown["consent"]) and consent.is_in_error:
        lines.append(consent.error_text())
    for each in shown["amending"]:
        amends = each.content["amendment"]
        lines.append(
            f"Record {each.number} amends record {amends['of_record']}. {amends['kind']}: {amends['reason']} "
            f"(signed {timestamp(each.signed_at)} by {each.signer_name})"
        )
    if record.number != latest.number:
        lines.append(f"It was amended: record {latest.number}, signed {timestamp(latest.signed_at)}, is the latest.")
    return [*lines, ""] if lines else []


def _patient(patient):
    name = name_as_signed(patient)
    diagnosis = ", ".join(filter(None, [patient["diagnosis"], patient["diagnosis_code"]]))
    return [
        f"Patient: {name}, born {day(patient['date_of_birth'])}, {patient['sex']}, {patient['record_number']}",
        f"Diagnosis: {diagnosis or 'not recorded'}",
        f"Alerts: {patient['alerts']}",
    ]


def _summary(content):
    summary = summary_of((row["given_dose"], row["not_given"]) for row in content["injections"])
    counted = (
        f"{summary['given']} given, {summary['not_given']} not given, {summary['without']} without a recorded dose"
    )
    if summary["sum"] is None:
        return counted
    product = content["product"]
    return (
        f"{counted}. Sum of typed given doses, {product['brand_name']} ({summary['given']} of {summary['rows']} "
        f"injections): {summary['sum']} {product['unit_label']}"
    )
