"""`manage.py seal`: seals the audit trail, and sends the newest seal away from this machine."""

from django.conf import settings
from django.core.mail import send_mail
from django.core.management.base import BaseCommand, CommandError

from clinic.accounts.models import User
from clinic.accounts.permissions import ROLES, Permission
from clinic.records import audit_log, sealing
from clinic.records.seals import AuditSeal

TEXT = """{seal}

To keep: {to_keep}
Sealed at: {at}

Keep this email. To compare this seal with the database, an administrator of the server runs:

    manage.py verify --seal {to_keep}

If entries at the end of the audit trail were removed together with their seals, only a seal that was kept shows it.
"""


class Command(BaseCommand):
    help = "Seal the audit entries that are not sealed yet, and show the newest seal. It contains no patient text."

    def add_arguments(self, parser):
        parser.add_argument("--send", action="store_true", help="Also send the newest seal to the auditors by email.")

    def handle(self, *, send, **options):
        if send and settings.PRODUCTION and not settings.EMAIL_URL:
            raise CommandError("EMAIL_URL is missing. Name the mail server that sends the seal.")
        seals = sealing.seal_all()
        newest = AuditSeal.objects.newest()
        self.stdout.write(f"{len(seals)} added.")
        if newest is None:
            return
        self.stdout.write(f"{newest}. To keep: {newest.to_keep}")
        if send:
            self.send(newest)

    def send(self, seal):
        roles = [role.name for role in ROLES.values() if Permission.SEE_AUDIT in role.may]
        auditors = User.objects.filter(is_active=True, groups__name__in=roles).exclude(email="")
        addresses = sorted(set(auditors.values_list("email", flat=True)))
        if not addresses:
            raise CommandError("No auditor has an email address. Enter one in the admin site.")
        text = TEXT.format(seal=seal, to_keep=seal.to_keep, at=seal.at.isoformat(timespec="seconds"))
        for address in addresses:
            send_mail(f"Collum: seal {seal.number} of the audit trail", text, None, [address])
        audit_log.record("sent the newest seal", seal, by=None)
        self.stdout.write(f"Sent to {len(addresses)} auditors.")
