"""Login sessions in the database."""

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.db import DatabaseError

from clinic.accounts.hashed_sessions import HashedSessionStore, stored_key
from clinic.accounts.login_sessions import LoginSession


class SessionStore(HashedSessionStore):
    """Reports a busy database as such. Django reports every failed save as a session that was deleted, and its
    response to that is *400 Bad Request*.
    """

    def cycle_key(self):
        """After a change of the password, the same login has another key."""
        former = self.session_key
        super().cycle_key()
        if SESSION_KEY in self:
            logins = LoginSession.objects.filter(session_key=stored_key(former))
            logins.update(session_key=stored_key(self.session_key))

    def save(self, must_create=False):
        try:
            super().save(must_create)
        except UpdateError as error:
            # A missing row is a DatabaseError itself; what the database reports is a subclass.
            if type(error.__context__) is DatabaseError:
                raise
            raise error.__context__ from None
