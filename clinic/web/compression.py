"""Compressed responses that do not reveal their secrets by their length (the attack called BREACH)."""

from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_vary_headers

OWN_PAGE, ADDRESS_BAR = "same-origin", "none"


class CompressionMiddleware(GZipMiddleware):
    """Compresses with gzip, unless another site may have caused the request.

    The attack needs many requests of the victim’s browser, each with a guess that the response repeats, and compares
    their lengths. Browsers name the origin of a request in `Sec-Fetch-Site`, and no script can change that. A token
    is never sent by a browser on its own. Django adds a random number of bytes as well.
    """

    def process_response(self, request, response):
        patch_vary_headers(response, ("Sec-Fetch-Site",))
        # An ETag would become a weak one, which a program could not send back in If-Match. What is streamed is a zip.
        if self._can_be_of_another_site(request) or response.has_header("ETag") or response.streaming:
            return response
        return super().process_response(request, response)

    def _can_be_of_another_site(self, request):
        if "Authorization" in request.headers:
            return False
        return request.headers.get("Sec-Fetch-Site") not in (OWN_PAGE, ADDRESS_BAR)
