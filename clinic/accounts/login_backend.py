"""Finding the user of a login at each request."""

from functools import cache

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.db import connection

from clinic.records.models import Clinic


class LoginBackend(ModelBackend):
    """Reads the user, their roles and the clinic in one statement, so nothing of these is stored between requests."""

    def get_user(self, user_id):
        sql, users, clinics = _statement()
        with connection.cursor() as cursor:
            cursor.execute(sql, [user_id])
            rows = cursor.fetchall()
        if not rows:
            return None
        user = users.read(rows[0])
        if not self.user_can_authenticate(user):
            return None
        user.role_names = sorted(row[-1] for row in rows if row[-1] is not None)
        user.clinic = clinics.read(rows[0])
        return user


class _Columns:
    """Where a row contains the fields of a model, and how the database's values become those of the fields."""

    def __init__(self, model, begin):
        self.model, self.fields = model, model._meta.concrete_fields
        self.slice = slice(begin, begin + len(self.fields))
        self.names = [field.attname for field in self.fields]
        columns = [field.get_col(model._meta.db_table) for field in self.fields]
        converters = [connection.ops.get_db_converters(each) + each.get_db_converters(connection) for each in columns]
        self.converted = [(number, each, columns[number]) for number, found in enumerate(converters) for each in found]

    def sql(self):
        quote = connection.ops.quote_name
        return ", ".join(f"{quote(self.model._meta.db_table)}.{quote(field.column)}" for field in self.fields)

    def read(self, row):
        values = list(row[self.slice])
        for number, convert, column in self.converted:
            values[number] = convert(values[number], column, connection)
        return self.model.from_db(connection.alias, self.names, values)


@cache
def _statement():
    """Compiling it at each request would take longer than running it. There is one row for each role, or one."""
    users = _Columns(get_user_model(), 0)
    clinics = _Columns(Clinic, len(users.fields))
    sql = (
        f"SELECT {users.sql()}, {clinics.sql()}, auth_group.name FROM clinic_user "
        "JOIN clinic_clinic ON clinic_clinic.id = 1 "
        "LEFT JOIN clinic_user_groups ON clinic_user_groups.user_id = clinic_user.id "
        "LEFT JOIN auth_group ON auth_group.id = clinic_user_groups.group_id "
        "WHERE clinic_user.id = %s"
    )
    return sql, users, clinics
