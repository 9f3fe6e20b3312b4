"""Guards of trust, by hand as in special.py: MACs and seals, stored logins, accounts, and how a server starts."""

from tests.guards.special import Special, as_guard

VERIFICATION = "tests/clinic/records/test_verification.py"
SEALING = "tests/clinic/records/test_sealing.py"
LOGINS = "tests/clinic/accounts/test_stored_logins.py"
STARTUP = "tests/clinic/web/test_startup.py"
VERIFY = "clinic/records/verification.py"
RECORDS = "planning/signing/record_macs.py"
MACS = [
    Special(
        "a MAC covers the values",
        "clinic/records/macs.py",
        "return None if digits == _digest(secret, kind, values) else",
        "return None if True else",
        (VERIFICATION,),
    ),
    Special(
        "the MAC of each audit entry is verified",
        VERIFY,
        'if fault := macs.fault(mac, "entry", values + patients):',
        "if fault := None:",
        (VERIFICATION,),
    ),
    Special(
        "the MAC of each seal is verified",
        VERIFY,
        "elif fault := self.seal.fault():",
        "elif fault := None:",
        (VERIFICATION,),
    ),
    Special(
        "a seal continues the seal before it",
        VERIFY,
        'elif (self.seal.first_entry, self.seal.previous_mac) != (first, self.before.mac if self.before else ""):',
        "elif False:",
        (VERIFICATION, SEALING),
    ),
    Special(
        "a seal covers its entries",
        VERIFY,
        "elif covered.hexdigest() != seal.digest:",
        "elif False:",
        (VERIFICATION,),
    ),
    Special(
        "the patients of an entry that is missing are found",
        VERIFY,
        "for pk in self.patients.orphans:",
        "for pk in ():",
        (VERIFICATION,),
    ),
    Special(
        "the seals that entries name are stored",
        VERIFY,
        "if (entry := _first(UNKNOWN_SEALS)) is not None:",
        "if entry := None:",
        (VERIFICATION, SEALING),
    ),
    Special("a kept seal has the stored MAC", VERIFY, "elif seal.mac != mac:", "elif False:", (SEALING,)),
    Special(
        "the MAC of each signed record is verified",
        RECORDS,
        'if fault := macs.fault(record.mac, "signed record", record.mac_values()):',
        "if fault := None:",
        (VERIFICATION,),
    ),
    Special(
        "a signed record that is missing is found",
        RECORDS,
        "if (missing := _first(_MISSING)) is not None:",
        "if missing := None:",
        (VERIFICATION,),
    ),
    Special(
        "the lots of a record are those that were signed",
        RECORDS,
        "elif sorted(lot.lot_number for lot in record.lots.all()) != sorted(lots_of(record.content)):",
        "elif False:",
        (VERIFICATION,),
    ),
    Special(
        "a lot is found by its letters and digits",
        RECORDS,
        "if spelling.key != lot_key(spelling.typed):",
        "if False:",
        (VERIFICATION,),
    ),
    Special(
        "each signed lot has its spelling",
        RECORDS,
        "if (lot := _first(_NOT_SPELLED)) is not None:",
        "if lot := None:",
        (VERIFICATION,),
    ),
]
OTHERS = [
    Special(
        "a login is stored under a digest of its key",
        "clinic/accounts/hashed_sessions.py",
        "return key and hashlib.sha256(key.encode()).hexdigest()[:DIGITS]",
        "return key",
        (LOGINS,),
    ),
    Special(
        "the data of a login belong to its key",
        "clinic/accounts/hashed_sessions.py",
        "login session.{self._read_as or stored_key(self.session_key)}",
        "login session",
        (LOGINS,),
    ),
    Special(
        "a change of an account needs the password",
        "clinic/accounts/admin.py",
        'password_is_right(self.request, self.cleaned_data["your_password"])',
        "pass",
        ("tests/planning/catalogue/test_admin.py",),
    ),
    Special(
        "a database on another machine needs TLS",
        "clinic/web/environment.py",
        'if others and options.get("sslmode") not in TLS_MODES:',
        "if False:",
        ("tests/clinic/web/test_production.py",),
    ),
    Special(
        "a server checks its database before the first page",
        "clinic/web/startup.py",
        "        if startup.is_due:",
        "        if False:",
        (STARTUP,),
    ),
    Special(
        "a worker starts while the database does not respond",
        "clinic/web/startup.py",
        "except (InterfaceError, OperationalError):",
        "except ZeroDivisionError:",
        (STARTUP,),
    ),
]


def guards():
    for special in MACS:
        yield as_guard(special, kind="mac")
    for special in OTHERS:
        yield as_guard(special)
