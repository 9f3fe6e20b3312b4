"""The rule that a dose or a vial is stored only for the product that the page showed when it was typed."""

from clinic.records.exceptions import Conflict
from planning.sessions.actions.sessions import open_session


class ProductChanged(Conflict):
    """The session has a different product from the one for which something was typed."""

    def __init__(self, *, typed_for, now):
        name = now.brand_name if now else "not chosen"
        begin = f"This was typed for {typed_for.brand_name}." if typed_for else "This was typed without a product."
        super().__init__(
            f"{begin} The session’s product is now {name}. Your entries were not saved. "
            + (f"If it is meant for {name}, type it again." if now else "Choose the product first.")
        )


def open_for(product, session, *, by):
    """The session, locked, for a write from a page that showed `product`; None if none was selected."""
    session = open_session(session, by=by)
    require_product(product, session)
    return session


def require_product(product, session):
    if session.product_id != (product.pk if product else None):
        raise ProductChanged(typed_for=product, now=session.product)
