"""Collum's configuration. All differences between installations come from the environment."""

from pathlib import Path

import drf_spectacular_sidecar
import environ
from csp.constants import NONE, SELF
from django.urls import reverse

from clinic.records import sqlite
from clinic.web import environment
from clinic.web.environment import DEVELOPMENT_SECRET, Environment, whole_number, yes_or_no

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.str("COLLUM_VAR", default=str(BASE_DIR / "var")))

COLLUM_ENV = Environment(env.str("COLLUM_ENV", default="") or "development")
PRODUCTION = COLLUM_ENV is Environment.PRODUCTION

DEBUG = yes_or_no("DEBUG", env.str("DEBUG", default="false"))
SECRET_KEY = env.str("SECRET_KEY", default="" if PRODUCTION else DEVELOPMENT_SECRET)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[] if PRODUCTION else ["localhost", "127.0.0.1", "[::1]"])
ALLOWED_HOSTS = [host.strip() for host in ALLOWED_HOSTS]
# If Collum is at https://host/collum/. gunicorn reads the same variable.
SCRIPT_NAME = environment.path_prefix(env.str("SCRIPT_NAME", default=""))
FORCE_SCRIPT_NAME = SCRIPT_NAME or None
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = f"{SCRIPT_NAME}/"
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

DATABASE_URL = env.str("DATABASE_URL", default="") or ("" if PRODUCTION else f"sqlite:///{VAR_DIR / 'collum.sqlite3'}")
DATABASES = {"default": environment.database(DATABASE_URL) if DATABASE_URL else {}}
environment.refuse_unsafe(
    is_production=PRODUCTION,
    is_named=bool(env.str("COLLUM_ENV", default="")),
    secret_key=SECRET_KEY,
    debug=DEBUG,
    allowed_hosts=ALLOWED_HOSTS,
    database=DATABASES["default"],
)

if DATABASES["default"].get("ENGINE") == "django.db.backends.sqlite3":
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    # FULL: a committed write survives a power cut. IMMEDIATE: a second writer waits instead of failing.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": f"PRAGMA journal_mode={sqlite.journal_mode()}; PRAGMA synchronous=FULL",
    }
    # An in-memory database does not support WAL, so tests use a file too; pytest-django names one for each worker.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}
else:
    options = environment.time_limits(DATABASES["default"].get("OPTIONS", {}))
    DATABASES["default"].update(CONN_MAX_AGE=60, CONN_HEALTH_CHECKS=True, OPTIONS=options)
# ATOMIC_REQUESTS stays off: the audit entry of a rejected request must not be rolled back with it.
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "clinic.apps.CollumAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",  # our form renderer looks for Django's own templates among the apps
    "csp",
    "allauth",
    "allauth.account",
    "simple_history",
    "rest_framework",
    "drf_spectacular",
    "django_htmx",
    "clinic",
    "patients",
    "planning",
]

MIDDLEWARE = [
    "clinic.web.middleware.RequestIdMiddleware",
    "clinic.web.middleware.ProbeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "clinic.web.middleware.NoStoreMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "clinic.web.middleware.SlashMiddleware",
    "clinic.web.body_limits.BodyLimitMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "clinic.audit.middleware.AuditMiddleware",
    "clinic.web.middleware.RefusalMiddleware",
    "clinic.web.middleware.ScriptFormMiddleware",
    "clinic.accounts.middleware.LoginLifetimeMiddleware",
    "clinic.accounts.middleware.SameUserMiddleware",
    "clinic.accounts.middleware.LoginMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "clinic.accounts.middleware.FirstPasswordMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "clinic.web.middleware.ClinicTimeMiddleware",
    "clinic.web.middleware.WrongMethodMiddleware",
]

ROOT_URLCONF = "clinic.urls"
WSGI_APPLICATION = "clinic.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "clinic.accounts.context_processors.permissions",
                "clinic.accounts.context_processors.login_lifetime",
                "clinic.accounts.context_processors.email",
                "planning.pages.context_processors.navigation",
            ],
        },
    }
]
FORM_RENDERER = "clinic.web.forms.Renderer"

AUTH_USER_MODEL = "clinic.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [f"django.contrib.auth.hashers.{name}PasswordHasher" for name in ("Argon2", "PBKDF2")]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# In the login session: a cookie would leave a patient's name in the browser for the next user.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "clinic:start"
# The pages of these records are in a later subpackage than the records.
PAGES_ABOUT_A_PATIENT = {
    "patients.patient": "planning:patient-detail",
    "patients.visit": "planning:visit-detail",
    "planning.injectionsession": "planning:session-detail",
    "planning.signedrecord": "planning:record-detail",
}
ABSOLUTE_URL_OVERRIDES = {
    label: lambda record, page=page: reverse(page, args=[record.pk]) for label, page in PAGES_ABOUT_A_PATIENT.items()
}
# The start page by permission; the first match is used.
START_PAGES = {
    "SEE_DIARY": "planning:today",
    "SEE_CATALOGUE": "planning:muscle-list",
    "SEE_AUDIT": "clinic:audit",
    "ADMINISTER": "planning:set-up",
}
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

# The requests of a token are counted in the cache, so the cache is in the database that all processes share.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "clinic_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

SESSION_ENGINE = "clinic.accounts.session_store"
SESSION_COOKIE_AGE = 15 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_ABSOLUTE_SECONDS = 12 * 60 * 60
SESSION_NOTED_SECONDS = 30  # precision of the idle timer
SESSION_WARNING_SECONDS = 2 * 60  # how long before the end a page counts down
SESSION_TYPING_SECONDS = 60  # typing is reported as activity at most this often
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = PRODUCTION
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = yes_or_no(
    "HSTS_SUBDOMAINS", env.str("HSTS_SUBDOMAINS", default="false")
)
SECURE_REFERRER_POLICY = "same-origin"
if yes_or_no("BEHIND_TLS_PROXY", env.str("BEHIND_TLS_PROXY", default="false")):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "clinic.web.views.form_expired"
# In bytes. BodyLimitMiddleware enforces both before a body is read.
BODY_LIMIT = 1_000_000
UPLOAD_LIMIT = 20_000_000  # on pages that take a file, for users who can open them
DATA_UPLOAD_MAX_MEMORY_SIZE = FILE_UPLOAD_MAX_MEMORY_SIZE = UPLOAD_LIMIT
# In memory: a file that was chosen by mistake could contain patients, and would be in a temporary directory.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        **{f"{kind}-src": [SELF] for kind in ("default", "script", "style", "font", "connect")},
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

EMAIL_URL = env.str("EMAIL_URL", default="")
# smtp://user:password@host:587 and similar; without it, mail is only printed.
vars().update(environment.email(EMAIL_URL or "consolemail://"))
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default="collum@localhost")

LANGUAGE_CODE = "en-gb"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"  # pages use the time zone of the clinic's record; see clinic.web.middleware.ClinicTimeMiddleware

STATIC_URL = f"{SCRIPT_NAME}/static/"
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise warns if it is missing
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "clinic.records.storage.GzipManifestStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
# Only Swagger UI: as an app, the package would also include Redoc, which is larger than all other static files.
SIDECAR_STATIC = Path(drf_spectacular_sidecar.__file__).parent / "static" / "drf_spectacular_sidecar"
STATICFILES_DIRS = [("swagger-ui", SIDECAR_STATIC / "swagger-ui-dist")]

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "clinic.api.authentication.BearerAuthentication",
        "clinic.api.authentication.LoginAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["clinic.accounts.permissions.ActionPermissions"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["clinic.api.parsers.BoundedJSONParser"],
    "EXCEPTION_HANDLER": "clinic.api.exception_handler.answer",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Collum",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SERVERS": [{"url": SCRIPT_NAME}] if SCRIPT_NAME else [],
    "SERVE_INCLUDE_SCHEMA": True,
    "POSTPROCESSING_HOOKS": ["clinic.api.outline.completed"],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
}
# Requests that one token can make per minute, counted in the database over all processes.
API_REQUESTS_PER_MINUTE = whole_number("API_REQUESTS_PER_MINUTE", env.str("API_REQUESTS_PER_MINUTE", default="600"))

SILENCED_SYSTEM_CHECKS = [] if not PRODUCTION else ["security.W005", "security.W021"]

LOG_LINE = "%(asctime)s %(levelname)s %(name)s %(request_id)s %(message)s"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"format": LOG_LINE},
        "discreet": {"()": "clinic.web.logs.DiscreetFormatter", "format": LOG_LINE},
    },
    "filters": {"request_id": {"()": "clinic.web.logs.RequestIdFilter"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "filters": ["request_id"],
            "formatter": "discreet" if PRODUCTION else "plain",
        },
    },
    "loggers": {"clinic.startup": {"level": "INFO"}},
    "root": {
        "handlers": ["console"],
        "level": environment.log_level(env.str("LOG_LEVEL", default="INFO" if PRODUCTION else "WARNING")),
    },
}
