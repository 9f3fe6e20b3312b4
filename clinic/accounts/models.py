"""Users."""

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.utils.functional import cached_property

from clinic.accounts.permissions import CLINICIAN_ROLES, Permission, names_of_roles_with
from clinic.records.models import LockingQuerySet
from clinic.records.text import Line


class UserQuerySet(LockingQuerySet):
    def in_roles(self, names):
        return self.filter(is_active=True, groups__name__in=names).distinct()

    def clinicians(self):
        return self.in_roles(CLINICIAN_ROLES)

    def clinicians_and(self, pk):
        return self.clinicians() | self.filter(pk=pk).distinct()

    def signers(self):
        return self.in_roles(names_of_roles_with(Permission.SIGN_SESSIONS))


class CollumUserManager(UserManager.from_queryset(UserQuerySet)):
    """Django's user manager with the QuerySet methods of Collum. The case of a user name does not matter."""

    def get_by_natural_key(self, username):
        return self.get(username=self.model.normalize_username(username))


class Appearance(models.TextChoices):
    SYSTEM = "system", "As the device: light or dark"
    LIGHT = "light", "Light"
    DARK = "dark", "Dark"


class User(AbstractUser):
    """A user. Their roles are groups, named as in clinic.accounts.permissions."""

    first_name = None
    last_name = None
    printed_name = Line("name as printed", max_length=100, help_text="As shown on records and printouts, with title.")
    must_change_password = models.BooleanField(
        "must change the password", default=True, help_text="Required at the next login."
    )
    appearance = models.CharField(max_length=6, choices=Appearance, default=Appearance.SYSTEM)
    single_keys = models.BooleanField(
        "keys of one letter",
        default=True,
        help_text="Outside fields, a letter opens a page or selects a row. Switch this off if you use speech input.",
    )

    # Set for this request only, if a program acts for the user. See clinic.accounts.permissions.may().
    token = None
    # Read together with the user of a login. See clinic.accounts.login_backend.
    clinic = None

    objects = CollumUserManager()

    REQUIRED_FIELDS = ["printed_name"]

    class Meta:
        ordering = ["printed_name"]
        constraints = [
            models.UniqueConstraint(
                models.functions.Lower("username"), name="clinic_user_names_are_unique_ignoring_case"
            )
        ]

    def __str__(self):
        return self.printed_name or self.username

    @classmethod
    def normalize_username(cls, username):
        """In lower case, because SQLite and PostgreSQL compare other letters than ASCII differently."""
        return super().normalize_username(username).strip().lower()

    def save(self, *args, **kwargs):
        self.username = self.normalize_username(self.username)
        super().save(*args, **kwargs)

    def get_full_name(self):
        return str(self)

    def get_short_name(self):
        return str(self)

    @cached_property
    def role_names(self):
        return sorted(group.name for group in self.groups.all())

    @property
    def is_clinician(self):
        return self.is_active and any(name in CLINICIAN_ROLES for name in self.role_names)
