"""Emails to a user about the security of their own account. They contain nothing about patients."""

import logging
from functools import partial

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from clinic.records.models import Clinic

logger = logging.getLogger(__name__)


def notify(person, what):
    """Send `what`, a sentence, once it is stored. Without a mail server or an address, nothing is sent."""
    if settings.EMAIL_URL and person.email:
        transaction.on_commit(partial(_send, person, what))


def _send(person, what):
    clinic = Clinic.ours()
    at = timezone.localtime(timezone=clinic.zone)
    body = render_to_string("clinic/accounts/notice.txt", {"what": what, "person": person, "clinic": clinic, "at": at})
    subject = f"The security of your Collum account, {clinic}"
    try:
        EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, [person.email]).send()
    # Errors of mail servers, of the connection to them, and of addresses that cannot be encoded.
    except (OSError, ValueError) as error:
        logger.error("An email about an account was not sent: %s", type(error).__name__)
