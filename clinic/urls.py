"""The only list of prefixes."""

from allauth.account import views as account
from django.contrib import admin
from django.urls import include, path, re_path

from clinic.accounts import forgotten_password
from clinic.accounts import views as accounts
from clinic.accounts.help import help_page
from clinic.api import router
from clinic.api.documents import DocumentationPage, MeResource, SchemaDocument
from clinic.audit import views as audit_views
from clinic.audit.api import AuditResource
from clinic.web import views

clinic_urls = [
    path("start/", accounts.start, name="start"),
    path("date-in-words/", accounts.date_in_words, name="date-in-words"),
    path("account/session/", accounts.login_session, name="login-session"),
    path("account/tokens/", accounts.tokens, name="tokens"),
    path("account/preferences/", accounts.preferences, name="preferences"),
    path("audit/", audit_views.audit, name="audit"),
    path("audit/csv/", audit_views.audit_csv, name="audit-csv"),
    path("audit/xlsx/", audit_views.audit_xlsx, name="audit-xlsx"),
    path("audit/print/", audit_views.audit_print, name="audit-print"),
    path("help/", help_page, name="help"),
    path("help/<slug:name>/", help_page, name="help-page"),
    path("account/tokens/<int:pk>/revoke/", accounts.token_revoke, name="token-revoke"),
]

urlpatterns = [
    path("", include((clinic_urls, "clinic"))),
    path("accounts/login/", account.login, name="account_login"),
    path("accounts/logout/", account.logout, name="account_logout"),
    path("accounts/password/change/", account.password_change, name="account_change_password"),
    path("accounts/password/reset/", forgotten_password.password_reset, name="account_reset_password"),
    path("accounts/password/reset/done/", forgotten_password.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        forgotten_password.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "accounts/password/reset/key/done/",
        forgotten_password.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("accounts/inactive/", account.account_inactive, name="account_inactive"),
    path("admin/", admin.site.urls),
    path("", include("patients.urls")),
    path("", include("planning.urls")),
]

# The other packages have registered their resources already.
router.register({"audit": AuditResource, "me": MeResource, "schema": SchemaDocument, "docs": DocumentationPage})
urlpatterns.append(path("api/v1/", include((router.router.urls, "api"))))

handler400 = views.bad_request
handler404 = views.not_found
handler500 = views.server_error
