"""Secrets that Collum hands out once and then knows by their hash alone."""

import hashlib
import secrets


def a_secret():
    return secrets.token_urlsafe(32)


def hashed(secret):
    """Enough without salt and stretching: nobody guesses 32 random bytes."""
    return hashlib.sha256(secret.encode()).hexdigest()
