"""The largest body of a request, checked before anything reads it."""

from django.conf import settings
from django.core.handlers.wsgi import LimitedStream
from django.http import JsonResponse
from django.shortcuts import render

from clinic.web.middleware import stays_on_its_page
from clinic.web.problem_documents import is_of_the_api, problem_page

PIECE = 64 * 1024
MOST_DROPPED = 100_000_000


def takes_files(view, *, is_open_to):
    """Accept bodies up to UPLOAD_LIMIT in this view, from users if `is_open_to(user)` is true."""
    view.takes_files_of = is_open_to
    return view


class BodyLimitMiddleware:
    """Rejects larger bodies with 413, also before login.

    It is listed before the CSRF middleware, which reads a whole form before the user's permission is checked. The user
    is known already: Django calls process_view() after the first part of all middleware.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view_func, view_args, view_kwargs):
        limit = _limit_of(view_func, request)
        return too_large(request, f"{limit // 1_000_000} MB") if _is_longer(request, limit) else None


def _limit_of(view, request):
    is_open_to = getattr(view, "takes_files_of", None)
    return settings.UPLOAD_LIMIT if is_open_to and is_open_to(request.user) else settings.BODY_LIMIT


def _is_longer(request, limit):
    stream, length = request.META["wsgi.input"], _length_of(request)
    if length is None:
        return _drop(stream) > limit  # Django treats a body without a length as empty
    if length > limit:
        _drop(LimitedStream(stream, length))
        return True
    return False


def _length_of(request):
    text = request.headers.get("Content-Length", "")
    if not text and "Transfer-Encoding" in request.headers:
        return None
    try:
        return int(text or 0)
    except ValueError:
        return 0  # as Django reads it


def _drop(stream):
    """Read a body without storing it: a browser shows the response only after it has sent everything.

    Returns the length that was read. A body above MOST_DROPPED is cut off.
    """
    length = 0
    while length < MOST_DROPPED and (piece := stream.read(PIECE)):
        length += len(piece)
    return length


def too_large(request, limit):
    """The response to a request that exceeds the limit, such as *1 MB*."""
    if is_of_the_api(request):
        return problem_page(request, 413, "The body is too large. Send at most a million bytes.")
    message = f"What you sent is too large: the limit is {limit}. Your entries were not saved."
    if stays_on_its_page(request):
        return JsonResponse({"message": message}, status=413)
    return render(request, "413.html", {"message": message}, status=413)
