"""The page of an assessment: each group of fields saves itself, or by its own button."""

from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from clinic.accounts.permissions import Permission, require_permission
from clinic.records.exceptions import Incomplete, Refused
from clinic.records.together import read_together
from clinic.web.middleware import wants_response_in_place
from clinic.web.rejections import reasons
from clinic.web.seen import INCOMPLETE
from patients.models import Visit
from planning.catalogue.models.instrument import Instrument
from planning.course.actions.assessments import repeat_findings, save_group
from planning.course.course_reads import assessments_for_page, reads_of_assessments
from planning.course.forms.assessment import GROUPS, UnchangedForm
from planning.course.models.assessment import Assessment
from planning.course.views.course import opened_visit


@require_http_methods(["GET", "POST"])
@require_permission(Permission.CHANGE_COURSE)
def assessment(request, pk):
    visit = opened_visit(request, pk)
    if request.method == "GET":
        return _page(request, visit)
    form = _sent_form(request, visit)
    action = repeat_findings if isinstance(form, UnchangedForm) else save_group
    if not form.is_valid() or form.run(action, visit=visit, by=request.user) is None:
        return _rejected(request, visit, form)
    if wants_response_in_place(request):
        return _page(request, visit)
    messages.success(request, f"{getattr(form, 'title', 'Assessment')}: saved.")
    return redirect("planning:assessment", visit.pk)


def _sent_form(request, visit):
    """The form of the page that was sent. Raises Incomplete if it is none of them."""
    stored = _stored(visit)
    unchanged = UnchangedForm(request.POST, visit=visit)
    forms = [unchanged, *(group(request.POST, visit=visit, assessment=stored) for group in GROUPS)]
    sent = next((form for form in forms if form.was_sent), None)
    if sent is None:
        raise Incomplete(INCOMPLETE)
    return sent


def _stored(visit):
    return Assessment.objects.active().for_page().filter(visit=visit).first()


def _read(visit):
    """The visit's assessment and the last one before it, or None; the instruments; those entered in error."""
    before = visit.pk, tuple(visit.patient.record_ids())
    found = read_together(
        *reads_of_assessments(_at, visit.pk),
        *reads_of_assessments(_last_before, *before),
        (Instrument.objects.to_choose_from,),
        (_erroneous_at, visit.pk),
    )
    one, other = (next(iter(assessments_for_page(*each)), None) for each in (found[:4], found[4:8]))
    return one, other, *found[8:]


def _at(visit):
    return Assessment.objects.active().filter(visit=visit)


def _last_before(visit, records):
    starts_at = Visit.objects.filter(pk=visit).values("starts_at")
    return Assessment.objects.active().of_records(records).filter(visit__starts_at__lt=starts_at)[:1]


def _erroneous_at(visit):
    return Assessment.objects.exclude(error_at=None).filter(visit=visit).select_related("error_by").order_by("pk")


def _rejected(request, visit, form):
    if _stored(visit) is None and (obstacle := visit.attending_obstacle()):
        raise Refused(obstacle)
    status = 409 if form.refused else 422
    if wants_response_in_place(request):
        return JsonResponse(reasons(form), status=status)
    return _page(request, visit, sent=form, status=status)


def _page(request, visit, *, sent=None, status=200):
    stored, last, instruments, erroneous = _read(visit)
    fresh = [group(visit=visit, assessment=stored, **group.with_known(instruments)) for group in GROUPS]
    groups = [sent if type(sent) is type(form) else form for form in fresh]
    is_empty = stored is None or not stored.finding_facts()
    context = {
        "visit": visit,
        "patient": visit.patient,
        "record": stored,
        "form": sent,
        "groups": {form.group: form for form in groups},
        "versions": " ".join(f"group-{form.group}:{form.initial['version']}" for form in fresh),
        "saved_at": timezone.localtime(),
        "last": last,
        "can_repeat": is_empty,
        "erroneous": erroneous,
        "obstacle": None if stored else visit.attending_obstacle(),
    }
    part = "_assessment_workbench" if wants_response_in_place(request) else "assessment"
    return render(request, f"planning/course/{part}.html", context, status=status)
