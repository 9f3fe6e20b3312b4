"""What an administrator sees: the steps of the set-up, the users, their logins, and the last backups."""

import datetime as dt
from collections import Counter
from typing import NamedTuple

from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from clinic.accounts import login_failures, login_lifetime
from clinic.accounts.hashed_sessions import HashedSessionStore
from clinic.accounts.permissions import ROLES
from clinic.models import BackupKind, BackupRun, Clinic, LoginFailures, SetUpCheck, User
from clinic.records.dates import format_date
from clinic.records.text import counted
from patients.models import WorkingHours

NEEDED_ROLES = ("neurologist", "clinic staff")
MOST_LOGINS = 5_000


class SetUpStep(NamedTuple):
    name: str
    title: str
    is_done: bool
    text: str


def steps_of_set_up(runs):
    """`runs` as BackupRun.objects.latest_by_kind() gives them."""
    checks, ours = SetUpCheck.objects.all().latest_by_kind(), Clinic.ours()
    return [_clinic(ours), _time_zone(ours, checks), _people(), _hours(), _email(checks), _backup(checks, runs)]


def _clinic(ours):
    missing = [word for word, value in (("name", ours.name), ("address", ours.address)) if not value.strip()]
    text = f"Missing: {' and '.join(missing)}." if missing else f"{ours.name}, {ours.address_in_a_line}"
    return SetUpStep("clinic", "Clinic’s name and address", not missing, text)


def _time_zone(ours, checks):
    check = checks.get("time_zone")
    is_done = check is not None and check.time_zone == ours.time_zone
    now = timezone.localtime(timezone=ours.zone)
    return SetUpStep("time_zone", "Time zone", is_done, f"{ours.get_time_zone_display()}, where it is {now:%H:%M} now.")


def _people():
    groups = User.objects.filter(is_active=True).values_list("groups__name", flat=True)
    held = Counter(name for name in groups if name in ROLES)
    missing = [role for role in NEEDED_ROLES if not held[role]]
    text = ", ".join(f"{role} {held[role]}" for role in ROLES if held[role]) or "No user has a role."
    if missing:
        text = f"{text} No user has the role {' or '.join(missing)} yet." if held else text
    return SetUpStep("people", "People with roles", not missing, text)


def _hours():
    clinicians = list(User.objects.clinicians())
    known = set(WorkingHours.objects.values_list("clinician_id", flat=True))
    without = [str(one) for one in clinicians if one.pk not in known]
    if not clinicians:
        return SetUpStep("hours", "Opening hours", False, "No user has the role neurologist or trainee yet.")
    text = (
        f"Not recorded for {', '.join(without)}."
        if without
        else f"Recorded for {counted(len(clinicians), 'clinician')}."
    )
    return SetUpStep("hours", "Opening hours", not without, text)


def _email(checks):
    check = checks.get("email")
    if check is None:
        missing = "No test email was sent yet." if settings.EMAIL_URL else "No mail server is configured (EMAIL_URL)."
        return SetUpStep("email", "Email", False, f"Reminders and forgotten passwords need it. {missing}")
    at = timezone.localtime(check.checked_at)
    result = "sent" if check.succeeded else f"not sent ({check.error})"
    text = f"A test email was {result} on {format_date(at)}, {at:%H:%M}, by {check.checked_by}."
    return SetUpStep("email", "Email", check.succeeded, text)


def _backup(checks, runs):
    check, drill = checks.get("backup"), runs.get((BackupKind.DRILL, True))
    if drill is not None:
        at = timezone.localtime(drill.ended_at)
        return SetUpStep("backup", "Backup restored", True, f"Restored in a drill on {format_date(at)}, {at:%H:%M}.")
    if check is None:
        return SetUpStep("backup", "Backup restored", False, "No restored backup recorded yet.")
    text = f"Restored on {format_date(check.day)}, recorded by {check.checked_by}."
    return SetUpStep("backup", "Backup restored", True, text)


class BackupLine(NamedTuple):
    title: str
    run: BackupRun | None
    age: str
    is_old: bool
    failed: BackupRun | None  # later than the last that succeeded


# A backup every night, and a drill every month, with some delay.
MOST_AGE = {BackupKind.BACKUP: dt.timedelta(hours=36), BackupKind.DRILL: dt.timedelta(days=40)}


def backup_lines(runs):
    """The last successful backup and drill, with their ages, and a later one that failed."""
    titles = {BackupKind.BACKUP: "Last backup", BackupKind.DRILL: "Last restore drill"}
    return [_backup_line(title, kind, runs) for kind, title in titles.items()]


def _backup_line(title, kind, runs):
    run, failed = runs.get((kind, True)), runs.get((kind, False))
    if run is not None and failed is not None and failed.pk < run.pk:
        failed = None
    if run is None:
        return BackupLine(title, None, "", True, failed)
    age = timezone.now() - run.ended_at
    return BackupLine(title, run, _age_text(age), age > MOST_AGE[kind], failed)


def _age_text(age):
    hours = max(int(age.total_seconds() // 3600), 0)
    if hours < 1:
        return "less than an hour ago"
    return f"{counted(hours, 'hour')} ago" if hours < 48 else f"{counted(hours // 24, 'day')} ago"


class UserLine(NamedTuple):
    user: User
    logins: int
    is_locked: bool


def users_and_logins():
    """Each user with the number of current logins, and whether the user name is locked."""
    logins, locked = _logins(), LoginFailures.objects.locked_keys()
    users = User.objects.prefetch_related("groups").order_by("-is_active", "printed_name", "pk")
    return [UserLine(user, logins[str(user.pk)], login_failures.key_of(user.username) in locked) for user in users]


def _logins():
    open_ones = Session.objects.filter(expire_date__gt=timezone.now()).order_by("-expire_date")[:MOST_LOGINS]
    decoded = [HashedSessionStore.data_of(one) for one in open_ones]
    return Counter(one.get("_auth_user_id") for one in decoded if not login_lifetime.has_ended(one))


def logins_text(lines):
    return f"{counted(sum(line.logins for line in lines), 'login')} now"
