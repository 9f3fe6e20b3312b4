"""The two ways of doing the same things: by the pages, as a browser sends their forms, and by the API."""

from django.test import Client

from clinic.models import Clinic
from planning.signing.models.signed_record import digest
from tests import builders
from tests.api.conftest import Program
from tests.patients.people.pages import filled
from tests.planning.session_pages import sending


def fresh(record):
    return type(record).objects.get(pk=record.pk)


def seen(session):
    """The product that a program read, as it sends it."""
    return {"product": sending.product_seen(session) or None}


class PageInterface:
    def __init__(self, person):
        self.client = Client()
        self.client.force_login(person)

    def send(self, path, data):
        response = self.client.post(path, data)
        assert response.status_code == 302, (path, response.status_code, response.content.decode())

    def send_form(self, path, to=None, *, form="form", **typed):
        """The form of the page at `path` as shown, with this typed into it."""
        page = self.client.get(path)
        assert page.status_code == 200, path
        prefix = page.context[form].prefix
        typed = {f"{prefix}-{name}" if prefix else name: value for name, value in typed.items()}
        self.send(to or path, filled(page, form, **typed))

    # Patients

    def register(self, **typed):
        self.send_form("/patients/new/", **typed)

    def change_patient(self, patient, **typed):
        self.send_form(f"/patients/{patient.pk}/edit/", **typed)

    def add_record(self, patient, what, **typed):
        self.send_form(f"/patients/{patient.pk}/{what}/", **typed)

    def change_record(self, record, what, **typed):
        self.send_form(f"/{what}/{record.pk}/", **typed)

    def mark_record(self, record, what, reason):
        self.send_form(f"/{what}/{record.pk}/entered-in-error/", reason=reason)

    # The diary

    @staticmethod
    def _time(starts_at):
        local = starts_at.astimezone(Clinic.ours().zone)
        return {"day": f"{local:%Y-%m-%d}", "time": f"{local:%H:%M}"}

    def book(self, patient, *, clinician, kind, starts_at, minutes="", follow_up=None):
        asked = f"?follow_up={follow_up.pk}" if follow_up else ""
        where = {**self._time(starts_at), "minutes": minutes, "clinician": clinician.pk, "kind": kind}
        self.send_form(f"/patients/{patient.pk}/visits/new/{asked}", **where)

    def book_follow_up(self, follow_up, *, starts_at):
        path = f"/patients/{follow_up.patient_id}/visits/new/"
        self.send_form(f"{path}?follow_up={follow_up.pk}", path, **self._time(starts_at))

    def move(self, visit, *, starts_at):
        self.send_form(f"/visits/{visit.pk}/move/", **self._time(starts_at))

    def visit_becomes(self, visit, state, *, reason="", weeks=""):
        again = {"weeks": weeks, "kind": "next_injection", "clinician": visit.clinician_id}
        sent = {"state": state, "version": fresh(visit).version, "reason": reason, **again}
        self.send(f"/visits/{visit.pk}/state/", sent)

    # Follow-ups

    def arrange_follow_up(self, patient, *, due_on, clinician, kind, why):
        self.send_form(
            f"/patients/{patient.pk}/return/", on=due_on.isoformat(), clinician=clinician.pk, kind=kind, why=why
        )

    def log_contact(self, follow_up, **typed):
        path = f"/follow-ups/{follow_up.pk}/"
        self.send_form(path, f"{path}contact-attempts/", form="contact_form", **typed)

    def close(self, follow_up, reason):
        path = f"/follow-ups/{follow_up.pk}/"
        self.send_form(path, f"{path}close/", form="close_form", reason=reason)

    # The waiting list

    def add_to_waiting_list(self, patient, **wishes):
        self.send_form(f"/patients/{patient.pk}/waiting-list/", **wishes)

    def change_waiting(self, entry, **wishes):
        self.send_form(f"/waiting-list/{entry.pk}/", **wishes)

    def remove_from_waiting_list(self, entry, reason):
        path = f"/waiting-list/{entry.pk}/"
        self.send_form(path, f"{path}remove/", form="remove_form", reason=reason)

    # Sessions

    def plan(self, visit):
        path = f"/visits/{visit.pk}/"
        self.send_form(path, f"{path}sessions/", form="plan_form")

    def choose_product(self, session, product, *, confirmed=False):
        typed = {"empties_confirmed": "on"} if confirmed else {}
        self.send(f"/sessions/{session.pk}/product/", sending.product_data(session, product, **typed))

    def add(self, session, muscle, side):
        self.send(
            f"/sessions/{session.pk}/injections/",
            {"muscle": muscle.pk, "side": side, "product": sending.product_seen(session)},
        )

    def type_row(self, row, **typed):
        typed = {name: "on" if value is True else getattr(value, "pk", value) for name, value in typed.items()}
        stored = fresh(row)
        # The page asks for the vial where there are several.
        kept = {"vial": stored.vial_id} if stored.vial_id else {}
        sent = sending.row_data(row, recording=stored.session.is_recording, **{**kept, **typed})
        self.send(sending.row_path(row), sent)

    def remove_row(self, row):
        self.send(sending.row_path(row, "remove/"), sending.row_data(row))

    def restore_row(self, row):
        sent = {"version": fresh(row).version, "product": sending.product_seen(row.session)}
        self.send(sending.row_path(row, "restore/"), sent)

    def record(self, session):
        self.send(f"/sessions/{session.pk}/record/", {"version": fresh(session).version})

    def go_back_to_plan(self, session):
        self.send(f"/sessions/{session.pk}/plan/", {"version": fresh(session).version})

    def note(self, session, **typed):
        typed = {name: getattr(value, "pk", value) for name, value in typed.items()}
        self.send(f"/sessions/{session.pk}/details/", sending.details_data(session, **typed))

    def add_vial(self, session, **typed):
        self.send(f"/sessions/{session.pk}/vials/", sending.vial_data(session, **typed))

    def change_vial(self, vial, **typed):
        names = ("version", "lot_number", "expiry", "size", "diluent", "discarded", "shared")
        stored = {name: getattr(fresh(vial), name) for name in names}
        stored["product"] = sending.product_seen(vial.session)
        sent = {f"s{vial.session_id}-v{vial.pk}-{name}": value for name, value in {**stored, **typed}.items()}
        self.send(f"/sessions/{vial.session_id}/vials/{vial.pk}/", sent)

    def remove_vial(self, vial):
        prefix = f"s{vial.session_id}-v{vial.pk}"
        sent = {f"{prefix}-version": fresh(vial).version, f"{prefix}-product": sending.product_seen(vial.session)}
        self.send(f"/sessions/{vial.session_id}/vials/{vial.pk}/remove/", sent)

    def sign(self, session, *, weeks=""):
        response = sending.sign(self.client, session, weeks=weeks)
        assert response.status_code == 302, response.content.decode()

    def amend(self, session, *, kind, reason):
        self.send_form(f"/sessions/{session.pk}/amend/", kind=kind, reason=reason)

    def discard_amendment(self, session):
        self.send(f"/sessions/{session.pk}/amendment/discard/", {"content_hash": digest(fresh(session).content())})

    def end_as_not_done(self, session, *, reason, none):
        path = f"/sessions/{session.pk}/"
        response = {"no_follow_up": True, "no_follow_up_reason": none}
        self.send_form(f"{path}end/", f"{path}not-done/", form="not_done_form", reason=reason, **response)

    def mark_session(self, session, reason):
        sent = {"error-reason": reason, "error-version": fresh(session).version}
        self.send(f"/sessions/{session.pk}/entered-in-error/", sent)


class ApiInterface:
    def __init__(self, person):
        client = Client()
        client.force_login(person)
        self.program = Program(client)

    def send(self, path, body, *, method="POST", version_of=None):
        if version_of is not None:
            body = {**body, "version": fresh(version_of).version}
        response = self.program.ask(method, path, body)
        assert response.status_code in (200, 201), (path, response.json())

    def patch(self, path, body, record):
        self.send(path, body, method="PATCH", version_of=record)

    def remove(self, path, record):
        product = sending.product_seen(record.session)
        path = f"{path}?product={product}" if product else path
        assert self.program.delete(path, If_Match=f'"{fresh(record).version}"').status_code == 204

    # Patients

    def register(self, **typed):
        self.send("patients/", typed)

    def change_patient(self, patient, **typed):
        self.patch(f"patients/{patient.pk}/", typed, patient)

    def add_record(self, patient, what, **typed):
        self.send(f"patients/{patient.pk}/{what}/", typed)

    def change_record(self, record, what, **typed):
        self.patch(f"patients/{record.patient_id}/{what}/{record.pk}/", typed, record)

    def mark_record(self, record, what, reason):
        path = f"patients/{record.patient_id}/{what}/{record.pk}/entered-in-error/"
        self.send(path, {"reason": reason}, version_of=record)

    # The diary

    def book(self, patient, *, clinician, kind, starts_at, minutes=None, follow_up=None):
        optional = {"minutes": minutes, "follow_up": follow_up and follow_up.pk}
        sent = {"patient": patient.pk, "clinician": clinician.pk, "kind": kind, "starts_at": starts_at.isoformat()}
        self.send("visits/", sent | {name: value for name, value in optional.items() if value is not None})

    def book_follow_up(self, follow_up, *, starts_at):
        self.send(f"follow-ups/{follow_up.pk}/book/", {"starts_at": starts_at.isoformat()})

    def move(self, visit, *, starts_at):
        self.send(f"visits/{visit.pk}/move/", {"starts_at": starts_at.isoformat()}, version_of=visit)

    def visit_becomes(self, visit, state, *, reason=None, weeks=None):
        words = {"arrived": "arrive", "finished": "finish", "cancelled": "cancel", "no_show": "no-show"}
        sent = {"reason": reason} if reason else {}
        sent |= {"see_again": {"weeks": weeks}} if weeks else {}
        self.send(f"visits/{visit.pk}/{words[state]}/", sent, version_of=visit)

    # Follow-ups

    def arrange_follow_up(self, patient, *, due_on, clinician, kind, why):
        sent = {
            "patient": patient.pk,
            "due_on": due_on.isoformat(),
            "clinician": clinician.pk,
            "kind": kind,
            "why": why,
        }
        self.send("follow-ups/", sent)

    def log_contact(self, follow_up, **typed):
        self.send(f"follow-ups/{follow_up.pk}/contact-attempts/", typed, version_of=follow_up)

    def close(self, follow_up, reason):
        self.send(f"follow-ups/{follow_up.pk}/close/", {"reason": reason}, version_of=follow_up)

    # The waiting list

    def add_to_waiting_list(self, patient, **wishes):
        self.send("waiting-list/", {"patient": patient.pk, **wishes})

    def change_waiting(self, entry, **wishes):
        self.patch(f"waiting-list/{entry.pk}/", wishes, entry)

    def remove_from_waiting_list(self, entry, reason):
        self.send(f"waiting-list/{entry.pk}/remove/", {"reason": reason}, version_of=entry)

    # Sessions

    def plan(self, visit):
        self.send("sessions/", {"visit": visit.pk})

    def choose_product(self, session, product, *, confirmed=False):
        sent = {"product": product.pk, **({"empties_confirmed": True} if confirmed else {})}
        self.patch(f"sessions/{session.pk}/", sent, session)

    def add(self, session, muscle, side):
        self.send(f"sessions/{session.pk}/injections/", {**seen(session), "muscle": muscle.pk, "side": side})

    def type_row(self, row, **typed):
        typed = {name: getattr(value, "pk", value) for name, value in typed.items()}
        self.patch(f"sessions/{row.session_id}/injections/{row.pk}/", {**seen(row.session), **typed}, row)

    def remove_row(self, row):
        self.remove(f"sessions/{row.session_id}/injections/{row.pk}/", row)

    def restore_row(self, row):
        path = f"sessions/{row.session_id}/injections/{row.pk}/restore/"
        self.send(path, seen(row.session), version_of=row)

    def record(self, session):
        self.patch(f"sessions/{session.pk}/", {"recording": True}, session)

    def go_back_to_plan(self, session):
        self.patch(f"sessions/{session.pk}/", {"recording": False}, session)

    def note(self, session, **typed):
        typed = {name: getattr(value, "pk", value) for name, value in typed.items()}
        self.patch(f"sessions/{session.pk}/", typed, session)

    def add_vial(self, session, **typed):
        self.send(f"sessions/{session.pk}/vials/", {**seen(session), **typed})

    def change_vial(self, vial, **typed):
        self.patch(f"sessions/{vial.session_id}/vials/{vial.pk}/", {**seen(vial.session), **typed}, vial)

    def remove_vial(self, vial):
        self.remove(f"sessions/{vial.session_id}/vials/{vial.pk}/", vial)

    def sign(self, session, *, weeks=None):
        shown = self.program.get(f"sessions/{session.pk}/").json()
        sent = {"password": builders.PASSWORD, "content_hash": shown["content_hash"]}
        self.send(f"sessions/{session.pk}/sign/", {**sent, **({"see_again": {"weeks": weeks}} if weeks else {})})

    def amend(self, session, *, kind, reason):
        self.send(f"sessions/{session.pk}/amend/", {"kind": kind, "reason": reason}, version_of=session)

    def discard_amendment(self, session):
        content_hash = self.program.get(f"sessions/{session.pk}/").json()["content_hash"]
        self.send(f"sessions/{session.pk}/discard-amendment/", {"content_hash": content_hash})

    def end_as_not_done(self, session, *, reason, none):
        sent = {"reason": reason, "see_again": {"none": none}}
        self.send(f"sessions/{session.pk}/not-done/", sent, version_of=session)

    def mark_session(self, session, reason):
        self.send(f"sessions/{session.pk}/entered-in-error/", {"reason": reason}, version_of=session)
