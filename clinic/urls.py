"""The only list of prefixes."""

from allauth.account import views as account
from django.contrib import admin
from django.urls import include, path, re_path

from clinic.accounts import forgotten_password, user_access
from clinic.accounts import views as accounts
from clinic.accounts.help import help_page
from clinic.accounts.second_factor import login
from clinic.accounts.second_factor import views as second_factor
from clinic.api import router
from clinic.api.documents import DocumentationPage, MeResource, SchemaDocument
from clinic.audit import views as audit_views
from clinic.audit.api import AuditResource, SealResource
from clinic.web import views
from clinic.web.url_groups import by_first_part

clinic_urls = [
    path("start/", accounts.start, name="start"),
    path("date-check/", accounts.date_check, name="date-check"),
    path("account/session/", accounts.login_session, name="login-session"),
    path("account/tokens/", accounts.tokens, name="tokens"),
    path("account/security/", second_factor.security, name="security"),
    path("account/security/app/", second_factor.app_set_up, name="app-set-up"),
    path("account/security/passkeys/new/", second_factor.passkey_add, name="passkey-add"),
    path("account/security/passkeys/<int:factor>/name/", second_factor.passkey_rename, name="passkey-rename"),
    path("account/security/factors/<int:factor>/remove/", second_factor.factor_remove, name="factor-remove"),
    path("account/security/recovery-codes/", second_factor.recovery_codes, name="recovery-codes"),
    path("account/security/logins/<int:login>/end/", second_factor.login_end, name="login-end"),
    path("account/security/logins/end/", second_factor.logins_end, name="logins-end"),
    path("users/<int:pk>/", user_access.person_access, name="person-access"),
    path("users/<int:pk>/second-factor/reset/", user_access.factor_reset, name="factor-reset"),
    path("users/<int:pk>/unlock/", user_access.person_unlock, name="person-unlock"),
    path("users/<int:pk>/logins/end/", user_access.person_logins_end, name="person-logins-end"),
    path("account/preferences/", accounts.preferences, name="preferences"),
    path("audit/", audit_views.audit, name="audit"),
    path("audit/csv/", audit_views.audit_csv, name="audit-csv"),
    path("audit/xlsx/", audit_views.audit_xlsx, name="audit-xlsx"),
    path("audit/print/", audit_views.audit_print, name="audit-print"),
    path("audit/seals/", audit_views.audit_seals, name="audit-seals"),
    path("help/", help_page, name="help"),
    path("help/<slug:name>/", help_page, name="help-page"),
    path("account/tokens/<int:pk>/revoke/", accounts.token_revoke, name="token-revoke"),
]

urlpatterns = [
    path("", include((by_first_part(clinic_urls), "clinic"))),
    path("accounts/login/", login.login, name="account_login"),
    path("accounts/login/second-step/", login.second_step, name="mfa_authenticate"),
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
    path("fhir/", include("planning.fhir.urls")),
]

# The other packages have registered their resources already.
router.register(
    {
        "audit": AuditResource,
        "seals": SealResource,
        "me": MeResource,
        "schema": SchemaDocument,
        "docs": DocumentationPage,
    }
)
urlpatterns.append(path("api/v1/", include((by_first_part(router.router.urls), "api"))))

handler400 = views.bad_request
handler404 = views.not_found
handler500 = views.server_error
