"""The only list of prefixes."""

from allauth.account import views as account
from django.contrib import admin
from django.urls import include, path

from clinic import api, views
from clinic.tokens import views as tokens

clinic_urls = [
    path("healthz", views.health, name="health"),
    path("start/", views.start, name="start"),
    path("account/session/", views.login_session, name="login-session"),
    path("account/tokens/", tokens.tokens, name="tokens"),
    path("account/tokens/<int:pk>/revoke/", tokens.token_revoke, name="token-revoke"),
]

urlpatterns = [
    path("", include((clinic_urls, "clinic"))),
    path("accounts/login/", account.login, name="account_login"),
    path("accounts/logout/", account.logout, name="account_logout"),
    path("accounts/password/change/", account.password_change, name="account_change_password"),
    path("accounts/inactive/", account.account_inactive, name="account_inactive"),
    path("admin/", admin.site.urls),
    path("api/v1/", include(api)),
    path("", include("patients.urls")),
    path("", include("planning.urls")),
]

handler400 = views.bad_request
handler404 = views.not_found
handler500 = views.server_error
