"""How allauth stores secrets of a second factor: encrypted, with keys that are not in the database."""

from functools import lru_cache

from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


class SecondFactorAdapter(DefaultMFAAdapter):
    def encrypt(self, text):
        return _cipher(tuple(settings.SECOND_FACTOR_KEYS)).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text):
        """Raises cryptography's InvalidToken if no key fits."""
        return _cipher(tuple(settings.SECOND_FACTOR_KEYS)).decrypt(encrypted_text.encode()).decode()

    def encrypt_again(self, encrypted_text):
        """With the first key."""
        return _cipher(tuple(settings.SECOND_FACTOR_KEYS)).rotate(encrypted_text.encode()).decode()

    def get_totp_label(self, user):
        return user.username

    def get_public_key_credential_user_entity(self, user):
        return {**super().get_public_key_credential_user_entity(user), "name": user.username}

    def _get_site_name(self):
        return "Collum"


@lru_cache(maxsize=4)
def _cipher(keys):
    """The first key encrypts; all of them decrypt."""
    return MultiFernet([Fernet(key) for key in keys])
