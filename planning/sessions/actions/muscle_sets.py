"""Adding a muscle set to a session."""

from clinic.records.actions import action
from planning.catalogue.actions.muscle_sets import own_set
from planning.sessions.actions.injections import add_missing
from planning.sessions.actions.products import open_for
from planning.sessions.actions.sessions import recorded


@action
def add_set(*, session, product, muscle_set, by):
    """Add the missing muscles and sides of the set, each as an empty row.

    Returns the added rows, and as text those that could not be added.
    """
    session = open_for(product, session, by=by)
    muscle_set = own_set(muscle_set, by)
    entries = muscle_set.entries.select_related("muscle__group")
    made = add_missing(session, [(entry.muscle, entry.side) for entry in entries], by=by)
    recorded("added a set of muscles", session, session=session, by=by)
    return made
