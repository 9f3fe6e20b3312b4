"""Tokens for programs: what one can do, how it is created, and how it ends."""

import datetime as dt
from functools import partial
from itertools import chain

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import IntegrityError, transaction

from clinic.accounts.actions import create_token, revoke_token
from clinic.accounts.permissions import READING, ROLES, WRITING, Permission, may, require_person
from clinic.models import ApiToken, AuditEntry, User
from clinic.records import audit_log
from clinic.records.exceptions import Refused
from tests import builders
from tests.clinic.accounts.test_login import NEW, change_password
from tests.clinic.accounts.token_steps import CHANGE, FOR_PEOPLE_ALONE, SEE, found, token_entries
from tests.parallel import at_once

pytestmark = pytest.mark.django_db

NINE = dt.datetime(2026, 5, 4, 9, tzinfo=dt.UTC)


@pytest.fixture
def clock():
    with time_machine.travel(NINE, tick=False) as clock:
        yield clock


def acting(token):
    """Its owner, as the user of a request with the token."""
    person = User.objects.get(pk=token.person_id)
    person.token = ApiToken.objects.get(pk=token.pk)
    return person


# What a token can do


def test_token_can_do_what_its_scope_and_its_owners_roles_grant(neurologist):
    # Given a token of a neurologist, for the diary alone
    person = acting(builders.a_token(by=neurologist, permissions=[SEE]))

    # Then it can do only that, although the neurologist can do more
    assert [each for each in Permission if may(person, each)] == [SEE, Permission.LOG_IN]
    assert may(neurologist, CHANGE)

    # And not even that once the role is gone
    neurologist.groups.set(Group.objects.filter(name="auditor"))
    assert [each for each in Permission if may(acting(person.token), each)] == [Permission.LOG_IN]


def test_new_role_does_not_widen_a_token(staff):
    token = builders.a_token(by=staff, permissions=[SEE])
    staff.groups.set(Group.objects.all())
    assert [each for each in Permission if may(acting(token), each)] == [SEE, Permission.LOG_IN]


def test_token_of_a_deactivated_user_has_no_permission(neurologist):
    person = acting(builders.a_token(by=neurologist, permissions=[SEE]))
    person.is_active = False
    assert [each for each in Permission if may(person, each)] == []


def test_permissions_are_reading_writing_or_for_people_only():
    assert {each.name.partition("_")[0] for each in READING} == {"SEE", "LOOK"}
    assert {each.name.partition("_")[0] for each in WRITING} == {"CHANGE"}
    assert {each.name for each in FOR_PEOPLE_ALONE} == {
        "SIGN_SESSIONS", "CONFIRM_SAME_PERSON", "EXPORT_PATIENTS", "SEE_OVERVIEW", "SET_HOURS", "ADMINISTER",
        "IMPORT_PATIENTS", "EXPORT_ALL",
    }  # fmt: skip


@pytest.mark.parametrize("permission", sorted(FOR_PEOPLE_ALONE, key=str), ids=lambda each: each.name)
def test_permission_for_people_only_is_denied_to_tokens(permission, neurologist):
    assert may(neurologist, permission) or permission is Permission.ADMINISTER
    with pytest.raises(Refused, match="never signs"):
        builders.a_token(by=neurologist, permissions=[SEE, permission])
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize("permission", sorted(FOR_PEOPLE_ALONE, key=str), ids=lambda each: each.name)
def test_stored_permission_for_people_only_has_no_effect(permission, neurologist):
    token = builders.a_token(by=neurologist, permissions=[SEE])
    ApiToken.objects.update(scope=f"SEE_DIARY,{permission.name},NO_LONGER_KNOWN")
    person = acting(token)
    assert person.token.permissions == {SEE}
    assert not may(person, permission)


def test_token_cannot_have_more_than_its_owner(trainee):
    with pytest.raises(Refused, match="only what you can do"):
        builders.a_token(by=trainee, permissions=[Permission.LOOK_UP_LOTS])
    with pytest.raises(Refused, match="Select at least one"):
        builders.a_token(by=trainee, permissions=[])
    assert token_entries() == []


def test_token_describes_its_scope(neurologist):
    token = builders.a_token(by=neurologist, permissions=[Permission.CHANGE_SESSIONS, Permission.SEE_SESSIONS])
    assert token.permission_labels() == ["see injection sessions", "plan sessions: muscles and sides, never a dose"]
    assert ApiToken.objects.get().permissions == {Permission.SEE_SESSIONS, Permission.CHANGE_SESSIONS}


def test_personal_actions_are_denied_to_tokens(neurologist):
    token = builders.a_token(by=neurologist)
    require_person(neurologist, "Only a person signs.")
    with pytest.raises(PermissionDenied, match="Only a person signs"):
        require_person(acting(token), "Only a person signs.")
    with pytest.raises(PermissionDenied):
        builders.a_token(by=acting(token))
    assert token_entries() == [("created a token", token.pk)]


# How it is made


@pytest.mark.engine
def test_only_a_hash_of_the_secret_is_stored(neurologist, tmp_path):
    # Given a token
    token = builders.a_token(by=neurologist)
    assert token.secret.startswith("collum_")
    assert len(token.secret) >= len("collum_") + 43

    # Then the whole database does not contain it
    assert ApiToken.objects.get().secret is None
    call_command("dumpdata", output=str(tmp_path / "all.json"), verbosity=0)
    dumped = (tmp_path / "all.json").read_text()
    assert token.token_hash in dumped
    assert token.secret not in dumped
    assert token.secret.removeprefix("collum_") not in dumped

    # And the hash is not a valid secret
    assert found(token) == token
    assert ApiToken.objects.with_secret(token.token_hash) is None


def test_audit_trail_names_the_actor_but_no_name_or_secret(neurologist):
    token = builders.a_token(by=neurologist, name="Unmistakable")
    for _ in range(2):
        revoke_token(token=token, by=neurologist)
    assert token_entries() == [("created a token", token.pk), ("revoked a token", token.pk)]
    entries = str(list(AuditEntry.objects.values()))
    assert not [each for each in ("Unmistakable", token.secret, token.token_hash) if each in entries]
    assert {entry.actor for entry in AuditEntry.objects.filter(action__endswith="a token")} == {neurologist}


def test_audit_trail_names_the_token_of_a_program(neurologist, superuser):
    token = builders.a_token(by=neurologist)
    audit_log.record("changed", by=acting(token))
    audit_log.record("changed", by=neurologist)
    superuser.token = token
    audit_log.record("changed", by=superuser)
    roles = AuditEntry.objects.filter(action="changed").order_by("pk").values_list("roles", flat=True)
    assert list(roles) == [f"neurologist, token {token.pk}", "neurologist", f"token {token.pk}"]


def test_audit_trail_fits_every_role_and_the_largest_token():
    longest = ", ".join([*ROLES, f"token {2**63 - 1}"])
    assert len(longest) <= AuditEntry._meta.get_field("roles").max_length


@pytest.mark.engine
@pytest.mark.parametrize("days", [7, 30, 90, 365])
def test_token_ends_after_the_chosen_days(days, neurologist, clock):
    assert builders.a_token(by=neurologist, days=days).expires_at == NINE + dt.timedelta(days=days)


@pytest.mark.parametrize("days", [0, -7, 1, 366, 10**6])
def test_other_number_of_days_is_rejected(days, neurologist):
    with pytest.raises(Refused, match="7, 30, 90 or 365 days"):
        builders.a_token(by=neurologist, days=days)


@pytest.mark.engine
def test_name_is_unique_among_the_owners_active_tokens(neurologist, trainee, clock):
    # Given a token, and another user's token of that name
    token = builders.a_token(by=neurologist, name="Copy", days=7)
    builders.a_token(by=trainee, name="Copy")
    with pytest.raises(Refused, match="already have a token called COPY"):
        builders.a_token(by=neurologist, name="COPY")

    # When it is revoked, or the next expires, or the next ends with the password, then its name is free
    revoke_token(token=token, by=neurologist)
    builders.a_token(by=neurologist, name="Copy", days=7)
    clock.shift(dt.timedelta(days=7))
    builders.a_token(by=neurologist, name="Copy")
    neurologist.set_password(NEW)
    neurologist.save()
    builders.a_token(by=neurologist, name="Copy")
    assert neurologist.api_tokens.count() == 4


@pytest.mark.engine
def test_owner_has_at_most_20_active_tokens(neurologist, trainee, clock):
    # Given nineteen active tokens, and as many ended ones
    ended = [builders.a_token(by=neurologist, days=7) for _ in range(19)]
    for token in ended[:9]:
        revoke_token(token=token, by=neurologist)
    clock.shift(dt.timedelta(days=7))
    tokens = [builders.a_token(by=neurologist) for _ in range(20)]

    # Then the twenty-first waits until another is revoked; others have their own twenty
    with pytest.raises(Refused, match="You already have 20 tokens"):
        builders.a_token(by=neurologist)
    builders.a_token(by=trainee)
    revoke_token(token=tokens[0], by=neurologist)
    builders.a_token(by=neurologist)


@pytest.mark.engine
@pytest.mark.django_db(transaction=True)
def test_concurrent_forms_create_at_most_20_tokens():
    person = builders.a_clinician()
    for _ in range(18):
        builders.a_token(by=person)
    made = at_once(*[partial(builders.a_token, by=person) for _ in range(5)])
    assert sum(isinstance(each, ApiToken) for each in made) == 2
    assert person.api_tokens.count() == 20


def test_token_is_created_by_its_owner(neurologist, superuser):
    with pytest.raises(Refused, match="only for yourself"):
        create_token(person=neurologist, name="Copy", permissions=[SEE], days=7, by=superuser)


@pytest.mark.engine
@pytest.mark.parametrize(
    "values",
    [
        {"name": ""},
        {"scope": ""},
        {"expires_at": NINE - dt.timedelta(days=9999)},
        {"name": "TAKEN"},
        {"token_hash": "taken"},
    ],
    ids=lambda values: next(iter(values)),
)
def test_database_rejects_an_invalid_token(values, neurologist):
    other = builders.a_token(by=neurologist, name="taken")
    ApiToken.objects.filter(pk=other.pk).update(token_hash="taken")
    token = builders.a_token(by=neurologist)
    with pytest.raises(IntegrityError), transaction.atomic():
        ApiToken.objects.filter(pk=token.pk).update(**values)


# How it ends


@pytest.mark.engine
def test_token_is_valid_until_its_end(neurologist, clock):
    token = builders.a_token(by=neurologist, days=7)
    clock.shift(dt.timedelta(days=7, seconds=-1))
    assert found(token) == token
    clock.shift(dt.timedelta(seconds=1))
    assert found(token) is None


@pytest.mark.engine
def test_revoked_token_is_invalid_and_others_stay_valid(neurologist):
    token, other = builders.a_token(by=neurologist), builders.a_token(by=neurologist)
    revoke_token(token=token, by=neurologist)
    assert found(token) is None
    assert found(other) == other


def test_only_the_owner_can_revoke_a_token(neurologist, superuser):
    token = builders.a_token(by=neurologist)
    with pytest.raises(Refused, match="another user"):
        revoke_token(token=token, by=superuser)
    assert found(token) == token


def test_changed_password_ends_every_token(login, neurologist, trainee):
    token, other = builders.a_token(by=neurologist), builders.a_token(by=trainee)
    assert change_password(login(neurologist)).status_code == 302
    assert found(token) is None
    assert found(other) == other


def test_token_created_after_a_password_change_is_invalid(neurologist):
    """The form was let in by the password of before."""
    stale = User.objects.get(pk=neurologist.pk)
    neurologist.set_password(NEW)
    neurologist.save()
    assert found(builders.a_token(by=stale)) is None


@pytest.mark.parametrize("changed", [{"is_active": False}, {"must_change_password": True}], ids=lambda each: str(each))
def test_token_is_invalid_when_its_owner_cannot_log_in(changed, neurologist):
    token = builders.a_token(by=neurologist)
    User.objects.filter(pk=neurologist.pk).update(**changed)
    assert found(token) is None


@pytest.mark.engine
@pytest.mark.parametrize("secret", ["", "collum_", "x" * 3000, "é\x00", "collum_\x00"])
def test_wrong_secret_is_invalid(secret, neurologist):
    token = builders.a_token(by=neurologist)
    assert ApiToken.objects.with_secret(secret) is None
    assert ApiToken.objects.with_secret(token.secret + "x") is None
    assert ApiToken.objects.with_secret(token.secret.upper()) is None


@pytest.mark.engine
def test_token_and_owner_are_found_in_one_query(neurologist, django_assert_num_queries):
    token = builders.a_token(by=neurologist)
    with django_assert_num_queries(1):
        assert found(token).person == neurologist


@pytest.mark.engine
def test_methods_for_one_token_agree_with_the_queryset(neurologist, clock):
    # Given a token of every kind
    builders.a_token(by=neurologist, days=7)
    revoke_token(token=builders.a_token(by=neurologist), by=neurologist)
    builders.a_token(by=neurologist)
    neurologist.set_password(NEW)
    neurologist.save()
    builders.a_token(by=neurologist)
    clock.shift(dt.timedelta(days=7))
    now = NINE + dt.timedelta(days=7)

    # Then both forms agree
    every = set(ApiToken.objects.all())
    active = set(ApiToken.objects.active(now))
    working = set(ApiToken.objects.working(neurologist, now))
    assert (len(every), len(active), len(working)) == (4, 2, 1)
    assert {token for token in every if token.is_active(now)} == active


# Counting its uses


@pytest.mark.engine
def test_uses_are_counted_per_minute(neurologist):
    token = builders.a_token(by=neurologist)
    at = NINE + dt.timedelta(seconds=59)
    assert [ApiToken.objects.count_use(token.pk, at) for _ in range(3)] == [1, 2, 3]
    later = NINE + dt.timedelta(seconds=60)
    assert [ApiToken.objects.count_use(token.pk, later) for _ in range(2)] == [1, 2]
    token.refresh_from_db()
    assert (token.last_used_at, token.window_at) == (later, later)


def test_delayed_request_does_not_restart_an_earlier_minute(neurologist):
    token = builders.a_token(by=neurologist)
    late, soon = NINE + dt.timedelta(seconds=59), NINE + dt.timedelta(seconds=60)
    assert [ApiToken.objects.count_use(token.pk, at) for at in (late, soon, late, soon)] == [1, 1, 2, 3]


def test_clock_that_was_ahead_does_not_block_a_token(neurologist):
    token = builders.a_token(by=neurologist)
    ApiToken.objects.count_use(token.pk, NINE + dt.timedelta(hours=1))
    assert ApiToken.objects.count_use(token.pk, NINE) == 1


def test_each_token_has_a_count_of_its_own(neurologist):
    first, second = builders.a_token(by=neurologist), builders.a_token(by=neurologist)
    assert [ApiToken.objects.count_use(token.pk, NINE) for token in (first, second, first)] == [1, 1, 2]


@pytest.mark.engine
@pytest.mark.django_db(transaction=True)
def test_concurrent_uses_are_all_counted():
    token = builders.a_token()

    def use():
        return [ApiToken.objects.count_use(token.pk, NINE) for _ in range(5)]

    assert sorted(chain(*at_once(*[use] * 12))) == list(range(1, 61))


@pytest.mark.engine
def test_revoked_token_keeps_its_count(neurologist):
    token = builders.a_token(by=neurologist)
    ApiToken.objects.count_use(token.pk, NINE)
    revoke_token(token=token, by=neurologist)
    token.refresh_from_db()
    assert (token.window_count, token.last_used_at) == (1, NINE)
