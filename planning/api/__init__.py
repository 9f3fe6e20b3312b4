"""The catalogue, visits, sessions, records and the course for programs."""

from planning.api.catalogue import InstrumentResource, MuscleResource, ProductResource
from planning.api.course import AssessmentResource, EventResource, ResponseResource, ScoreResource
from planning.api.lots import LotResource
from planning.api.records import RecordResource
from planning.api.rows import InjectionResource, VialResource
from planning.api.sessions import SessionResource
from planning.api.visits import VisitResource

__all__ = [
    "AssessmentResource",
    "EventResource",
    "InjectionResource",
    "InstrumentResource",
    "LotResource",
    "MuscleResource",
    "ProductResource",
    "RecordResource",
    "ResponseResource",
    "ScoreResource",
    "SessionResource",
    "VialResource",
    "VisitResource",
]
