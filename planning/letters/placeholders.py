"""The values of a template’s placeholders. No value but that of {injections} contains a dose."""

from django.utils import timezone

from clinic.records.dates import format_date
from patients.models import FollowUp, Patient, Visit
from planning.course.models.assessment import Assessment
from planning.course.models.response import Response
from planning.letters.models.template import INJECTIONS, PLACEHOLDER
from planning.sessions.content import day, name_as_signed

NOT_GIVEN, NOTHING = "not given", "none recorded"


def filled(text, *, session, record, by):
    """The text with all placeholders but {injections} replaced, for the user to edit."""
    values = _values(session, record, by)
    return PLACEHOLDER.sub(lambda found: values[found[0]]() if found[0] in values else found[0], text)


def _values(session, record, by):
    content = record.content if record else None
    common = {
        "{patient}": lambda: patient_title(session.visit.patient),
        "{date}": lambda: day(content["given_on"]) if content else format_date(session.visit.day),
        "{findings}": lambda: _findings(session.visit),
        "{response}": lambda: _response(session.visit),
        "{next_visit}": lambda: _next_visit(session.visit),
        "{clinician}": lambda: str(by),
    }
    if content is None:
        return common | {"{reason}": lambda: session.not_done_reason}
    return common | {"{product}": lambda: _product(content), "{muscles}": lambda: _muscles(content)}


def injections_of(record):
    """The lines about the injections, from the signed record: muscle, side, and the dose as it was typed."""
    content = record.content
    product = content["product"]
    unit = f"{product['unit_label']} {product['brand_name']}"
    return [f"{row['muscle']['name']}, {row['side']}: {_given(row, unit)}" for row in content["injections"]]


def _given(row, unit):
    if row["not_given"]:
        reason = row["not_given_reason"]
        return f"{NOT_GIVEN} ({reason})" if reason else NOT_GIVEN
    return f"{row['given_dose']} {unit}" if row["given_dose"] else "dose not recorded"


def with_injections(text, record):
    """The text of a letter, with the injections in place of their placeholder."""
    if INJECTIONS not in text:
        return text
    return text.replace(INJECTIONS, "\n".join(injections_of(record)))


def patient_title(patient):
    name = name_as_signed({"family_name": patient.family_name, "given_name": patient.given_name})
    return f"{name}, born {patient.date_of_birth.as_text()}, {patient.record_number}"


def _product(content):
    product = content["product"]
    lots = [f"lot {vial['lot_number']}" for vial in content["vials"] if vial["lot_number"]]
    return ", ".join([f"{product['brand_name']} ({product['nonproprietary_name']})", *dict.fromkeys(lots)])


def _muscles(content):
    given = [f"{row['muscle']['name']} ({row['side']})" for row in content["injections"] if not row["not_given"]]
    return ", ".join(given) or NOTHING


def _findings(visit):
    assessment = Assessment.objects.active().for_page().filter(visit=visit).first()
    if assessment is None:
        return NOTHING
    facts = assessment.finding_facts()
    if scores := assessment.scores_text():
        facts.append(("Scores", scores))
    return "; ".join(f"{label.lower()}: {text}" for label, text in facts) or NOTHING


def _response(visit):
    response = (
        Response.objects.active().filter(visit=visit).select_related("session__visit").order_by("-session").first()
    )
    if response is None:
        return NOTHING
    facts = (response.course_text(), response.benefits_text(), response.get_impression_display())
    return f"{response}: {'; '.join(fact for fact in facts if fact)}"


def _next_visit(visit):
    records = Patient.objects.same_person_ids(visit.patient_id)
    following = Visit.objects.active().filter(patient__in=records, starts_at__gt=visit.starts_at)
    following = following.order_by("starts_at", "pk").first()
    if following:
        return f"{following.get_kind_display()}, {format_date(timezone.localtime(following.starts_at).date())}"
    due = FollowUp.objects.open().filter(patient__in=records).order_by("due_on").first()
    return f"due by {format_date(due.due_on)}, not booked yet" if due else "none arranged"
