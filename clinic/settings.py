"""Collum's configuration. All differences between installations come from the environment."""

from pathlib import Path

import drf_spectacular_sidecar
import environ
from csp.constants import NONE, SELF

from clinic.accounts.login_settings import *  # noqa: F403
from clinic.records import sqlite
from clinic.web import database_url, environment, logs
from clinic.web.environment import Environment, SecondFactor, whole_number, yes_or_no
from clinic.web.page_urls import url_of_page

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.str("COLLUM_VAR", default=str(BASE_DIR / "var")))

# While it exists, /readyz says that this host does not serve.
DRAIN_FILE = Path(env.str("DRAIN_FILE", default=str(VAR_DIR / "drain")))

COLLUM_ENV = Environment(env.str("COLLUM_ENV", default="") or "development")
PRODUCTION = COLLUM_ENV is Environment.PRODUCTION

DEBUG = yes_or_no("DEBUG", env.str("DEBUG", default="false"))
SECRET_KEY = env.str("SECRET_KEY", default="" if PRODUCTION else environment.DEVELOPMENT_SECRET)
# Encrypt what a second factor keeps secret. The first key encrypts, all of them decrypt.
SECOND_FACTOR_KEYS = env.list("SECOND_FACTOR_KEYS", default=[] if PRODUCTION else [environment.DEVELOPMENT_FACTOR_KEY])
SECOND_FACTOR_KEYS = [key.strip() for key in SECOND_FACTOR_KEYS if key.strip()]
# By id. The first key is for new MACs of the audit trail; the others verify older ones.
AUDIT_KEYS = env.str("AUDIT_KEYS", default="" if PRODUCTION else environment.DEVELOPMENT_AUDIT_KEYS)
AUDIT_KEYS = environment.audit_keys(AUDIT_KEYS)
# Computes the pseudonyms of the export for research, and by how many days its dates are shifted. Another key, others.
RESEARCH_KEY = env.str("RESEARCH_KEY", default="")
SEAL_AFTER_SECONDS = 5  # the first request this long after an audit entry seals it
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[] if PRODUCTION else ["localhost", "127.0.0.1", "[::1]"])
ALLOWED_HOSTS = [host.strip() for host in ALLOWED_HOSTS]
# If Collum is at https://host/collum/. gunicorn reads the same variable.
SCRIPT_NAME = environment.path_prefix(env.str("SCRIPT_NAME", default=""))
FORCE_SCRIPT_NAME = SCRIPT_NAME or None
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = f"{SCRIPT_NAME}/"
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

DATABASE_URL = env.str("DATABASE_URL", default="") or ("" if PRODUCTION else f"sqlite:///{VAR_DIR / 'collum.sqlite3'}")
DATABASES = {"default": database_url.database(DATABASE_URL) if DATABASE_URL else {}}
# Whether production starts as a database role that could remove Collum’s triggers: for a trial, or until there are two.
TRUST_DATABASE_ROLE = yes_or_no("TRUST_DATABASE_ROLE", env.str("TRUST_DATABASE_ROLE", default="false"))
environment.refuse_unsafe(
    is_production=PRODUCTION,
    is_named=bool(env.str("COLLUM_ENV", default="")),
    secret_key=SECRET_KEY,
    factor_keys=SECOND_FACTOR_KEYS,
    audit_keys=AUDIT_KEYS,
    debug=DEBUG,
    allowed_hosts=ALLOWED_HOSTS,
    database=DATABASES["default"],
    without_tls=yes_or_no("DATABASE_WITHOUT_TLS", env.str("DATABASE_WITHOUT_TLS", default="false")),
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
    DATABASES["default"] = database_url.postgresql(DATABASES["default"])
    # A standby, for reports that read a lot.
    if REPLICA_URL := env.str("REPLICA_URL", default=""):
        replica = database_url.database(REPLICA_URL, name="REPLICA_URL", role="prefer-standby")
        DATABASES["replica"] = {**database_url.postgresql(replica), "TEST": {"MIRROR": "default"}}
        DATABASE_ROUTERS = ["clinic.records.standby.StandbyRouter"]
# ATOMIC_REQUESTS stays off: the audit entry of a rejected request must not be rolled back with it.
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "clinic.apps.CollumAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "clinic.apps.CollumStaticFilesConfig",
    "django.forms",  # our form renderer looks for Django's own templates among the apps
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "simple_history",
    "rest_framework",
    "drf_spectacular",
    "django_htmx",
    "clinic",
    "patients",
    "planning",
]

# deploy/gunicorn.conf.py sets the folder in which the processes share their counts.
METRICS = bool(env.str("PROMETHEUS_MULTIPROC_DIR", default=""))

MIDDLEWARE = [
    "clinic.web.metrics.MetricsMiddleware",
    "clinic.web.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "clinic.web.compression.CompressionMiddleware",
    "clinic.web.middleware.NoStoreMiddleware",
    "csp.middleware.CSPMiddleware",
    "clinic.web.middleware.ProbeMiddleware",
    "clinic.web.startup.StartupMiddleware",
    "clinic.web.middleware.TlsMiddleware",
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
    "clinic.accounts.second_factor.middleware.SecondFactorMiddleware",
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
            "builtins": ["clinic.templatetags.date_filters"],
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
FORM_RENDERER = "clinic.web.form_renderer.Renderer"

AUTH_USER_MODEL = "clinic.User"
AUTHENTICATION_BACKENDS = ["clinic.accounts.login_backend.LoginBackend"]
PASSWORD_HASHERS = [f"django.contrib.auth.hashers.{name}PasswordHasher" for name in ("Argon2", "PBKDF2")]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "clinic.accounts.passwords.ContextWordsValidator"},
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
    label: lambda record, page=page: url_of_page(page, record.pk) for label, page in PAGES_ABOUT_A_PATIENT.items()
}
# The start page by permission; the first match is used.
START_PAGES = {
    "SEE_DIARY": "planning:today",
    "SEE_CATALOGUE": "planning:muscle-list",
    "SEE_AUDIT": "clinic:audit",
    "ADMINISTER": "planning:set-up",
}
# Whether everyone who can reach patients must have a second factor.
SECOND_FACTOR = SecondFactor(env.str("SECOND_FACTOR", default="") or ("required" if PRODUCTION else "offered"))
SECOND_FACTOR_IS_REQUIRED = SECOND_FACTOR is SecondFactor.REQUIRED
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION

# The requests of a token are counted in the cache, so the cache is in the database that all processes share.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "clinic_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = PRODUCTION
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = environment.cookie_names(is_production=PRODUCTION, prefix=SCRIPT_NAME)
SECURE_REDIRECT_EXEMPT = environment.not_redirected(prefix=SCRIPT_NAME)
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
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

EMAIL_URL = env.str("EMAIL_URL", default="")
# smtp://user:password@host:587 and similar; without it, mail is only printed.
vars().update(environment.email(EMAIL_URL or "consolemail://"))
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default="collum@localhost")

LANGUAGE_CODE = "en-gb"
USE_I18N = False  # Django's texts in this language are those of its source; dates and numbers follow LANGUAGE_CODE
USE_TZ = True
TIME_ZONE = "UTC"  # pages use the time zone of the clinic's record; see clinic.web.middleware.ClinicTimeMiddleware

STATIC_URL = f"{SCRIPT_NAME}/static/"
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise warns if it is missing
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "clinic.web.static_files.GzipManifestStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_ADD_HEADERS_FUNCTION = environment.add_headers_to_static_file
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
    "EXCEPTION_HANDLER": "clinic.api.exception_handler.handle_exception",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Collum",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SERVE_INCLUDE_SCHEMA": True,
    "POSTPROCESSING_HOOKS": ["clinic.api.outline.completed"],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
}
# Requests that one token can make per minute, counted in the database over all processes.
API_REQUESTS_PER_MINUTE = whole_number("API_REQUESTS_PER_MINUTE", env.str("API_REQUESTS_PER_MINUTE", default="600"))

SILENCED_SYSTEM_CHECKS = [] if not PRODUCTION else ["security.W005", "security.W021"]

LOGGING = logs.configuration(
    as_json=PRODUCTION,
    level=environment.log_level(env.str("LOG_LEVEL", default="INFO" if PRODUCTION else "WARNING")),
)
