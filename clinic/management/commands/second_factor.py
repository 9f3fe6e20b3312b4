"""For the administrator of the server: reset a user's second factor, and replace the keys that encrypt it."""

from allauth.mfa.adapter import get_adapter
from cryptography.fernet import InvalidToken
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from clinic.accounts.models import User
from clinic.accounts.second_factor.actions import encrypt_again, reset_second_factor


class Command(BaseCommand):
    help = "Resets the second factor of a user, or encrypts all secrets with the first of SECOND_FACTOR_KEYS."

    def add_arguments(self, parser):
        chosen = parser.add_mutually_exclusive_group(required=True)
        chosen.add_argument("--reset", metavar="USERNAME", help="the user, who then sets up a new second factor")
        chosen.add_argument("--encrypt-again", action="store_true", help="before you remove an older key")

    def handle(self, *args, reset, encrypt_again, **options):
        self.stdout.write(self._reset(reset) if reset else self._encrypt_again())

    def _reset(self, username):
        try:
            person = User.objects.get_by_natural_key(username)
        except User.DoesNotExist as error:
            raise CommandError(f"No user has the name {username}.") from error
        reset_second_factor(person=person, by=None)
        return f"The second factor of {person} is reset."

    @transaction.atomic
    def _encrypt_again(self):
        try:
            return f"{encrypt_again(get_adapter())} secrets are encrypted with the first key."
        except InvalidToken as error:
            raise CommandError(
                "SECOND_FACTOR_KEYS does not contain the key of a stored secret. Nothing was changed."
            ) from error
