"""Sessions to sign, and signing them."""

from patients.followups.actions import SeeAgain
from patients.models import FollowUp
from planning.models import InjectionSession, SignedRecord
from planning.sessions.actions.injections import change_injection
from planning.sessions.actions.sessions import change_session
from planning.signing.actions.signing import sign_session
from planning.signing.models.signed_record import digest
from tests import builders


def complete(session, *, by):
    """Fill everything that can be filled."""
    vial = builders.a_vial(
        session=session, by=by, expiry="03/28", size="as printed", diluent="saline", discarded="none", shared="no"
    )
    builders.a_vial(session=session, by=by, lot_number="LOT-2")
    first, second = session.injections.in_order()
    row = change_injection(
        injection=first,
        product=first.session.product,
        by=by,
        version=first.version,
        sites=3,
        guidance="emg",
        vial=vial,
        note="note",
    )
    change_injection(
        injection=second,
        product=second.session.product,
        by=by,
        version=second.version,
        given_dose="",
        not_given=True,
        not_given_reason="Pain",
    )
    builders.a_consent(session=session, by=by)
    session.refresh_from_db()
    session = change_session(
        session=session, by=by, version=session.version, given_on=builders.today(), complications="none", notes="note"
    )
    return session, row


def sign(session, *, by, content_hash=None, see_again=None):
    return sign_session(
        session=session,
        by=by,
        content_hash=content_hash or digest(fresh(session).content()),
        see_again=see_again or SeeAgain(weeks=12),
    )


def fresh(session):
    return InjectionSession.objects.get(pk=session.pk)


def nothing_was_signed():
    return not SignedRecord.objects.exists() and not FollowUp.objects.exists()
