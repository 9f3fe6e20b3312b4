"""Tokens for programs: what one may, how it is made and shown once, and all the ways in which it ends."""

import datetime as dt
import logging
from functools import partial
from itertools import chain

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from clinic.accounts.actions import create_token, revoke_token
from clinic.accounts.permissions import READ_WITH, READING, ROLES, WRITING, Permission, may, require_person
from clinic.models import ApiToken, AuditEntry, Submission, User
from clinic.records import audit_log
from clinic.records.exceptions import Refused
from tests import builders
from tests.clinic.accounts.test_login import NEW, change_password
from tests.parallel import at_once
from tests.patients.people.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

PAGE = reverse("clinic:tokens")
NINE = dt.datetime(2026, 5, 4, 9, tzinfo=dt.UTC)
SEE, CHANGE = Permission.SEE_DIARY, Permission.CHANGE_DIARY
FOR_PEOPLE_ALONE = set(Permission) - READING - WRITING - {Permission.ANYBODY}


@pytest.fixture
def clock():
    with time_machine.travel(NINE, tick=False) as clock:
        yield clock


def acting(token):
    """Its person, as they stand behind a request that came with the token."""
    person = User.objects.get(pk=token.person_id)
    person.token = ApiToken.objects.get(pk=token.pk)
    return person


def found(token):
    return ApiToken.objects.with_secret(token.secret)


def send(client, **typed):
    """The page's form, as the browser sends it."""
    form = {
        "submission_key": builders.a_submission_key(), "name": "Nightly copy", "days": "30", "scope": "read",
        "password": builders.PASSWORD,
    }  # fmt: skip
    return client.post(PAGE, {**form, **typed})


def told():
    """What the trail says of tokens."""
    return list(AuditEntry.objects.filter(action__endswith="a token").order_by("pk").values_list("action", "object_id"))


# What a token may


def test_a_token_may_what_both_its_scope_and_its_persons_roles_grant(neurologist):
    # Given a token of a neurologist, for the diary alone
    person = acting(builders.a_token(by=neurologist, permissions=[SEE]))

    # Then it may no more than that, although the neurologist may
    assert [each for each in Permission if may(person, each)] == [SEE, Permission.ANYBODY]
    assert may(neurologist, CHANGE)

    # And not even that once the role is gone
    neurologist.groups.set(Group.objects.filter(name="auditor"))
    assert [each for each in Permission if may(acting(person.token), each)] == [Permission.ANYBODY]


def test_a_new_role_widens_no_token(staff):
    token = builders.a_token(by=staff, permissions=[SEE])
    staff.groups.set(Group.objects.all())
    assert [each for each in Permission if may(acting(token), each)] == [SEE, Permission.ANYBODY]


def test_a_deactivated_persons_token_may_nothing(neurologist):
    person = acting(builders.a_token(by=neurologist, permissions=[SEE]))
    person.is_active = False
    assert [each for each in Permission if may(person, each)] == []


def test_what_reads_and_what_writes_are_told_apart_and_the_rest_is_for_people():
    assert {each.name.partition("_")[0] for each in READING} == {"SEE", "LOOK"}
    assert {each.name.partition("_")[0] for each in WRITING} == {"CHANGE"}
    assert {each.name for each in FOR_PEOPLE_ALONE} == {
        "SIGN_SESSIONS", "CONFIRM_SAME_PERSON", "EXPORT_PATIENTS", "SEE_OVERVIEW",
    }  # fmt: skip


@pytest.mark.parametrize("permission", sorted(FOR_PEOPLE_ALONE, key=str), ids=lambda each: each.name)
def test_what_is_for_people_alone_is_given_to_no_token(permission, neurologist):
    assert may(neurologist, permission)
    with pytest.raises(Refused, match="never signs"):
        builders.a_token(by=neurologist, permissions=[SEE, permission])
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize("permission", sorted(FOR_PEOPLE_ALONE, key=str), ids=lambda each: each.name)
def test_not_even_the_database_gives_a_token_what_is_for_people_alone(permission, neurologist):
    token = builders.a_token(by=neurologist, permissions=[SEE])
    ApiToken.objects.update(scope=f"SEE_DIARY,{permission.name},NO_LONGER_KNOWN")
    person = acting(token)
    assert person.token.permissions == {SEE}
    assert not may(person, permission)


def test_nobody_gives_what_is_not_theirs(trainee):
    with pytest.raises(Refused, match="only what you can do"):
        builders.a_token(by=trainee, permissions=[Permission.LOOK_UP_LOTS])
    with pytest.raises(Refused, match="Select at least one"):
        builders.a_token(by=trainee, permissions=[])
    assert told() == []


def test_a_token_says_in_words_what_it_may(neurologist):
    token = builders.a_token(by=neurologist, permissions=[Permission.CHANGE_SESSIONS, Permission.SEE_SESSIONS])
    assert token.in_words() == ["see injection sessions", "plan sessions: muscles and sides, never a dose"]
    assert ApiToken.objects.get().permissions == {Permission.SEE_SESSIONS, Permission.CHANGE_SESSIONS}


def test_what_is_a_persons_own_is_refused_to_a_program(neurologist):
    token = builders.a_token(by=neurologist)
    require_person(neurologist, "Only a person signs.")
    with pytest.raises(PermissionDenied, match="Only a person signs"):
        require_person(acting(token), "Only a person signs.")
    with pytest.raises(PermissionDenied):
        builders.a_token(by=acting(token))
    assert told() == [("created a token", token.pk)]


# How it is made


def test_only_a_hash_of_the_secret_is_kept(neurologist, tmp_path):
    # Given a token
    token = builders.a_token(by=neurologist)
    assert token.secret.startswith("collum_")
    assert len(token.secret) >= len("collum_") + 43

    # Then nothing in the whole database gives it away
    assert ApiToken.objects.get().secret is None
    call_command("dumpdata", output=str(tmp_path / "all.json"), verbosity=0)
    dumped = (tmp_path / "all.json").read_text()
    assert token.token_hash in dumped
    assert token.secret not in dumped
    assert token.secret.removeprefix("collum_") not in dumped

    # And the hash opens nothing
    assert found(token) == token
    assert ApiToken.objects.with_secret(token.token_hash) is None


def test_the_trail_says_who_made_and_revoked_it_and_neither_its_name_nor_its_secret(neurologist):
    token = builders.a_token(by=neurologist, name="Unmistakable")
    for _ in range(2):
        revoke_token(token=token, by=neurologist)
    assert told() == [("created a token", token.pk), ("revoked a token", token.pk)]
    entries = str(list(AuditEntry.objects.values()))
    assert not [each for each in ("Unmistakable", token.secret, token.token_hash) if each in entries]
    assert {entry.actor for entry in AuditEntry.objects.filter(action__endswith="a token")} == {neurologist}


def test_the_trail_says_by_which_token_a_program_acted(neurologist, superuser):
    token = builders.a_token(by=neurologist)
    audit_log.record("changed", by=acting(token))
    audit_log.record("changed", by=neurologist)
    superuser.token = token
    audit_log.record("changed", by=superuser)
    roles = AuditEntry.objects.filter(action="changed").order_by("pk").values_list("roles", flat=True)
    assert list(roles) == [f"neurologist, token {token.pk}", "neurologist", f"token {token.pk}"]


def test_the_trail_has_room_for_every_role_and_the_largest_token():
    longest = ", ".join([*ROLES, f"token {2**63 - 1}"])
    assert len(longest) <= AuditEntry._meta.get_field("roles").max_length


@pytest.mark.parametrize("days", [7, 30, 90, 365])
def test_a_token_ends_after_one_of_four_times(days, neurologist, clock):
    assert builders.a_token(by=neurologist, days=days).expires_at == NINE + dt.timedelta(days=days)


@pytest.mark.parametrize("days", [0, -7, 1, 366, 10**6])
def test_no_token_has_another_time(days, neurologist):
    with pytest.raises(Refused, match="7, 30, 90 or 365 days"):
        builders.a_token(by=neurologist, days=days)


def test_a_name_stands_once_among_a_persons_tokens_and_is_free_again_when_its_token_ended(neurologist, trainee, clock):
    # Given a token, and one of somebody else of that name
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


def test_nobody_has_more_than_twenty_at_once(neurologist, trainee, clock):
    # Given nineteen that stand, and as many that have ended
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


@pytest.mark.django_db(transaction=True)
def test_nobody_has_more_than_twenty_however_many_forms_are_sent_at_once():
    person = builders.a_clinician()
    for _ in range(18):
        builders.a_token(by=person)
    made = at_once(*[partial(builders.a_token, by=person) for _ in range(5)])
    assert sum(isinstance(each, ApiToken) for each in made) == 2
    assert person.api_tokens.count() == 20


def test_a_token_is_made_by_its_own_person(neurologist, superuser):
    with pytest.raises(Refused, match="only for yourself"):
        create_token(person=neurologist, name="Copy", permissions=[SEE], days=7, by=superuser)


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
def test_the_database_refuses_a_token_that_cannot_be(values, neurologist):
    other = builders.a_token(by=neurologist, name="taken")
    ApiToken.objects.filter(pk=other.pk).update(token_hash="taken")
    token = builders.a_token(by=neurologist)
    with pytest.raises(IntegrityError), transaction.atomic():
        ApiToken.objects.filter(pk=token.pk).update(**values)


# How it ends


def test_a_token_opens_until_its_time_is_over(neurologist, clock):
    token = builders.a_token(by=neurologist, days=7)
    clock.shift(dt.timedelta(days=7, seconds=-1))
    assert found(token) == token
    clock.shift(dt.timedelta(seconds=1))
    assert found(token) is None


def test_a_revoked_token_opens_nothing_and_others_still_do(neurologist):
    token, other = builders.a_token(by=neurologist), builders.a_token(by=neurologist)
    revoke_token(token=token, by=neurologist)
    assert found(token) is None
    assert found(other) == other


def test_only_its_own_person_revokes_a_token(neurologist, superuser):
    token = builders.a_token(by=neurologist)
    with pytest.raises(Refused, match="another user"):
        revoke_token(token=token, by=superuser)
    assert found(token) == token


def test_a_changed_password_ends_every_token(login, neurologist, trainee):
    token, other = builders.a_token(by=neurologist), builders.a_token(by=trainee)
    assert change_password(login(neurologist)).status_code == 302
    assert found(token) is None
    assert found(other) == other


def test_a_token_made_after_the_password_changed_elsewhere_opens_nothing(neurologist):
    """The form was let in by the password of before."""
    stale = User.objects.get(pk=neurologist.pk)
    neurologist.set_password(NEW)
    neurologist.save()
    assert found(builders.a_token(by=stale)) is None


@pytest.mark.parametrize("changed", [{"is_active": False}, {"must_change_password": True}], ids=lambda each: str(each))
def test_whoever_cannot_log_in_or_must_change_the_password_has_no_token(changed, neurologist):
    token = builders.a_token(by=neurologist)
    User.objects.filter(pk=neurologist.pk).update(**changed)
    assert found(token) is None


@pytest.mark.parametrize("secret", ["", "collum_", "x" * 3000, "é\x00", "collum_\x00"])
def test_a_wrong_secret_opens_nothing(secret, neurologist):
    token = builders.a_token(by=neurologist)
    assert ApiToken.objects.with_secret(secret) is None
    assert ApiToken.objects.with_secret(token.secret + "x") is None
    assert ApiToken.objects.with_secret(token.secret.upper()) is None


def test_a_token_is_found_with_its_person_in_one_query(neurologist, django_assert_num_queries):
    token = builders.a_token(by=neurologist)
    with django_assert_num_queries(1):
        assert found(token).person == neurologist


def test_the_single_row_forms_say_what_the_questions_of_many_say(neurologist, clock):
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


def test_uses_are_counted_minute_by_minute(neurologist):
    token = builders.a_token(by=neurologist)
    at = NINE + dt.timedelta(seconds=59)
    assert [ApiToken.objects.count_use(token.pk, at) for _ in range(3)] == [1, 2, 3]
    later = NINE + dt.timedelta(seconds=60)
    assert [ApiToken.objects.count_use(token.pk, later) for _ in range(2)] == [1, 2]
    token.refresh_from_db()
    assert (token.last_used_at, token.window_at) == (later, later)


def test_a_request_that_had_to_wait_does_not_begin_the_former_minute_again(neurologist):
    token = builders.a_token(by=neurologist)
    late, soon = NINE + dt.timedelta(seconds=59), NINE + dt.timedelta(seconds=60)
    assert [ApiToken.objects.count_use(token.pk, at) for at in (late, soon, late, soon)] == [1, 1, 2, 3]


def test_a_clock_that_was_ahead_locks_nobody_out(neurologist):
    token = builders.a_token(by=neurologist)
    ApiToken.objects.count_use(token.pk, NINE + dt.timedelta(hours=1))
    assert ApiToken.objects.count_use(token.pk, NINE) == 1


def test_each_token_has_a_count_of_its_own(neurologist):
    first, second = builders.a_token(by=neurologist), builders.a_token(by=neurologist)
    assert [ApiToken.objects.count_use(token.pk, NINE) for token in (first, second, first)] == [1, 1, 2]


@pytest.mark.django_db(transaction=True)
def test_of_uses_at_once_each_is_counted():
    token = builders.a_token()

    def use():
        return [ApiToken.objects.count_use(token.pk, NINE) for _ in range(5)]

    assert sorted(chain(*at_once(*[use] * 12))) == list(range(1, 61))


def test_a_token_that_is_revoked_keeps_its_count(neurologist):
    token = builders.a_token(by=neurologist)
    ApiToken.objects.count_use(token.pk, NINE)
    revoke_token(token=token, by=neurologist)
    token.refresh_from_db()
    assert (token.window_count, token.last_used_at) == (1, NINE)


# The page


def test_a_token_is_shown_once_and_nowhere_else(login, neurologist, caplog):
    # When somebody makes a token on their page
    caplog.set_level(logging.DEBUG)
    client = login(neurologist)
    made = send(client)

    # Then it stands on that answer, which nobody may keep
    secret = made.context["made"].secret
    assert made.status_code == 200
    assert made.content.decode().count(secret) == 1
    assert f'value="{secret}"' in made.content.decode()
    assert "no-store" in made["Cache-Control"]
    assert secret not in str(made.headers) + str(made.cookies)

    # And never again, in no login, no message and no log
    assert secret not in client.get(PAGE).content.decode()
    assert secret not in str(dict(client.session.items())) + caplog.text
    assert ApiToken.objects.with_secret(secret).permissions == {each for each in READING if may(neurologist, each)}


def test_the_page_says_of_each_token_what_it_may_and_when_it_ends(login, neurologist, clock):
    token = builders.a_token(by=neurologist, name="Waiting room", permissions=[SEE], days=7)
    client = login(neurologist)
    assert "Waiting room see visits and follow-ups 4 May 2026 never 11 May 2026 Revoke" in text_of(client.get(PAGE))
    ApiToken.objects.count_use(token.pk, NINE)
    assert "4 May 2026 4 May 2026, 10:00 11 May 2026" in text_of(client.get(PAGE))
    assert "never types a dose and never signs" in text_of(client.get(PAGE))


def test_what_has_ended_is_listed_below(login, neurologist, clock):
    # Given one that was revoked, one that expires, and one that ends with the password
    builders.a_token(by=neurologist, name="Brief", days=7)
    builders.a_token(by=neurologist, name="Expires", days=7)
    revoked = builders.a_token(by=neurologist, name="Revoked")
    builders.a_token(by=neurologist, name="Former")
    clock.shift(dt.timedelta(days=2))
    revoke_token(token=revoked, by=neurologist)
    neurologist.set_password(NEW)
    neurologist.save()
    clock.shift(dt.timedelta(days=7))

    # Then each is said to have ended, and when, also after an expired one was put away
    builders.a_token(by=neurologist, name="New")
    page = text_of(login(neurologist).get(PAGE))
    active, ended = page.split(" Ended ")
    assert "New" in active
    assert not [name for name in ("Brief", "Expires", "Revoked", "Former") if name in active]
    assert "Revoked, created on 4 May 2026, ended on 6 May 2026" in ended
    assert "Expires, created on 4 May 2026, ended on 11 May 2026" in ended
    assert "Former, created on 4 May 2026, ended when your password changed" in ended


def test_the_form_offers_what_the_person_may_and_no_more(login, staff, neurologist):
    page = login(staff).get(PAGE)
    assert [label for _, label in page.context["form"].fields["permissions"].choices] == [
        "see patients", "see visits and follow-ups", "register and change patients", "change visits and follow-ups",
    ]  # fmt: skip
    labels = dict(login(neurologist).get(PAGE).context["form"].fields["permissions"].choices)
    assert labels["CHANGE_SESSIONS"] == "plan sessions: muscles and sides, never a dose"
    assert not labels.keys() & {each.name for each in FOR_PEOPLE_ALONE}


def test_reading_is_chosen_beforehand_and_for_at_most_ninety_days(login, neurologist):
    form = login(neurologist).get(PAGE).context["form"]
    assert form["scope"].value() == "read"
    assert not form["permissions"].value()
    assert form["days"].value() <= 90


def test_what_is_ticked_is_what_the_token_may(login, staff):
    send(login(staff), scope="ticked", permissions=["SEE_DIARY", "CHANGE_DIARY"])
    assert ApiToken.objects.get().permissions == {SEE, CHANGE}


def test_whoever_may_nothing_that_a_program_could_do_finds_no_form(login, superuser):
    client = login(superuser)
    assert "Your roles have no permission that you can give to a program" in text_of(client.get(PAGE))
    assert send(client).status_code == 409
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"name": " "}, "name", "Enter the name of the program."),
        ({"name": "x" * 61}, "name", "at most 60 characters"),
        ({"name": "a\u202eb"}, "name", "invisible character"),
        ({"name": "taken"}, "name", "You already have a token called taken. Choose another name."),
        ({"days": "366"}, "days", "Select a valid choice"),
        ({"scope": ""}, "scope", "Select what the token can do."),
        ({"scope": "ticked"}, "permissions", "Select at least one"),
        ({"scope": "ticked", "permissions": ["SIGN_SESSIONS"]}, "permissions", "do not have one of these permissions"),
        ({"scope": "ticked", "permissions": ["SEE_AUDIT"]}, "permissions", "do not have one of these permissions"),
        ({"permissions": ["SEE_DIARY"]}, "scope", "You selected some permissions."),
        ({"password": ""}, "password", "Type your password to create a token."),
        ({"password": "not-the-password"}, "password", "This is not your password."),
        ({"submission_key": ""}, "__all__", "This form was sent without the details of what you saw"),
    ],
    ids=str,
)
def test_what_cannot_be_is_said_beside_its_field_and_what_was_typed_stays(typed, field, sentence, login, neurologist):
    builders.a_token(by=neurologist, name="Taken")
    answer = send(login(neurologist), **{"days": "7", **typed})
    form = answer.context["form"]
    assert sentence in " ".join(form.errors[field])
    assert list(form.errors) == [field]
    assert ApiToken.objects.count() == 1
    assert form["name"].value() == typed.get("name", "Nightly copy")
    assert form["days"].value() == typed.get("days", "7")
    assert not [each for each in (builders.PASSWORD, "not-the-password") if each in answer.content.decode()]


def test_the_wrong_password_counts_like_a_failed_login(login, neurologist):
    client = login(neurologist)
    for _ in range(10):
        assert "This is not your password." in text_of(send(client, password="not-the-password"))
    assert "Too many failed attempts." in text_of(send(client))
    assert not ApiToken.objects.exists()


def test_the_same_form_sent_twice_makes_one_token_and_shows_it_once(login, neurologist):
    # Given a form that was sent
    client, key = login(neurologist), builders.a_submission_key()
    secret = send(client, submission_key=key).context["made"].secret

    # When it is sent again, then its token stands alone and is not shown
    again = send(client, submission_key=key)
    assert again.status_code == 200
    assert "This token was already created and cannot be shown again." in text_of(again)
    assert secret not in again.content.decode()
    assert 'aria-label="The token for' not in again.content.decode()
    assert ApiToken.objects.count() == 1
    assert len(told()) == 1

    # And with other content it is refused
    assert "already sent with different content" in text_of_refused(send(client, submission_key=key, name="Other"))


def text_of_refused(answer):
    assert answer.status_code == 409
    answer.status_code = 200
    return text_of(answer)


def test_what_is_kept_against_a_second_sending_says_nothing_of_the_password(login, neurologist):
    """Its hash is a quick one, by which passwords could be tried."""
    client, key = login(neurologist), builders.a_submission_key()
    send(client, submission_key=key)
    before = Submission.objects.get().body_hash
    change_password(client)
    Submission.objects.all().delete()
    ApiToken.objects.all().delete()
    send(client, submission_key=key, password=NEW)
    assert Submission.objects.get().body_hash == before


@pytest.mark.django_db(transaction=True)
def test_the_same_form_sent_at_once_makes_one_token():
    person, key = builders.a_clinician(), builders.a_submission_key()

    def sending():
        client = Client()
        client.force_login(person)
        return send(client, submission_key=key).content.decode()

    answers = at_once(*[sending] * 4)
    assert sum('value="collum_' in answer for answer in answers) == 1
    assert sum("was already created" in answer for answer in answers) == 3
    assert ApiToken.objects.count() == 1


def test_a_token_is_revoked_on_the_page(login, neurologist):
    token = builders.a_token(by=neurologist)
    client = login(neurologist)
    for _ in range(2):
        answer = client.post(reverse("clinic:token-revoke", args=[token.pk]))
        assert answer["Location"] == PAGE
    assert "The token is revoked." in text_of(client.get(PAGE))
    assert found(token) is None
    assert told() == [("created a token", token.pk), ("revoked a token", token.pk)]


def test_other_peoples_tokens_are_neither_seen_nor_revoked(login, neurologist, trainee, superuser):
    token = builders.a_token(by=neurologist, name="Unmistakable")
    for person in (trainee, superuser):
        assert "Unmistakable" not in login(person).get(PAGE).content.decode()
        assert login(person).post(reverse("clinic:token-revoke", args=[token.pk])).status_code == 404
    assert found(token) == token


def test_the_form_accepts_nothing_that_the_server_sets(login, neurologist, trainee):
    send(
        login(neurologist), person=trainee.pk, token_hash="0" * 64, made_under="0" * 64, expires_at="2099-01-01",
        secret="collum_chosen", id=77,
    )  # fmt: skip
    token = ApiToken.objects.get()
    assert token.person == neurologist
    assert token.made_under == neurologist.get_session_auth_hash()
    assert (token.expires_at - token.made_at).days == 30
    assert token.token_hash != "0" * 64


def test_everybody_finds_the_page_in_their_own_menu(login, auditor):
    assert f'<a href="{PAGE}">Tokens for programs</a>' in login(auditor).get(PAGE).content.decode()


@pytest.mark.parametrize("writing", sorted(READ_WITH, key=lambda one: one.name))
def test_a_token_that_writes_reads_too_since_every_write_is_answered_with_what_stands_there(writing):
    person = builders.a_person("neurologist", "catalogue manager")
    with pytest.raises(Refused, match="Select that too"):
        builders.a_token(by=person, permissions=[writing])
    assert builders.a_token(by=person, permissions=[writing, READ_WITH[writing]]).permissions
