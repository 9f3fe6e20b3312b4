"""Bulk export: what Collum's users can read page by page, as one file of lines for each kind of resource.

The state of an export is sealed in its URLs, so that nothing is stored. A file is written while it is read.
"""

from django.http import Http404, StreamingHttpResponse
from django.utils import timezone
from rest_framework.exceptions import PermissionDenied
from rest_framework.response import Response

from clinic.accounts.permissions import Permission
from clinic.records import audit_log
from planning.fhir.fhir_views import FhirView
from planning.fhir.json_text import json_text
from planning.fhir.kinds import EXPORTED, OF_A_PATIENT
from planning.fhir.opaque import opened, sealed
from planning.fhir.pages_of_rows import Search
from planning.fhir.search_parameters import Parameter, invalid
from planning.fhir.searches import kinds_in
from planning.fhir.sent_terms import sent_terms

LINES = "application/fhir+ndjson"
LINE_FORMATS = (LINES, "application/ndjson", "ndjson")
ROWS_AT_ONCE = 500
NO_LINES = "Only lines of JSON are available: application/fhir+ndjson. Leave out _outputFormat."


class ExportView(FhirView):
    """The three steps of FHIR's bulk data access: start, ask for the list of files, read each file."""

    permissions = dict.fromkeys(("start", "files", "forget", "lines"), Permission.SEE_PATIENTS)
    known = {"_since": Parameter(), "_type": Parameter(), "_outputFormat": Parameter()}
    kinds = EXPORTED

    def start(self, request):
        sent = dict(sent_terms(request.query_params, in_url=True, known=self.known).terms)
        if sent.get("_outputFormat", LINES) not in LINE_FORMATS:
            raise invalid("_outputFormat", NO_LINES)
        kinds = self._allowed(kinds_in(sent, self.kinds))
        terms = [("_lastUpdated", f"ge{sent['_since']}")] if "_since" in sent else []
        Search(kinds, terms)  # rejects a time that cannot be read
        job = sealed([request.build_absolute_uri(), kinds, terms, _now()], by=request.user)
        return Response(status=202, headers={"Content-Location": self.absolute("export-files", job=job)})

    def _allowed(self, kinds):
        allowed = self.readable(kinds)
        if not allowed:
            raise PermissionDenied
        return allowed

    def files(self, request, job):
        url, kinds, terms, at = self._opened(job)
        return Response(
            {
                "transactionTime": at,
                "request": url,
                "requiresAccessToken": True,
                "output": [
                    {"type": kind, "url": self.absolute("export-lines", job=job, kind=kind)}
                    for kind in self.readable(kinds)
                    if _has_rows(Search([kind], _pairs(terms)))
                ],
                "error": [],
            },
            content_type="application/json",
        )

    def forget(self, request, job):
        """FHIR's way to end an export. There is nothing to end: no file is stored."""
        self._opened(job)
        return Response(status=202)

    def lines(self, request, job, kind):
        _, kinds, terms, _ = self._opened(job)
        if kind not in kinds:
            raise Http404
        self._allowed([kind])
        search = Search([kind], _pairs(terms))
        patients = _patients_of(search)
        # Before the first line is sent: what cannot be recorded is not shown.
        audit_log.record("exported", by=request.user, patients=sorted(patients))
        return StreamingHttpResponse(_lines(search, patients, request._request.clinic.zone), content_type=LINES)

    def _opened(self, job):
        content = opened(job, by=self.request.user)
        if content is None:
            raise Http404
        return content


class PatientExportView(ExportView):
    """Only what belongs to patients."""

    kinds = OF_A_PATIENT


def _now():
    return timezone.localtime().isoformat()


def _pairs(terms):
    return [tuple(term) for term in terms]


def _has_rows(search):
    return any(search.rows_of(source).exists() for source in search.sources)


def _patients_of(search):
    found = set()
    for source in search.sources:
        if source.patient:
            found |= set(search.rows_of(source).order_by().values_list(source.patient, flat=True).distinct())
    return found


def _lines(search, patients, zone):
    """Leaves out what was added since the audit entry was written. The next export contains it."""
    after = (0, 0)
    while after is not None:
        with timezone.override(zone):
            found, after = search.page(after, ROWS_AT_ONCE)
            text = "".join(
                f"{json_text(each.resource)}\n" for each in found if each.patient is None or each.patient in patients
            )
        yield text
