"""The words of the audit trail for logins, users, tokens, the clinic and the audit trail itself."""

from clinic.audit.words import Noun

PAGES = {
    "clinic:start": "open the start page",
    "clinic:date-in-words": "check a typed date",
    "clinic:login-session": "extend the login",
    "clinic:tokens": "open|create tokens for programs",
    "clinic:token-revoke": "revoke a token",
    "clinic:preferences": "open|change the preferences",
    "clinic:help": "open the help",
    "clinic:help-page": "open a page of the help",
    "clinic:audit": "open the audit trail",
    "clinic:audit-csv": "download the audit trail",
    "clinic:audit-xlsx": "download the audit trail",
    "clinic:audit-print": "print who opened a record",
    "account_login": "log in",
    "account_logout": "log out",
    "account_change_password": "change the password",
    "account_inactive": "log in",
    "admin:index": "open the administration",
    "admin:app_list": "open the administration of the catalogue",
    "admin:login": "log in to the administration",
    "admin:logout": "log out",
    "admin:password_change": "change the password",
    "admin:password_change_done": "change the password",
    "admin:autocomplete": "search a list of choices",
    "admin:jsi18n": "open the words of the administration",
    "admin:auth_user_password_change": "change a user’s password",
}
API = {
    "audit": Noun("the audit trail", "the audit trail"),
    "me-list": "open one’s own permissions",
    "schema-list": "open the description of the API",
    "docs-list": "open the description of the API",
}
ACTIONS = {
    "logged in": "logged in",
    "logged out": "logged out",
    "password failed": "typed a wrong user name or password",
    "denied while locked": "tried to log in while locked",
    "locked for fifteen minutes": "locked the login for fifteen minutes",
    "password changed": "changed the password",
    "created a token": "created a token",
    "revoked a token": "revoked a token",
    "changed preferences": "changed the preferences",
    "read the audit trail": "read the audit trail",
    "downloaded the audit trail": "downloaded the audit trail",
    "printed who opened the record": "printed who opened the record",
    # For any record
    "added": "added {}",
    "changed": "changed {}",
    "deleted": "deleted {}",
    "removed": "removed {}",
    "restored": "restored {}",
    "exported": "downloaded {}",
    "entered in error": "marked {} as entered in error",
    "undid entered in error": "undid the error mark of {}",
}
NOUNS = {
    "clinic.auditentry": Noun("the audit trail", "the audit trail"),
    "clinic.auditedpatient": Noun("the audit trail", "the audit trail"),
    "clinic.submission": Noun("a form", "forms"),
    "clinic.clinic": Noun("the clinic’s details", "the clinic’s details"),
    "clinic.user": Noun("a user", "users"),
    "clinic.loginfailures": Noun("failed logins", "failed logins"),
    "clinic.apitoken": Noun("a token", "tokens"),
}
