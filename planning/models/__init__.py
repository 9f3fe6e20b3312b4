"""The catalogue, the injection session, and its signed record."""

from planning.models.consent import Consent
from planning.models.corrections import Amendment, AmendmentKind, ErrorMark
from planning.models.injection import Guidance, Injection
from planning.models.muscle import MapPlace, Muscle, MuscleKey, Side, Sides
from planning.models.product import Product
from planning.models.session import InjectionSession, SessionState
from planning.models.sets import MuscleSet, MuscleSetEntry
from planning.models.signing import SignedRecord
from planning.models.vial import Vial

__all__ = [
    "Amendment",
    "AmendmentKind",
    "Consent",
    "ErrorMark",
    "Guidance",
    "Injection",
    "InjectionSession",
    "MapPlace",
    "Muscle",
    "MuscleKey",
    "MuscleSet",
    "MuscleSetEntry",
    "Product",
    "SessionState",
    "Side",
    "Sides",
    "SignedRecord",
    "Vial",
]
