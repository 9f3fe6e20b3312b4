"""Login, second factor and login sessions: what no environment changes."""

ACCOUNT_ADAPTER = "clinic.accounts.lockout.ClosedAccountAdapter"
ACCOUNT_FORMS = {
    "login": "clinic.accounts.lockout.LoginForm",
    "change_password": "clinic.accounts.lockout.ChangePasswordForm",
    "reset_password": "clinic.accounts.forgotten_password.AskForPasswordForm",
    "reset_password_from_key": "clinic.accounts.forgotten_password.NewPasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_PRESERVE_USERNAME_CASING = False
# clinic.accounts.lockout counts failures by user name. No limit by IP address, because a whole clinic shares one.
ACCOUNT_RATE_LIMITS = {
    **dict.fromkeys(("login_failed", "login", "change_password", "reauthenticate"), ""),
    "reset_password": "5/h/key",  # by address
}
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
PASSWORD_RESET_TIMEOUT = 2 * 60 * 60

MFA_ADAPTER = "clinic.accounts.second_factor.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "clinic.accounts.second_factor.login.CodeForm",
    "authenticate_webauthn": "clinic.accounts.second_factor.login.PasskeyLoginForm",
}
MFA_TOTP_ISSUER = "Collum"
MFA_TOTP_TOLERANCE = 0  # a tolerance would accept one code several times
MFA_ALLOW_UNVERIFIED_EMAIL = True  # an administrator creates the accounts

SESSION_ENGINE = "clinic.accounts.session_store"
SESSION_COOKIE_AGE = 15 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_ABSOLUTE_SECONDS = 12 * 60 * 60
SESSION_NOTED_SECONDS = 30  # precision of the idle timer
SESSION_WARNING_SECONDS = 2 * 60  # how long before the end a page counts down
SESSION_TYPING_SECONDS = 60  # typing is reported as activity at most this often
