"""What the pages of a session send, as a browser would: every field of a form, under its own name."""

from planning.models import InjectionSession
from tests import builders

FETCH = {"X-Requested-With": "fetch"}


def row_path(row, what=""):
    return f"/sessions/{row.session_id}/injections/{row.pk}/{what}"


def product_seen(session):
    """The product that the page shows, as its forms carry it."""
    return InjectionSession.objects.get(pk=session.pk).product_id or ""


def row_data(row, *, recording=True, **typed):
    """The row as shown, and newly typed values."""
    row.refresh_from_db()
    dose = "given_dose" if recording else "planned_dose"
    sent = {"version": row.version, "product": product_seen(row.session)}
    sent |= {dose: getattr(row, dose), "sites": row.sites or "", "guidance": row.guidance}
    sent |= {"note": row.note} | typed
    return {f"s{row.session_id}-i{row.pk}-{name}": value for name, value in sent.items()}


def send_row(client, row, *, headers=None, recording=True, **typed):
    return client.post(row_path(row), row_data(row, recording=recording, **typed), headers=headers)


def details_data(session, **typed):
    session.refresh_from_db()
    sent = {
        "version": session.version, "operator": session.operator_id or "", "given_on": session.given_on or "",
        "consent": session.consent_id or "", "complications": session.complications, "notes": session.notes,
    }  # fmt: skip
    return {f"s{session.pk}-details-{name}": value for name, value in (sent | typed).items()}


def send_details(client, session, *, headers=None, **typed):
    return client.post(f"/sessions/{session.pk}/details/", details_data(session, **typed), headers=headers)


def guidance_data(session, guidance):
    """For all rows, as shown."""
    rows = session.injections.active().values_list("pk", "version")
    return {"guidance": guidance, **{f"row-{row}": version for row, version in rows}}


def vial_data(session, *, key=None, **typed):
    sent = {
        "submission_key": key or builders.a_submission_key(),
        "product": product_seen(session),
        "lot_number": "LOT-1",
    }
    return {f"s{session.pk}-vial-{name}": value for name, value in (sent | typed).items()}


def product_data(session, product, **typed):
    session.refresh_from_db()
    sent = {"version": session.version, "product": product.pk, **typed}
    return {f"s{session.pk}-product-{name}": value for name, value in sent.items()}


def send_product(client, session, product, *, headers=None, **typed):
    return client.post(f"/sessions/{session.pk}/product/", product_data(session, product, **typed), headers=headers)


def signature(page, **typed):
    """What the read-back sends, by default with a follow-up in twelve weeks."""
    return {
        "content_hash": page.context["content_hash"],
        "weeks": "12",
        "on": "",
        "no_follow_up_reason": "",
        "kind": "next_injection",
        "clinician": page.context["session"].visit.clinician_id,
        "why": "",
        "password": builders.PASSWORD,
        "then": "stay",
        **typed,
    }


def sign(client, session, **typed):
    """Open the read-back, and send it."""
    path = f"/sessions/{session.pk}/sign/"
    return client.post(path, signature(client.get(path), **typed))
