"""Failed passwords, counted in the database that all servers share."""

import datetime as dt

from django.db import models
from django.db.models import Case, F, Value, When
from django.utils import timezone
from django.utils.crypto import salted_hmac

from clinic.accounts.models import User

MOST = 10
LOCKED_FOR = dt.timedelta(minutes=15)
KEPT_FOR = dt.timedelta(days=1)


class LoginFailuresQuerySet(models.QuerySet):
    def too_many(self):
        return self.filter(failures__gte=MOST, last_at__gt=timezone.now() - LOCKED_FOR)

    def are_too_many(self, key):
        return self.too_many().filter(key=key).exists()

    def locked_keys(self):
        return set(self.too_many().values_list("key", flat=True))

    def count_one(self, key):
        """Returns how many failures there are now. The first one after a pause of fifteen minutes starts from one."""
        now = timezone.now()
        self.filter(last_at__lt=now - KEPT_FOR).delete()
        counted, is_new = self.get_or_create(key=key, defaults={"failures": 1, "last_at": now})
        if is_new:
            return 1
        is_old = When(last_at__lte=now - LOCKED_FOR, then=Value(1))
        self.filter(pk=counted.pk).update(failures=Case(is_old, default=F("failures") + 1), last_at=now)
        counted.refresh_from_db()
        return counted.failures


class LoginFailures(models.Model):
    """The failures of one user name, whether or not a user has it."""

    key = models.CharField(max_length=64, unique=True)
    failures = models.PositiveIntegerField()
    last_at = models.DateTimeField()

    objects = LoginFailuresQuerySet.as_manager()

    def __str__(self):
        return f"{self.failures} failures"


def key_of(username):
    """Not the typed name, which may be a password in the wrong field."""
    name = User.normalize_username(username or "")
    return salted_hmac("clinic.login_failures", name, algorithm="sha256").hexdigest()
