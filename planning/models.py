"""The catalogue, injection sessions, signed records, and the course of the treatment."""

from planning.catalogue.models.instrument import Instrument
from planning.catalogue.models.muscle import MapPlace, Muscle, MuscleKey, Side, Sides
from planning.catalogue.models.muscle_set import MuscleSet, MuscleSetEntry
from planning.catalogue.models.product import Product
from planning.catalogue.models.reason import ReasonNotGiven
from planning.catalogue.models.scanned_gtin import ScannedGtin
from planning.course.models.adverse_event import AdverseEvent, EventKind, Outcome
from planning.course.models.assessment import Assessment
from planning.course.models.findings import (
    Frequency,
    Posture,
    PostureFinding,
    PostureSide,
    Presence,
    Severity,
    Symptom,
    SymptomFinding,
)
from planning.course.models.response import Benefit, Effect, Impression, Response, YesNo
from planning.course.models.score import Score
from planning.course.models.session_elsewhere import SessionElsewhere
from planning.exports.models import DataExport, ExportKind, ResearchDates
from planning.letters.models.letter import Letter, LetterSending
from planning.letters.models.template import LetterAbout, LetterTemplate
from planning.sessions.models.consent import Consent, InformationGiven
from planning.sessions.models.corrections import Amendment, AmendmentKind, ErrorMark
from planning.sessions.models.injection import Guidance, Injection
from planning.sessions.models.lot import LotMatch, LotSpelling, SignedLot
from planning.sessions.models.review import ReviewRequest
from planning.sessions.models.session import InjectionSession, SessionState
from planning.sessions.models.vial import Vial
from planning.signing.models.signed_record import SignedRecord

__all__ = [
    "AdverseEvent",
    "Amendment",
    "AmendmentKind",
    "Assessment",
    "Benefit",
    "Consent",
    "DataExport",
    "Effect",
    "ErrorMark",
    "EventKind",
    "ExportKind",
    "Frequency",
    "Guidance",
    "Impression",
    "InformationGiven",
    "Injection",
    "InjectionSession",
    "Instrument",
    "Letter",
    "LetterAbout",
    "LetterSending",
    "LetterTemplate",
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
    "ReasonNotGiven",
    "ResearchDates",
    "Response",
    "ReviewRequest",
    "ScannedGtin",
    "Score",
    "SessionElsewhere",
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
