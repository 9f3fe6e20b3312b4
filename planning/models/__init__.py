"""The catalogue, the injection session, its signed record, and the course around it."""

from planning.models.assessment import (
    Assessment,
    Frequency,
    Posture,
    PostureFinding,
    PostureSide,
    Presence,
    Score,
    Severity,
    Symptom,
    SymptomFinding,
)
from planning.models.consent import Consent, InformationGiven
from planning.models.corrections import Amendment, AmendmentKind, ErrorMark
from planning.models.course import AdverseEvent, Benefit, Effect, EventKind, Impression, Outcome, Response, YesNo
from planning.models.injection import Guidance, Injection
from planning.models.instrument import Instrument
from planning.models.lot import LotMatch, LotSpelling, SignedLot
from planning.models.muscle import MapPlace, Muscle, MuscleKey, Side, Sides
from planning.models.product import Product
from planning.models.session import InjectionSession, SessionState
from planning.models.sets import MuscleSet, MuscleSetEntry
from planning.models.signing import SignedRecord
from planning.models.vial import Vial

__all__ = [
    "AdverseEvent",
    "Amendment",
    "AmendmentKind",
    "Assessment",
    "Benefit",
    "Consent",
    "Effect",
    "ErrorMark",
    "EventKind",
    "Frequency",
    "Guidance",
    "Impression",
    "InformationGiven",
    "Injection",
    "InjectionSession",
    "Instrument",
    "LotMatch",
    "LotSpelling",
    "MapPlace",
    "Muscle",
    "MuscleKey",
    "MuscleSet",
    "MuscleSetEntry",
    "Outcome",
    "Posture",
    "PostureFinding",
    "PostureSide",
    "Presence",
    "Product",
    "Response",
    "Score",
    "SessionState",
    "Severity",
    "Side",
    "Sides",
    "SignedLot",
    "SignedRecord",
    "Symptom",
    "SymptomFinding",
    "Vial",
    "YesNo",
]
