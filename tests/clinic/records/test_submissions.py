"""A form that was sent twice makes one record."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import Group
from django.db import connection

from clinic.models import Submission, User
from clinic.records.actions import submit_once
from clinic.records.exceptions import Refused
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def send(*, key, by, name="A group", route="/groups/new/", refuse=False):
    """A form that makes a group, and would make another each time."""

    def create(*, by):
        if refuse:
            raise Refused("Not now.")
        return Group.objects.create(name=f"{name} {uuid.uuid4()}")

    return submit_once(key=key, by=by, route=route, body={"name": [name]}, create=create)


def made():
    return Group.objects.filter(name__startswith="A group").count()


def test_form_sent_twice_creates_one_record(neurologist):
    key = uuid.uuid4()
    first, second = send(key=key, by=neurologist), send(key=key, by=neurologist)
    assert first == second
    assert made() == 1


def test_new_form_creates_another_record(neurologist):
    assert send(key=uuid.uuid4(), by=neurologist) != send(key=uuid.uuid4(), by=neurologist)
    assert made() == 2


@pytest.mark.parametrize("other", [{"name": "Another"}, {"route": "/elsewhere/"}])
def test_same_key_with_other_content_is_rejected(neurologist, other):
    key = uuid.uuid4()
    send(key=key, by=neurologist)
    with pytest.raises(Refused, match="already sent with different content"):
        send(key=key, by=neurologist, **other)
    assert made() == 1


def test_form_of_a_removed_record_is_rejected(neurologist):
    key = uuid.uuid4()
    send(key=key, by=neurologist).delete()
    with pytest.raises(Refused, match="was created the first time was removed"):
        send(key=key, by=neurologist)
    assert made() == 0


def test_key_of_another_user_is_independent(neurologist, trainee):
    key = uuid.uuid4()
    assert send(key=key, by=neurologist) != send(key=key, by=trainee)


def test_rejected_form_can_be_sent_again_with_its_key(neurologist):
    key = uuid.uuid4()
    with pytest.raises(Refused, match="Not now"):
        send(key=key, by=neurologist, refuse=True)
    assert Submission.objects.count() == 0
    send(key=key, by=neurologist)
    assert made() == 1


@pytest.mark.django_db(transaction=True)
def test_ten_concurrent_forms_create_one_record():
    # Given a form
    person, key = builders.a_person("neurologist"), uuid.uuid4()

    def sending(_):
        try:
            return send(key=key, by=User.objects.get(pk=person.pk)).pk
        finally:
            connection.close()

    # When it is sent ten times at once
    with ThreadPoolExecutor(10) as sendings:
        responses = set(sendings.map(sending, range(10)))

    # Then all get the same record, and it is the only one
    assert len(responses) == 1
    assert made() == 1
