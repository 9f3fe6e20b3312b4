"""Login sessions are stored under a digest of their key: who reads the database cannot use any of them.

Their data are signed for that digest, so that they cannot be copied to another key either.
"""

import hashlib

from django.contrib.sessions.backends import db
from django.db import connection
from django.utils import timezone

DIGITS = 40  # the length of Django's column: 160 bits
FIND = "SELECT session_key, session_data FROM django_session WHERE session_key = %s AND expire_date > %s"


def stored_key(key):
    """No salt or stretching is needed: a key has 165 random bits. None if there is no key."""
    return key and hashlib.sha256(key.encode()).hexdigest()[:DIGITS]


class HashedSessionStore(db.SessionStore):
    """Reads by a statement that is written here, because compiling it takes longer than running it."""

    _read_as = None  # the stored key, when the key itself is not known

    @classmethod
    def data_of(cls, row):
        """Of a stored session."""
        store = cls()
        store._read_as = row.session_key
        return store.decode(row.session_data)

    @property
    def key_salt(self):
        return f"clinic.accounts.login session.{self._read_as or stored_key(self.session_key)}"

    def _get_session_from_db(self):
        now = connection.ops.adapt_datetimefield_value(timezone.now())
        with connection.cursor() as cursor:
            cursor.execute(FIND, [stored_key(self.session_key), now])
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return None
        return self.model(session_key=row[0], session_data=row[1])

    def exists(self, session_key):
        return super().exists(stored_key(session_key))

    def create_model_instance(self, data):
        row = super().create_model_instance(data)
        row.session_key = stored_key(row.session_key)
        return row

    def delete(self, session_key=None):
        key = self.session_key if session_key is None else session_key
        if key is not None:
            super().delete(stored_key(key))
