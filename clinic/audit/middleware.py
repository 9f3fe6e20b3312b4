"""The audit middleware."""

from clinic.records import audit_log
from clinic.web.problem_documents import is_of_the_api


class AuditMiddleware:
    """Record which patients a response showed, and requests that were denied or rejected."""

    REFUSALS = {403, 409}

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        with audit_log.entries_of(request):
            response = self.get_response(request)
            if self._is_refused(request, response):
                # One entry records both the denial and the patients that the response shows.
                unrecorded = request.patients_shown - request.patients_recorded
                audit_log.record("refused", by=request.user, patients=sorted(unrecorded), outcome="refused")
            if response.status_code < 500:
                audit_log.record_reads(request)
            return response

    def _is_refused(self, request, response):
        # 422 is used by a page for invalid input, and by the API for a key that was sent before with another body.
        refusals = self.REFUSALS | {422} if is_of_the_api(request) else self.REFUSALS
        return response.status_code in refusals
