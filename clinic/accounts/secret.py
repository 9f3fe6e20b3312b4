"""Secrets that Collum shows once and stores only as a hash."""

import hashlib
import secrets


def new_secret():
    return secrets.token_urlsafe(32)


def hashed(secret):
    """No salt or stretching is needed: 32 random bytes cannot be guessed."""
    return hashlib.sha256(secret.encode()).hexdigest()
