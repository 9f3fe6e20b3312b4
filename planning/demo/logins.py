"""The accounts of an invented clinic."""

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from clinic.models import User
from patients.models import Patient
from planning.demo.people import LOGINS, PASSWORD


def obstacle(logins=LOGINS):
    if Patient.objects.exists():
        return "Patients already exist."
    if taken := User.objects.filter(username__in=[login.username for login in logins]).first():
        return f"An account named “{taken.username}” already exists."
    return None


def create_logins(logins, *, at):
    password = make_password(PASSWORD)  # slow on purpose, so only once for all
    made = {}
    for login in logins:
        person = User.objects.create(
            username=login.username,
            printed_name=login.printed_name,
            password=password,
            must_change_password=False,
            is_superuser=not login.role,
            date_joined=at,
        )
        person.groups.set(Group.objects.filter(name=login.role))
        made[login.username] = person
    return made
