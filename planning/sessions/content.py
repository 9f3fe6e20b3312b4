"""The whole content of a session for the read-back, the signed record, pages and exports; every label is copied."""

import datetime as dt

from django.utils import timezone

from clinic.models import Clinic
from clinic.records.dates import format_timestamp
from clinic.records.partial_dates import PartialDate
from planning.sessions.models.injection import Injection, summary_of


def content_of(session):
    """A dictionary of strings, integers, lists and None; doses are the typed strings.

    The same session always has the same content, independent of user and time.
    """
    return content_from(
        session,
        clinic=Clinic.ours(),
        amendment=session.open_amendment(),
        vials=session.vials.all(),
        rows=session.injections.active().select_related("muscle__group").in_order(),
    )


def content_from(session, *, clinic, amendment, vials, rows):
    places = {vial.pk: number for number, vial in enumerate(vials, start=1)}
    return {
        "clinic": _clinic(clinic),
        "patient": _patient(session.patient),
        "visit": {
            "id": session.visit_id,
            "kind": session.visit.get_kind_display(),
            "starts_at": timezone.localtime(session.visit.starts_at, clinic.zone).isoformat(timespec="minutes"),
            "clinician": str(session.visit.clinician),
        },
        "session": {"id": session.pk, "version": session.version},
        "product": session.product and {
            "id": session.product_id,
            "brand_name": session.product.brand_name,
            "nonproprietary_name": session.product.nonproprietary_name,
            "unit_label": session.product.unit_label,
        },
        "amendment": _amendment(amendment),
        "given_on": _day_given(session, clinic).isoformat(),
        "operator": _person(session.operator),
        "recorder": _person(session.recorder),
        "consent": session.consent and {
            "given_by": session.consent.given_by,
            "given_on": session.consent.given_on.isoformat(),
            "form_version": session.consent.form_version,
        },
        "vials": [_vial(vial, number=places[vial.pk]) for vial in vials],
        "injections": [_injection(row, places=places) for row in rows],
        "complications": session.complications,
        "notes": session.notes,
    }  # fmt: skip


def _day_given(session, clinic):
    """As `session.day_given`, in the clinic's time zone even outside of a request."""
    with timezone.override(clinic.zone):
        return session.day_given


def _clinic(clinic):
    return {
        "name": clinic.name,
        "address": clinic.address,
        "phone": clinic.phone,
        "time_zone": clinic.time_zone,
    }


def _amendment(amendment):
    return amendment and {
        "of_record": amendment.record.number,
        "kind": amendment.get_kind_display(),
        "reason": amendment.reason,
    }


def _person(user):
    return user and {"id": user.pk, "name": str(user)}


def _patient(patient):
    return {
        "id": patient.pk,
        "record_number": patient.record_number,
        "family_name": patient.family_name,
        "given_name": patient.given_name,
        "date_of_birth": str(patient.date_of_birth),
        "sex": patient.get_sex_display(),
        "diagnosis": patient.diagnosis,
        "diagnosis_code": patient.diagnosis_code,
        "alerts": patient.alerts_text(),
    }


def _vial(vial, *, number):
    return {
        "number": number,
        "version": vial.version,
        "lot_number": vial.lot_number,
        "expiry": vial.expiry,
        "size": vial.size,
        "diluent": vial.diluent,
        "discarded": vial.discarded,
        "shared": vial.get_shared_display(),
    }


def _injection(row: Injection, *, places):
    return {
        "id": row.pk,
        "version": row.version,
        "muscle": {
            "id": row.muscle_id,
            "name": row.muscle.name,
            "latin_name": row.muscle.latin_name,
            "map_place": row.muscle.map_place,
            "group_map_place": row.muscle.group.map_place if row.muscle.group_id else "",
        },
        "side": row.side,
        "planned_dose": row.planned_dose,
        "given_dose": row.given_dose,
        "not_given": row.not_given,
        "not_given_reason": row.not_given_reason,
        "sites": row.sites,
        "guidance": row.get_guidance_display(),
        "vial": places.get(row.vial_id),
        "note": row.note,
    }


def day(text):
    return PartialDate(text).as_text()


def timestamp(text):
    """The local date and time, without the offset."""
    return format_timestamp(dt.datetime.fromisoformat(text))


def timestamp_with_offset(text):
    signed_at = dt.datetime.fromisoformat(text)
    offset = f"{signed_at:%z}"
    return f"{format_timestamp(signed_at)}:{signed_at:%S} (UTC{offset[:3]}:{offset[3:5]})"


def name_as_signed(who):
    """*FAMILY, Given*, as a record or a print names its patient."""
    return ", ".join(filter(None, [who["family_name"].upper(), who["given_name"]]))


def summary_of_content(content):
    return summary_of((row["given_dose"], row["not_given"]) for row in content["injections"])
