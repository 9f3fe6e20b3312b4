"""Noting a scanned product code for the catalogue manager, who attaches it to a product or dismisses it."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from clinic.records import audit_log
from clinic.records.actions import action, require_version, store
from clinic.records.exceptions import Refused
from planning.catalogue.models.scanned_gtin import ScannedGtin


@action
def note_gtin(*, gtin, chosen, by):
    """Offer a code to the catalogue manager, once. `chosen` is the product of the session, as context."""
    noted = ScannedGtin.objects.select_for_update(of=("self",), no_key=True).filter(gtin=gtin).first()
    if noted is None:
        return _noted_first(gtin, chosen, by)
    if not noted.is_settled and noted.chosen_id != chosen.pk:
        noted.chosen, noted.seen_at = chosen, timezone.now()
        store(noted, by=by)
        audit_log.record("noted", noted, by=by)
    return noted


def _noted_first(gtin, chosen, by):
    noted = ScannedGtin(gtin=gtin, chosen=chosen)
    try:
        with transaction.atomic():
            store(noted, by=by)
    except IntegrityError:
        return ScannedGtin.objects.get(gtin=gtin)  # scanned by another user at the same time
    audit_log.record("noted", noted, by=by)
    return noted


@action
def attach_gtin(*, noted, product, by, version):
    """The catalogue contains the code from now on. Repeating it succeeds."""
    noted = ScannedGtin.objects.locked(noted.pk)
    if noted.is_settled and noted.product_id == product.pk:
        return noted
    require_version(noted, version)
    if product.is_retired:
        raise Refused(f"{product} is retired. Choose another product.", field="product")
    _settle(noted, product=product, by=by)
    audit_log.record("attached", noted, by=by)
    return noted


@action
def dismiss_gtin(*, noted, by, version):
    """The code is not offered again. Repeating it succeeds."""
    noted = ScannedGtin.objects.locked(noted.pk)
    if noted.is_settled and noted.product_id is None:
        return noted
    require_version(noted, version)
    _settle(noted, product=None, by=by)
    audit_log.record("dismissed", noted, by=by)
    return noted


def _settle(noted, *, product, by):
    noted.product, noted.settled_at, noted.settled_by = product, timezone.now(), by
    store(noted, by=by)


@action
def reopen_gtin(*, noted, by, version):
    """The decision is undone, and the code is on the list again. Repeating it succeeds."""
    noted = ScannedGtin.objects.locked(noted.pk)
    if not noted.is_settled:
        return noted
    require_version(noted, version)
    noted.product = noted.settled_at = noted.settled_by = None
    store(noted, by=by)
    audit_log.record("reopened", noted, by=by)
    return noted
