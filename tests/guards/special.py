"""Guards that no rule finds, by hand. Each `old` occurs exactly once in its file, or the test of the tool fails.

To add one, append a Special with the quickest test that must fail. Guards of a new kind get a list of their own, as in
trust.py, and a name in guard.KINDS.
"""

from typing import NamedTuple

from tests.guards.guard import ROOT, Edit, Guard


class Special(NamedTuple):
    what: str
    path: str
    old: str
    new: str
    tests: tuple[str, ...]


LOGIN = "tests/clinic/accounts/test_login.py"
LOCKOUT = "tests/clinic/accounts/test_lockout.py"
TOKENS = "tests/clinic/accounts/test_tokens.py"
DOSES = "tests/planning/sessions/test_doses.py"
SIGNING = "tests/planning/signing/test_signing.py"
CONTENT = "tests/planning/signing/test_signed_content.py"
AMENDMENTS = "tests/planning/signing/test_amendments.py"
INJECTIONS = "tests/planning/sessions/session_actions/test_injections.py"
SESSIONS = "tests/planning/sessions/session_actions/test_sessions.py"
LIMITS = "tests/clinic/web/test_body_limits.py"
PROBLEMS = "tests/api/test_problems.py"
TEXT = "tests/clinic/records/test_text.py"
AUDIT = "tests/clinic/audit/test_audit.py"
DURABLE = "tests/clinic/records/test_durability.py"
ERRORS = "tests/clinic/web/test_error_pages.py"
SETTINGS = "clinic/settings.py"

# By the end of a middleware's name, the tests that must notice that it is missing.
MIDDLEWARE = {
    "SecurityMiddleware": (ERRORS, "tests/clinic/web/test_production.py"),
    "NoStoreMiddleware": (ERRORS,),
    "CSPMiddleware": (ERRORS,),
    "BodyLimitMiddleware": (LIMITS,),
    "CsrfViewMiddleware": (AUDIT,),
    "AuditMiddleware": (AUDIT,),
    "RefusalMiddleware": ("tests/test_stale_pages.py",),
    "LoginLifetimeMiddleware": (LOGIN,),
    "SameUserMiddleware": ("tests/planning/session_pages/session_page/test_session_forms.py",),
    "LoginMiddleware": ("tests/test_permissions.py::test_script_without_a_login_gets_only_a_message",),
    "XFrameOptionsMiddleware": (ERRORS,),
    "FirstPasswordMiddleware": (LOGIN,),
    "ClinicTimeMiddleware": ("tests/patients/diary/test_time_zone.py", "tests/patients/diary/test_clock_changes.py"),
}
SPECIAL = [
    # The dose
    Special(
        "a dose has ASCII digits only",
        "planning/sessions/doses.py",
        r'[0-9]+(\.[0-9]+)?", re.ASCII',
        r'\d+(\.\d+)?"',
        (DOSES,),
    ),
    Special("a dose has one point at most", "planning/sessions/doses.py", r"(\.[0-9]+)?", r"(\.[0-9]+)*", (DOSES,)),
    Special(
        "a dose is matched to its end", "planning/sessions/doses.py", "GRAMMAR.fullmatch", "GRAMMAR.match", (DOSES,)
    ),
    Special(
        "a number is not a dose",
        "planning/sessions/doses.py",
        "if value is None or isinstance(value, str):",
        "if True:",
        (DOSES, "tests/api/test_doses.py"),
    ),
    Special(
        "the API takes a dose as text only",
        "planning/sessions/doses.py",
        "        if not isinstance(data, str):",
        "        if False:",
        ("tests/api/test_doses.py",),
    ),
    Special(
        "a dose is stored for the product that was seen",
        "planning/sessions/actions/products.py",
        "    require_product(product, session)\n    return session",
        "    return session",
        ("tests/planning/session_pages/test_forms_carry_product.py", "tests/planning/session_pages"),
    ),
    Special(
        "no dose without a product",
        "planning/sessions/actions/injections.py",
        "if session.product_id is None and (",
        "if False and (",
        (INJECTIONS, SESSIONS),
    ),
    Special(
        "a change of product empties doses and vials",
        "planning/sessions/actions/sessions.py",
        "        _empty_doses_and_vials(session, by=by)",
        "        pass",
        (SESSIONS,),
    ),
    Special(
        "a change of product is confirmed",
        "planning/sessions/actions/sessions.py",
        "if not empties_confirmed:",
        "if False:",
        (SESSIONS,),
    ),
    # Signing
    Special(
        "only a neurologist signs",
        "planning/signing/actions/signing.py",
        "if not may(by, Permission.SIGN_SESSIONS):",
        "if False:",
        (SIGNING,),
    ),
    Special(
        "an obstacle prevents a signature",
        "planning/signing/actions/signing.py",
        "if obstacle := session.signing_obstacle():",
        "if obstacle := None:",
        (SIGNING,),
    ),
    Special(
        "the hash of a record covers its signature",
        "planning/signing/models/signed_record.py",
        "(self.content_text + canonical(block))",
        "self.content_text",
        (CONTENT,),
    ),
    Special(
        "the hash of a record covers its content",
        "planning/signing/models/signed_record.py",
        "(self.content_text + canonical(block))",
        "canonical(block)",
        (CONTENT,),
    ),
    Special(
        "the stored content is compared with its hash",
        "planning/signing/models/signed_record.py",
        " and self.content_hash == digest(self.content)",
        "",
        (CONTENT,),
    ),
    Special(
        "a record contains the hash of the one before",
        "planning/signing/models/signed_record.py",
        'previous_hash=before.hash if before else ""',
        'previous_hash=""',
        (CONTENT,),
    ),
    # What was sent before
    Special(
        "a key sent with another body is rejected",
        "clinic/records/actions.py",
        "if (first.route, first.body_hash) != (route, body_hash):",
        "if False:",
        ("tests/clinic/records/test_submissions.py",),
    ),
    Special(
        "a form is about the patient of its page",
        "clinic/web/seen.py",
        'if request.method == "POST" and number(',
        "if False and number(",
        ("tests/test_stale_pages.py",),
    ),
    Special(
        "a form without a version is rejected",
        "clinic/web/seen.py",
        "    if found is None:",
        "    if False:",
        ("tests/test_stale_pages.py",),
    ),
    # Logins, roles and programs
    Special("ten failures lock an account", "clinic/accounts/login_failures.py", "MOST = 10", "MOST = 11", (LOCKOUT,)),
    Special(
        "a lock lasts fifteen minutes",
        "clinic/accounts/login_failures.py",
        "dt.timedelta(minutes=15)",
        "dt.timedelta(minutes=14)",
        (LOCKOUT,),
    ),
    Special(
        "the text of a field is escaped",
        "clinic/web/form_renderer.py",
        "else escape(str(value))",
        "else str(value)",
        ("tests/test_markup_in_text.py",),
    ),
    Special(
        "a locked account checks no password",
        "clinic/accounts/lockout.py",
        "result = None if is_locked else check()",
        "result = check()",
        (LOCKOUT,),
    ),
    Special(
        "nobody signs up", "clinic/accounts/lockout.py", "        return False\n", "        return True\n", (LOGIN,)
    ),
    Special(
        "a deactivated user has no login",
        "clinic/accounts/login_backend.py",
        "if not self.user_can_authenticate(user):",
        "if False:",
        (LOGIN, "tests/test_permissions.py"),
    ),
    Special(
        "a deactivated user has no roles",
        "clinic/accounts/permissions.py",
        "if not (user.is_authenticated and user.is_active):",
        "if not user.is_authenticated:",
        ("tests/test_permissions.py::test_deactivated_user_has_no_permission",),
    ),
    Special(
        "a token has its own permissions only",
        "clinic/accounts/permissions.py",
        "if token is not None and permission not in token.permissions:",
        "if False:",
        ("tests/api/test_access.py::test_token_has_no_access_beyond_its_scope",),
    ),
    Special(
        "an operation without a permission is denied",
        "clinic/accounts/permissions.py",
        "        if permission is None:\n            return False",
        "        if permission is None:\n            return True",
        ("tests/api/test_access.py::test_operation_without_a_permission_is_denied",),
    ),
    Special(
        "a write needs the permission to read",
        "clinic/accounts/permissions.py",
        " and may(request.user, reading)",
        "",
        ("tests/api/test_access.py::test_write_only_token_does_not_receive_what_it_cannot_read",),
    ),
    Special(
        "a superuser has no patients",
        "clinic/accounts/permissions.py",
        "if permission in OF_SUPERUSER and user.is_superuser",
        "if user.is_superuser",
        ("tests/test_permissions.py::test_each_role_has_the_access_of_the_table[patients:diary]", SIGNING),
    ),
    Special(
        "a login ends after 15 idle minutes",
        "clinic/accounts/login_lifetime.py",
        "_idle_seconds_left(session) < 0 or ",
        "",
        (LOGIN,),
    ),
    Special(
        "a login ends after 12 hours",
        "clinic/accounts/login_lifetime.py",
        " or _absolute_seconds_left(session) < 0",
        "",
        (LOGIN,),
    ),
    # The audit trail
    Special(
        "an entry and its patients are stored together",
        "clinic/records/audit_rows.py",
        "        with transaction.atomic():\n            _insert_apart",
        "        if True:\n            _insert_apart",
        (AUDIT,),
    ),
    Special(
        "entries are written last",
        "clinic/records/audit_log.py",
        "    if waiting is None:\n",
        "    if True:\n",
        (AUDIT,),
    ),
    Special(
        "an action is one transaction",
        "clinic/records/actions.py",
        "with audit_log.held_back() as entries, transaction.atomic():",
        "with audit_log.held_back() as entries:",
        (AUDIT,),
    ),
    # Bad input
    Special(
        "JSON has a limit of depth",
        "clinic/api/parsers.py",
        "if _depth_of(text) > DEEPEST:",
        "if False:",
        (PROBLEMS, "tests/api/test_corpus.py"),
    ),
    Special(
        "JSON has each name once",
        "clinic/api/parsers.py",
        "if len(sent) < len(pairs):",
        "if False:",
        (PROBLEMS, "tests/api/test_corpus.py"),
    ),
    Special(
        "JSON has whole characters",
        "clinic/api/parsers.py",
        "        _require_whole_characters(sent)\n",
        "",
        (PROBLEMS, "tests/api/test_corpus.py"),
    ),
    Special(
        "text has no invisible characters", "clinic/records/text.py", '"Cc", "Cf", "Cs", "Zl", "Zp"', '"Cc"', (TEXT,)
    ),
    Special("text has one Unicode form", "clinic/records/text.py", 'unicodedata.normalize("NFC", ', "str(", (TEXT,)),
    Special("text has few marks", "clinic/records/text.py", "    _require_few_marks(text)\n", "", (TEXT,)),
    Special("bodies have a limit", SETTINGS, "BODY_LIMIT = 1_000_000", "BODY_LIMIT = 9_000_000", (LIMITS,)),
    Special(
        "ids have a limit",
        "clinic/api/resources.py",
        "if any(pk > LARGEST_ID for pk in kwargs.values()):",
        "if False:",
        ("tests/api/test_bad_input.py", "tests/api/test_corpus.py"),
    ),
    # Storage and pages
    Special("SQLite waits for the disk", SETTINGS, "PRAGMA synchronous=FULL", "PRAGMA synchronous=NORMAL", (DURABLE,)),
    Special(
        "SQLite begins a write at once",
        SETTINGS,
        '"IMMEDIATE"',
        '"DEFERRED"',
        (DURABLE, "tests/clinic/web/test_busy_database.py"),
    ),
    Special(
        "scripts come from the server only",
        SETTINGS,
        '("default", "script", "style", "font", "connect")',
        '("style", "font", "connect")',
        (ERRORS,),
    ),
    Special(
        "no page is framed",
        SETTINGS,
        '"frame-ancestors": [NONE]',
        '"frame-ancestors": [SELF]',
        (ERRORS,),
    ),
    Special(
        "messages stay on the server",
        SETTINGS,
        "MESSAGE_STORAGE = ",
        "NO_STORAGE = ",
        ("tests/planning/pages/test_visit_page.py",),
    ),
]


def guards():
    yield from map(as_guard, SPECIAL)
    yield from _middleware()


def as_guard(special, kind="special"):
    text = (ROOT / special.path).read_text()
    assert text.count(special.old) == 1, f"{special.path} contains {special.old!r} {text.count(special.old)} times"
    start = text.index(special.old)
    edit = Edit(special.path, start, start + len(special.old), special.new)
    place = f"{special.path}:{text.count(chr(10), 0, start) + 1}"
    return Guard(kind, place, special.what, tuple((test,) for test in special.tests), edit)


def _middleware():
    text = (ROOT / SETTINGS).read_text()
    for name, tests in MIDDLEWARE.items():
        lines = [line for line in text.splitlines(keepends=True) if line.strip().endswith(f'.{name}",')]
        assert len(lines) == 1, f"settings.py lists {name} {len(lines)} times"
        start = text.index(lines[0])
        edit = Edit(SETTINGS, start, start + len(lines[0]), "")
        place = f"{SETTINGS}:{text.count(chr(10), 0, start) + 1}"
        yield Guard("middleware", place, name, tuple((test,) for test in tests), edit)
