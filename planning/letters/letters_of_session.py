"""The letters that a session's page lists."""

from planning.letters.actions.letters import about_of
from planning.letters.models.letter import Letter


def letters_of(session, letters=None):
    """The context of `_letters_of_session.html`; `letters` if the page has read them."""
    if letters is None:
        letters = list(Letter.objects.of_session(session))
    return {"letters": letters, "writes_letters": about_of(session) is not None}
