"""API tokens, by which a program acts for a user. Only a hash of the secret is stored."""

import datetime as dt

from django.conf import settings
from django.db import models, transaction
from django.db.models import Case, F, Q, When
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from clinic.accounts.permissions import READING, WRITING, Permission
from clinic.accounts.secret import hashed
from clinic.records.models import LockingQuerySet
from clinic.records.text import Line

MINUTE = dt.timedelta(minutes=1)


class ApiTokenQuerySet(LockingQuerySet):
    def active(self, now):
        return self.filter(revoked_at=None, expires_at__gt=now)

    def working(self, person, now):
        """Active tokens of this user that were created under the current password."""
        return self.active(now).filter(person=person, session_auth_hash=person.get_session_auth_hash())

    def with_secret(self, secret):
        """The active token with this secret, with its user; None if it does not give access."""
        found = self.active(timezone.now()).filter(token_hash=hashed(secret)).select_related("person").first()
        return found if found is not None and found.gives_access() else None

    def count_use(self, pk, now):
        """Count a request and return how many this token has made in the current minute.

        Safe for concurrent processes.
        """
        minute = now.replace(second=0, microsecond=0)
        # A request that had to wait since the minute before belongs to the window that others have opened already.
        in_its_window = Q(window_at__range=(minute, minute + MINUTE))
        with transaction.atomic():  # the row stays locked until its own count is read
            self.filter(pk=pk).update(
                window_count=Case(When(in_its_window, then=F("window_count") + 1), default=1),
                window_at=Case(When(in_its_window, then=F("window_at")), default=minute),
                last_used_at=now,
            )
            return self.values_list("window_count", flat=True).get(pk=pk)


class ApiToken(models.Model):
    """Lets a program act for one user, within the token's scope and the user's current roles.

    It ends when it expires, when it is revoked, and when the user's password changes.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="api_tokens")
    name = Line(max_length=60)
    token_hash = models.CharField(max_length=64, unique=True)
    scope = models.TextField()  # names of permissions, separated by commas
    created_at = models.DateTimeField(default=timezone.now, db_column="made_at")
    session_auth_hash = models.CharField(max_length=64, db_column="made_under")  # its user's, when it was created
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    window_at = models.DateTimeField(null=True, blank=True)  # the minute in which requests are counted
    window_count = models.PositiveIntegerField(default=0)

    # Set only on the instance that the action has just created.
    secret = None

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                # When the password changes, its tokens end and their names are free again.
                "person",
                Lower("name"),
                "session_auth_hash",
                condition=Q(revoked_at=None),
                name="clinic_apitoken_names_are_unique_while_valid",
            ),
            models.CheckConstraint(name="clinic_apitoken_has_a_name", condition=~Q(name="")),
            models.CheckConstraint(name="clinic_apitoken_has_a_permission", condition=~Q(scope="")),
            models.CheckConstraint(
                name="clinic_apitoken_expires_after_its_creation", condition=Q(expires_at__gt=F("created_at"))
            ),
        ]

    def __str__(self):
        return f"Token {self.pk}"

    @property
    def permissions(self):
        """Leaves out any stored permission that a token can never have."""
        names = set(self.scope.split(","))
        return frozenset(permission for permission in READING | WRITING if permission.name in names)

    @permissions.setter
    def permissions(self, permissions):
        self.scope = ",".join(permission.name for permission in Permission if permission in permissions)

    def permission_labels(self):
        return [permission.token_label() for permission in Permission if permission in self.permissions]

    def is_active(self, now):
        return self.revoked_at is None and self.expires_at > now

    def gives_access(self):
        if not self.person.is_active or self.person.must_change_password:
            return False
        return constant_time_compare(self.session_auth_hash, self.person.get_session_auth_hash())

    def ended_at(self):
        """When it was revoked or expired; None if it ended because the password changed, whose time is unknown."""
        ends = [at for at in (self.revoked_at, self.expires_at) if at is not None and at <= timezone.now()]
        return min(ends, default=None)
