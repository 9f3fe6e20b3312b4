"""The audit middleware."""

from clinic.records import audit_log, sealing
from clinic.web.problem_documents import is_of_the_api


class AuditMiddleware:
    """Record which patients a response showed, and requests that were denied or rejected, or found no record."""

    REFUSALS = {401, 403, 404, 409, 429}

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        with audit_log.entries_of(request):
            response = self.get_response(request)
            if self._is_refused(request, response):
                # One entry records both the denial and the patients that the request or its response names.
                unrecorded = request.patients_shown - request.patients_recorded
                action = "not found" if response.status_code == 404 else "refused"
                audit_log.record(action, by=request.user, patients=sorted(unrecorded), outcome="refused")
            elif self._shows_a_page(response):
                audit_log.record_reads(request)
            if response.status_code < 500:  # after an error, do not wait for the database twice
                sealing.clock.look()
            return response

    def _is_refused(self, request, response):
        # 422 is used by a page for invalid input, and by the API for a key that was sent before with another body.
        refusals = self.REFUSALS | {422} if is_of_the_api(request) else self.REFUSALS
        # A URL that does not exist names no record.
        return response.status_code in refusals and request.resolver_match is not None

    def _shows_a_page(self, response):
        return response.status_code < 500 and response.status_code != 204 and not 300 <= response.status_code < 400
