"""Login sessions in the database."""

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.db import DatabaseError


class SessionStore(db.SessionStore):
    """Reports a busy database as such.

    Django reports every failed save as a session that was deleted, and its response to that is *400 Bad Request*.
    """

    def save(self, must_create=False):
        try:
            super().save(must_create)
        except UpdateError as error:
            # A missing row is a DatabaseError itself; what the database reports is a subclass.
            if type(error.__context__) is DatabaseError:
                raise
            raise error.__context__ from None
