"""The access table: each URL of Collum by name, and which roles can use it with which method."""

from dataclasses import dataclass

from django.urls import URLPattern, get_resolver

from tests.account_table import ACCOUNTS, ALLAUTH
from tests.api_table import OPERATIONS

# The columns of the table, and the letter of each.
PEOPLE = {
    "N": "neurologist",
    "T": "trainee",
    "S": "staff",
    "C": "catalogue_manager",
    "A": "auditor",
    "U": "superuser",  # without a role
    "-": "anonymous",
}
ROLE_OF = {
    "N": "neurologist",
    "T": "trainee",
    "S": "clinic staff",
    "C": "catalogue manager",
    "A": "auditor",
}

# URL name                                method: roles. All others are denied, and any other method is rejected.
TABLE = {
    **ACCOUNTS,
    # Patients and the diary
    "patients:patient-list":              {"GET": "N T S", "POST": "N T S"},
    "patients:patient-register":          {"GET": "N T S", "POST": "N T S"},
    "patients:duplicate-list":            {"GET": "N T S"},
    "patients:duplicate-mark":            {"POST": "N T S"},
    "patients:duplicate-unmark":          {"POST": "N T S"},
    "patients:patient-change":            {"GET": "N T S", "POST": "N T S"},
    "patients:patient-alerts":            {"GET": "N T S", "POST": "N T S"},
    "planning:patient-status":            {"GET": "N T S", "POST": "N T S"},
    "planning:patient-same":              {"GET": "N", "POST": "N"},
    "planning:patient-same-confirm":      {"GET": "N", "POST": "N"},
    "planning:patient-same-undo":         {"POST": "N"},
    "planning:patient-detail":            {"GET": "N T S"},
    "patients:patient-return":            {"GET": "N T S", "POST": "N T S"},
    "patients:coverage-list":             {"GET": "N T S", "POST": "N T S"},
    "patients:coverage-change":           {"GET": "N T S", "POST": "N T S"},
    "patients:coverage-error":            {"GET": "N T S", "POST": "N T S"},
    "patients:therapy-list":              {"GET": "N T S", "POST": "N T S"},
    "patients:therapy-change":            {"GET": "N T S", "POST": "N T S"},
    "patients:therapy-error":             {"GET": "N T S", "POST": "N T S"},
    "patients:diary":                     {"GET": "N T S"},
    "patients:free-times":                {"GET": "N T S"},
    "patients:visit-new":                 {"GET": "N T S", "POST": "N T S"},
    "patients:visit-book":                {"GET": "N T S", "POST": "N T S"},
    "patients:here-now":                  {"POST": "N T S"},
    "planning:visit-move":                {"GET": "N T S", "POST": "N T S"},
    "patients:visit-to-move":             {"GET": "N T S"},
    "patients:visit-unsettled":           {"GET": "N T S"},
    "patients:visit-not-authorised":      {"GET": "N T S"},
    "planning:visit-detail":              {"GET": "N T S"},
    "planning:visit-state":               {"POST": "N T S"},
    "planning:booking-undo":              {"POST": "N T S"},
    "planning:move-undo":                 {"POST": "N T S"},
    "planning:end-undo":                  {"POST": "N T S"},
    "patients:followup-list":             {"GET": "N T S"},
    "patients:followup-print":            {"GET": "N T S"},
    "patients:followup-csv":              {"GET": "N T S"},
    "patients:followup-xlsx":             {"GET": "N T S"},
    "patients:unattended":                {"GET": "N T S"},
    "patients:followup-detail":           {"GET": "N T S"},
    "patients:followup-book":             {"GET": "N T S"},
    "patients:followup-contact":          {"POST": "N T S"},
    "patients:contact-undo":              {"POST": "N T S"},
    "patients:followup-close":            {"POST": "N T S"},
    "patients:followup-hand-over":        {"POST": "N T S"},
    "patients:waiting-list":              {"GET": "N T S"},
    "patients:waiting-print":             {"GET": "N T S"},
    "patients:waiting-csv":               {"GET": "N T S"},
    "patients:waiting-xlsx":              {"GET": "N T S"},
    "patients:waiting-add":               {"GET": "N T S", "POST": "N T S"},
    "patients:waiting-change":            {"GET": "N T S", "POST": "N T S"},
    "patients:waiting-remove":            {"POST": "N T S"},
    # Imports
    "patients:import-list":               {"GET": "N S", "POST": "N S"},
    "patients:import-detail":             {"GET": "N S"},
    "patients:import-match":              {"POST": "N S"},
    "patients:import-step":               {"POST": "N S"},
    "patients:import-rows":               {"GET": "N S"},
    "patients:import-decide":             {"POST": "N S"},
    "patients:import-confirm":            {"POST": "N S"},
    "patients:import-undo":               {"POST": "N S"},
    "patients:import-discard":            {"POST": "N S"},
    # The diary's frame, and what leaves the clinic
    "patients:opening-hours":             {"GET": "N T S U"},
    "patients:hours-change":              {"GET": "N T S U", "POST": "N T S U"},
    "patients:absence-add":               {"POST": "N T S U"},
    "patients:absence-remove":            {"POST": "N T S U"},
    "patients:closure-add":               {"POST": "N T S U"},
    "patients:closure-remove":            {"POST": "N T S U"},
    "patients:lengths-change":            {"POST": "N T S U"},
    "patients:reminder-text":             {"GET": "N T S", "POST": "N T S"},
    "patients:running-late":              {"GET": "N T S"},
    "patients:delay-note":                {"POST": "N T S"},
    "patients:delay-end":                 {"POST": "N T S"},
    "patients:slip-text":                 {"GET": "N T S U", "POST": "N T S U"},
    "patients:visit-slip":                {"GET": "N T S"},
    "patients:calendar-url":              {"GET": "N T", "POST": "N T"},
    "patients:calendar-revoke":           {"POST": "N T"},
    # By a secret in the URL
    "patients:calendar-feed":             {"GET": "N T S C A U -", "HEAD": "N T S C A U -"},
    "planning:today":                     {"GET": "N T S C A U"},
    # Sessions
    "planning:session-plan":              {"POST": "N T"},
    "planning:session-detail":            {"GET": "N T"},
    "planning:session-product":           {"POST": "N T"},
    "planning:session-change":            {"POST": "N T"},
    "planning:session-record":            {"POST": "N T"},
    "planning:session-back":              {"POST": "N T"},
    "planning:session-repeat":            {"POST": "N T"},
    "planning:session-guidance":          {"POST": "N T"},
    "planning:muscle-match":              {"POST": "N T"},
    "planning:injection-add":             {"POST": "N T"},
    "planning:injection-change":          {"POST": "N T"},
    "planning:injection-remove":          {"POST": "N T"},
    "planning:injection-restore":         {"POST": "N T"},
    "planning:vial-add":                  {"POST": "N T"},
    "planning:vial-change":               {"POST": "N T"},
    "planning:vial-remove":               {"POST": "N T"},
    "planning:consent-record":            {"POST": "N T"},
    # The administrator's
    "planning:set-up":                    {"GET": "U"},
    "planning:time-zone-confirm":         {"POST": "U"},
    "planning:test-email":                {"POST": "U"},
    "planning:backup-restored":           {"POST": "U"},
    "planning:to-sign":                   {"GET": "N"},
    "planning:review-list":               {"GET": "N T"},
    "planning:review-ask":                {"POST": "N T"},
    "planning:review-answer":             {"POST": "N"},
    "planning:review-withdraw":           {"POST": "N T"},
    "planning:session-sign":              {"GET": "N", "POST": "N"},
    "planning:record-detail":             {"GET": "N T"},
    "planning:record-print":              {"GET": "N T"},
    "planning:record-text":               {"GET": "N T"},
    "planning:letter-new":                {"GET": "N T", "POST": "N T"},
    "planning:letter-detail":             {"GET": "N T"},
    "planning:letter-change":             {"POST": "N T"},
    "planning:letter-sign-off":           {"POST": "N"},
    "planning:letter-replace":            {"POST": "N T"},
    "planning:letter-send":               {"POST": "N T"},
    "planning:letter-error":              {"GET": "N T", "POST": "N T"},
    "planning:letter-print":              {"GET": "N T"},
    "planning:letter-text":               {"GET": "N T"},
    "planning:letter-pdf":                {"GET": "N T"},
    "planning:plan-print":                {"GET": "N T"},
    "planning:day-print":                 {"GET": "N T S"},
    # The course
    "planning:assessment":                {"GET": "N T", "POST": "N T"},
    "planning:assessment-error":          {"GET": "N T", "POST": "N T"},
    "planning:response":                  {"GET": "N T", "POST": "N T"},
    "planning:response-error":            {"GET": "N T", "POST": "N T"},
    "planning:event-record":              {"GET": "N T", "POST": "N T"},
    "planning:event-change":              {"GET": "N T", "POST": "N T"},
    "planning:event-error":               {"GET": "N T", "POST": "N T"},
    "planning:elsewhere-error":           {"GET": "N T", "POST": "N T"},
    "planning:papers":                    {"GET": "N T"},
    "planning:patient-consent":           {"POST": "N T"},
    "planning:consent-error":             {"GET": "N T", "POST": "N T"},
    "planning:information-record":        {"POST": "N T"},
    "planning:information-error":         {"GET": "N T", "POST": "N T"},
    "planning:summary-print":             {"GET": "N T"},
    "planning:chart-print":               {"GET": "N T"},
    "planning:patient-export":            {"POST": "N"},
    "planning:session-amend":             {"GET": "N", "POST": "N"},
    "planning:session-amendment":         {"GET": "N T"},
    "planning:amendment-discard":         {"GET": "N", "POST": "N"},
    "planning:session-set":               {"POST": "N T"},
    "planning:session-save-set":          {"POST": "N T"},
    "planning:muscle-set-list":           {"GET": "N T", "POST": "N T"},
    "planning:muscle-set-detail":         {"GET": "N T"},
    "planning:muscle-set-rename":         {"POST": "N T"},
    "planning:muscle-set-remove":         {"POST": "N T"},
    "planning:muscle-set-add":            {"POST": "N T"},
    "planning:muscle-set-take":           {"POST": "N T"},
    "planning:session-end":               {"GET": "N T"},
    "planning:session-not-done":          {"POST": "N T"},
    "planning:session-not-done-undo":     {"POST": "N T"},
    "planning:session-not-today":         {"POST": "N T"},
    "planning:session-error":             {"POST": "N T"},
    "planning:session-error-undo":        {"POST": "N"},
    # Over all patients
    "planning:lot-list":                  {"GET": "N"},
    "planning:lot-csv":                   {"GET": "N"},
    "planning:lot-xlsx":                  {"GET": "N"},
    "planning:export-list":               {"GET": "N"},
    "planning:export-everything":         {"POST": "N"},
    "planning:export-research":           {"POST": "N"},
    "planning:export-sessions-csv":       {"POST": "N"},
    "planning:export-sessions-xlsx":      {"POST": "N"},
    "planning:overview":                  {"GET": "N"},
    "planning:overview-csv":              {"GET": "N"},
    "planning:overview-xlsx":             {"GET": "N"},
    # The catalogue
    "planning:muscle-list":               {"GET": "N T C", "HEAD": "N T C"},
    "planning:scanned-gtin-list":         {"GET": "C"},
    "planning:scanned-gtin-attach":       {"POST": "C"},
    "planning:scanned-gtin-dismiss":      {"POST": "C"},
    "planning:scanned-gtin-reopen":       {"POST": "C"},
    # The audit trail
    "clinic:audit":                       {"GET": "A", "POST": "A"},
    "clinic:audit-csv":                   {"POST": "A"},
    "clinic:audit-xlsx":                  {"POST": "A"},
    "clinic:audit-print":                 {"POST": "A"},
    "clinic:audit-seals":                 {"GET": "A"},
    # The admin site: the catalogue for its managers, people and the clinic for the superuser
    "admin:index":                        {"GET": "C U", "POST": "C U"},
    "admin:app_list":                     {"GET": "C", "POST": "C"},
    "admin:login":                        {"GET": "C U -", "POST": "C U -"},
    "admin:logout":                       {"GET": "C U", "POST": "C U"},
    "admin:password_change":              {"GET": "C U", "POST": "C U"},
    "admin:password_change_done":         {"GET": "C U", "POST": "C U"},
    "admin:autocomplete":                 {"GET": "", "POST": ""},
    "admin:jsi18n":                       {"GET": "C U"},
    "admin:auth_user_password_change":    {"GET": "U", "POST": "U"},
    "admin:clinic_user_changelist":       {"GET": "U", "POST": "U"},
    "admin:clinic_user_add":              {"GET": "U", "POST": "U"},
    "admin:clinic_user_history":          {"GET": "U", "POST": "U"},
    "admin:clinic_user_delete":           {"GET": "", "POST": ""},
    "admin:clinic_user_change":           {"GET": "U", "POST": "U"},
    "admin:clinic_clinic_add":            {"GET": "", "POST": ""},
    "admin:clinic_clinic_history":        {"GET": "U", "POST": "U"},
    "admin:clinic_clinic_simple_history": {"GET": "U", "POST": "U"},
    "admin:clinic_clinic_delete":         {"GET": "", "POST": ""},
    "admin:clinic_clinic_change":         {"GET": "U", "POST": "U"},
    "admin:planning_muscle_changelist":   {"GET": "C", "POST": "C"},
    "admin:planning_muscle_import":       {"GET": "C", "POST": "C"},
    "admin:planning_muscle_template": {"GET": "C", "POST": "C"},
    "admin:planning_muscle_export":       {"GET": "C", "POST": "C"},
    "admin:planning_muscle_export_xlsx":  {"GET": "C", "POST": "C"},
    "admin:planning_product_import":      {"GET": "C", "POST": "C"},
    "admin:planning_product_template": {"GET": "C", "POST": "C"},
    "admin:planning_product_export":      {"GET": "C", "POST": "C"},
    "admin:planning_product_export_xlsx": {"GET": "C", "POST": "C"},
    "admin:planning_muscle_add":          {"GET": "C", "POST": "C"},
    "admin:planning_muscle_history":      {"GET": "C", "POST": "C"},
    "admin:planning_muscle_simple_history": {"GET": "C", "POST": "C"},
    "admin:planning_muscle_delete":       {"GET": "C", "POST": "C"},
    "admin:planning_muscle_change":       {"GET": "C", "POST": "C"},
    "admin:planning_product_changelist":  {"GET": "C", "POST": "C"},
    "admin:planning_product_add":         {"GET": "C", "POST": "C"},
    "admin:planning_product_history":     {"GET": "C", "POST": "C"},
    "admin:planning_product_simple_history": {"GET": "C", "POST": "C"},
    "admin:planning_product_delete":      {"GET": "C", "POST": "C"},
    "admin:planning_product_change":      {"GET": "C", "POST": "C"},
    "admin:planning_instrument_changelist": {"GET": "C", "POST": "C"},
    "admin:planning_instrument_import":   {"GET": "C", "POST": "C"},
    "admin:planning_instrument_template": {"GET": "C", "POST": "C"},
    "admin:planning_instrument_export":   {"GET": "C", "POST": "C"},
    "admin:planning_instrument_export_xlsx": {"GET": "C", "POST": "C"},
    "admin:planning_instrument_add":      {"GET": "C", "POST": "C"},
    "admin:planning_instrument_history":  {"GET": "C", "POST": "C"},
    "admin:planning_instrument_simple_history": {"GET": "C", "POST": "C"},
    "admin:planning_instrument_delete":   {"GET": "C", "POST": "C"},
    "admin:planning_instrument_change":   {"GET": "C", "POST": "C"},
    "admin:planning_lettertemplate_changelist": {"GET": "C", "POST": "C"},
    "admin:planning_lettertemplate_add":  {"GET": "C", "POST": "C"},
    "admin:planning_lettertemplate_history": {"GET": "C", "POST": "C"},
    "admin:planning_lettertemplate_simple_history": {"GET": "C", "POST": "C"},
    "admin:planning_lettertemplate_delete": {"GET": "", "POST": ""},
    "admin:planning_lettertemplate_change": {"GET": "C", "POST": "C"},
    "admin:planning_reasonnotgiven_changelist": {"GET": "C", "POST": "C"},
    "admin:planning_reasonnotgiven_add":  {"GET": "C", "POST": "C"},
    "admin:planning_reasonnotgiven_history": {"GET": "C", "POST": "C"},
    "admin:planning_reasonnotgiven_simple_history": {"GET": "C", "POST": "C"},
    "admin:planning_reasonnotgiven_delete": {"GET": "", "POST": ""},
    "admin:planning_reasonnotgiven_change": {"GET": "C", "POST": "C"},
    # Redirects to a URL above, and every other URL below /admin/
    "admin:clinic_clinic_changelist":     {"GET": "C U", "POST": "C U"},
    "admin/clinic/user/<path:object_id>/": {"GET": "C U", "POST": "C U"},
    "admin/clinic/clinic/<path:object_id>/": {"GET": "C U", "POST": "C U"},
    "admin/planning/muscle/<path:object_id>/": {"GET": "C U", "POST": "C U"},
    "admin/planning/product/<path:object_id>/": {"GET": "C U", "POST": "C U"},
    "admin/planning/instrument/<path:object_id>/": {"GET": "C U", "POST": "C U"},
    "admin/planning/lettertemplate/<path:object_id>/": {"GET": "C U", "POST": "C U"},
    "admin/planning/reasonnotgiven/<path:object_id>/": {"GET": "C U", "POST": "C U"},
    "admin/(?P<url>.*)$":                 {"GET": "", "POST": ""},
    **{
        name: {method: letters.replace("!", "") for method, letters in ways.items()}
        for name, ways in OPERATIONS.items()
    },
}  # fmt: skip

# An export through FHIR belongs to the user who started it: see tests/planning/fhir/test_export.py.
EXPORT_STEPS = {"fhir:export", "fhir:patient-export", "fhir:export-files", "fhir:export-lines"}
WITHOUT_LOGIN = {"clinic:login-session", "patients:calendar-feed"}
# What a URL of the API must be asked, to answer at all.
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Url:
    name: str
    route: str
    view: object

    @property
    def is_admin(self):
        return self.route.startswith("admin/")

    @property
    def is_api(self):
        """For programs."""
        return self.route.startswith("api/") or self.is_fhir

    @property
    def is_fhir(self):
        return self.route.startswith("fhir/")

    @property
    def is_allauth(self):
        return self.name in ALLAUTH


def urls(resolver=None, prefix="", namespace=""):
    """Every URL of the URL configuration, those of included ones too."""
    found = []
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            name = f"{namespace}{pattern.name}" if pattern.name else route
            found.append(Url(name, route, pattern.callback))
        else:
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            found += urls(pattern, route, inner)
    return found


def allowed_roles(name, method):
    """The letters of the roles with access."""
    return TABLE.get(name, {}).get(method, "").split()
