"""Passwords that are easy to guess in this clinic."""

from django.core.exceptions import ValidationError

from clinic.records.models import Clinic

# docs/security.md lists them.
WORDS = {
    "admin", "botox", "botulinum", "cervical", "clinic", "collum", "doctor", "dysport", "dystonia", "hospital",
    "injection", "neurologist", "neurology", "password", "patient", "secretary", "torticollis", "toxin", "trainee",
    "welcome", "xeomin",
}  # fmt: skip
SHORTEST_NAME = 4  # of the words of the clinic's name
FEWEST_OTHERS = 8
HELP = "Not mainly words that everyone here knows, such as Collum or the clinic’s name."


class ContextWordsValidator:
    """Rejects a password of which little remains without the words of Collum and of the clinic's name."""

    def validate(self, password, user=None):
        rest = folded = password.casefold()
        own = {word for word in Clinic.ours().name.casefold().split() if len(word) >= SHORTEST_NAME}
        for word in sorted(WORDS | own, key=len, reverse=True):
            rest = rest.replace(word, "")
        if rest != folded and len(rest) < FEWEST_OTHERS:
            raise ValidationError(
                "This password consists mainly of words that everyone here knows. Choose others.", code="context"
            )

    def get_help_text(self):
        return HELP
