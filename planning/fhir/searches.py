"""Reading and searching one kind of resource, and everything of one patient."""

from django.http import Http404
from rest_framework.response import Response

from clinic.accounts.permissions import Permission
from clinic.api.resources import LengthMissing
from clinic.records import audit_log
from patients.models import Patient
from planning.fhir.fhir_views import FhirView
from planning.fhir.kinds import OF_A_PATIENT, SOURCES, parameters_of
from planning.fhir.opaque import opened, sealed
from planning.fhir.pages_of_rows import START, Search, ids_of
from planning.fhir.search_parameters import Parameter, codes_in, invalid, number_of, people
from planning.fhir.searchsets import searchset
from planning.fhir.sent_terms import sent_terms

STALE = "This link is not valid any more. Start the search again."


class PagedView(FhirView):
    """A view with a Bundle of a search, and links to its other pages.

    The terms are sealed in these links: they can be about a patient, and servers log URLs.
    """

    def respond_with_page(self, sent, make_search, outcome=None):
        """`make_search(terms)` is the Search."""
        terms, after, size = sent.terms, START, sent.size
        if sent.cursor:
            terms, after, size = self._read(sent.cursor)
        search = make_search([tuple(term) for term in terms])
        found, following = search.page(after, size)
        self.note_shown(search, found)
        return Response(
            searchset(
                found,
                base=self.base,
                itself=self._url(terms, after, size),
                following=following and self._url(terms, following, size),
                outcome=outcome if tuple(after) == START else None,
            )
        )

    def note_shown(self, search, found):
        audit_log.shown(*{each.patient for each in found if each.patient is not None})

    def _url(self, terms, after, size):
        where = self.page_path()
        cursor = sealed([where, terms, after, size], by=self.request.user)
        return self.request.build_absolute_uri(f"{where}?_cursor={cursor}")

    def page_path(self):
        return self.request.path

    def _read(self, cursor):
        content = opened(cursor, by=self.request.user)
        if content is None or content[0] != self.page_path():
            raise invalid("_cursor", STALE)
        return content[1:]


class KindView(PagedView):
    """One kind of resource. Subclasses name it."""

    kind = ""

    def list(self, request):
        return self._found(sent_terms(request.query_params, in_url=True, known=parameters_of(self.kind)))

    def search(self, request):
        """The terms are in the body, or in the URL if they are not about a patient."""
        if "Transfer-Encoding" in request.headers:
            raise LengthMissing
        known = parameters_of(self.kind)
        in_url = sent_terms(request.query_params, in_url=True, known=known)
        in_body = sent_terms(request.data, in_url=False, known=known)
        return self._found(in_body._replace(terms=[*in_url.terms, *in_body.terms]))

    def page_path(self):
        return self.request.path.removesuffix("/_search")

    def _found(self, sent):
        return self.respond_with_page(sent, lambda terms: Search([self.kind], terms))

    def retrieve(self, request, pk):
        sent_terms(request.query_params, in_url=True, known={})
        for source in SOURCES[self.kind]:
            for row in source.rows().filter(pk__in=ids_of(source, pk))[:1]:
                resource, patient = source.resource(row), source.patient_of(row)
                if resource is not None and resource["id"] == pk:
                    return self.versioned_response(resource, [patient] if patient is not None else [])
        raise Http404


class AuditEventView(KindView):
    """Reading the audit trail adds an entry, as on its page and in the API."""

    kind = "AuditEvent"

    def note_shown(self, search, found):
        self._note([pk for name, text in search.terms if name == "patient" for pk in people(text)])

    def note_read(self, patients):
        self._note(())

    note_unchanged = note_read

    def _note(self, patients):
        audit_log.record("read the audit trail", by=self.request.user, patients=patients)


def view_of(kind):
    parent = AuditEventView if kind == "AuditEvent" else KindView
    permissions = dict.fromkeys(("list", "search", "retrieve"), SOURCES[kind][0].permission)
    return type(f"{kind}View", (parent,), {"kind": kind, "permissions": permissions})


class EverythingView(PagedView):
    """Everything of a patient that this user can read, with the other records of the same person."""

    permissions = {"list": Permission.SEE_PATIENTS}
    known = {"_since": Parameter(), "_type": Parameter()}

    def list(self, request, pk):
        records = Patient.objects.same_person_ids(number_of(pk))
        if not records:
            raise Http404
        self.concerned = records
        sent = sent_terms(request.query_params, in_url=True, known=self.known)
        return self.respond_with_page(
            sent, lambda terms: self._search(terms, records), outcome=self._left_out(dict(sent.terms))
        )

    def _search(self, terms, records):
        sent = dict(terms)
        changed = [("_lastUpdated", f"ge{sent['_since']}")] if "_since" in sent else []
        return Search(self.readable(kinds_in(sent, OF_A_PATIENT)), changed, patients=records)

    def _left_out(self, sent):
        """Says what this user cannot read, so that the answer is not taken for the whole record."""
        kinds = kinds_in(sent, OF_A_PATIENT)
        readable = self.readable(kinds)
        left_out = [kind for kind in kinds if kind not in readable]
        if not left_out:
            return None
        text = f"This is not everything. You do not have permission to read: {', '.join(left_out)}."
        issue = {"severity": "information", "code": "suppressed", "details": {"text": text}}
        return {"resourceType": "OperationOutcome", "id": "left-out", "issue": [issue]}


def kinds_in(sent, known):
    """The kinds that `_type` names, in the order of `known`; all without it."""
    if "_type" not in sent:
        return known
    try:
        chosen = codes_in(sent["_type"], known)
    except ValueError as error:
        raise invalid("_type", str(error)) from error
    return [kind for kind in known if kind in chosen]
