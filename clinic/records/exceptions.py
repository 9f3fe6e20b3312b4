"""What an action raises if the current state does not allow it."""

# Who changed a record: another user, or you in another tab. See name_who_changed() in clinic.records.actions.
ANOTHER_USER, YOU, IN_ANOTHER_TAB = "Another user has changed ", "You have changed ", " in another tab"
STALE = f"{ANOTHER_USER}this. Read it again before you save."


class Refused(Exception):  # noqa: N818  (a refusal is an answer, not an error)
    """The current state does not allow it; the message is shown to the user."""

    def __init__(self, message, *, field=None):
        super().__init__(message)
        self.message = message
        self.field = field


class Conflict(Refused):
    """The record changed after it was read; `current` is the stored record."""

    def __init__(self, message=STALE, *, current=None):
        super().__init__(message)
        self.current = current

    @property
    def is_own(self):
        """Whether the message says that this user changed it, in another tab."""
        return self.message.startswith(YOU)


class Incomplete(Refused):
    """A form arrived without its hidden fields: which patient, or which version."""


class SentBefore(Refused):
    """The key of a form or a request was already used with another body."""
