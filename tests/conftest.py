"""What the tests share: users of each role, worlds that a module creates once, a database that is restored."""

import gc
import os
import pickle
from collections import Counter

import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction
from django.test import Client, TransactionTestCase
from django.test.utils import teardown_databases
from django.utils import timezone
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from xdist.scheduler import LoadScopeScheduling

from clinic.models import Clinic
from clinic.records import counts, together
from tests import access, builders, databases
from tests.posted_data import with_patient
from tests.world import World

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # sync Playwright runs an event loop in this thread

# Few tests that take long: they begin first, so that no worker runs one of them while the others have finished.
LONG = (
    "tests/test_upgrades.py",
    "tests/planning/demo/test_demo.py",
    "tests/test_stale_pages.py",
    "tests/test_query_counts.py",
    "tests/api/test_fuzz.py",
    "tests/patients/front_desk/test_concurrent_bookings.py",
    "tests/clinic/backup/test_drill.py",
    "tests/clinic/backup/test_hostile_files.py",
    "tests/test_reads_write_nothing.py",
    "tests/clinic/records/test_verification.py",
    "tests/test_ended_logins.py",
    "tests/test_search_terms.py",
    "tests/test_saved_pages.py",
    "tests/test_markup_in_text.py",
    "tests/test_guards.py",
    "tests/test_engines.py",
    "tests/planning/session_pages/test_masked_responses.py",
    "tests/planning/demo/test_demo_command.py",
)


def pytest_configure(config):
    # In-process hashing is slow on purpose; the tests log in thousands of times.
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Each test's client would read all static folders when it is made; so they are looked up when they are asked for.
    django_settings.WHITENOISE_AUTOREFRESH = True
    # Seals have tests of their own; elsewhere, the clock would add them to any request.
    django_settings.SEAL_AFTER_SECONDS = None
    # Without it, there is no export for research.
    django_settings.RESEARCH_KEY = "a key for tests, of 32 characters or more"
    # Drawn values are the same in each run but those of `make full`, and a slow machine is no failure.
    hypothesis_settings.register_profile(
        "collum",
        derandomize=not config.pluginmanager.has_plugin("randomly"),
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    hypothesis_settings.load_profile("collum")
    # Looking for cycles every 700 objects costs a tenth of the time; it finds little.
    gc.set_threshold(50_000, 20, 20)


CASES = Counter()
GOLDEN = (5**0.5 - 1) / 2


def pytest_itemcollected(item):
    """`sample(3)`: a third of the test's cases, and only `make full` runs the others.

    Multiples of the golden ratio spread them evenly, also over the values of a second parameter.
    """
    if (mark := item.get_closest_marker("sample")) is not None:
        test = item.nodeid.partition("[")[0]
        if CASES[test] * GOLDEN % 1 >= 1 / mark.args[0]:
            item.add_marker(pytest.mark.full)
        CASES[test] += 1


def pytest_collection_finish():
    gc.freeze()  # what is imported and collected so far stays to the end


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    config.option.loadscopereorder = False  # the order of pytest_collection_modifyitems stays
    return Units(config, log)


class Units(LoadScopeScheduling):
    """One worker runs all of a module, so that what is made for it is made once; tests in a browser run one by one."""

    def _split_scope(self, nodeid):
        return nodeid if nodeid.startswith("tests/browser/") else _module_of(nodeid)


def _module_of(nodeid):
    return nodeid.partition("::")[0]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Tests that share what is made for their module come last, and each undoes what it changes.

    So no test that needs an empty database runs while such rows exist, in any order of tests.
    """
    for item in items:
        if "module_transaction" in item.fixturenames:
            if _commits(item):
                raise pytest.UsageError(f"{item.nodeid} commits, and would end the transaction around its module")
            item.add_marker(pytest.mark.django_db)
    kinds = {"sharing": [], "browser": [], "others": []}
    for item in items:
        kind = "browser" if item.get_closest_marker("browser") else "others"
        kinds["sharing" if "module_transaction" in item.fixturenames else kind].append(item)
    others, sharing = _long_first(kinds["others"]), _long_first(_largest_first(kinds["sharing"]))
    items[:] = _spread(_apart(kinds["browser"]), others) + sharing


def _apart(items):
    """The first test of each module, then the second ones: some modules wait for seconds in each of their tests."""
    seen = Counter()

    def turn(item):
        seen[_module_of(item.nodeid)] += 1
        return seen[_module_of(item.nodeid)]

    return sorted(items, key=turn)


def _long_first(items):
    """The other modules stay in their order."""
    place = {module: number for number, module in enumerate(LONG)}
    return sorted(items, key=lambda item: place.get(_module_of(item.nodeid), len(LONG)))


def _largest_first(items):
    """By module, so that all workers end at about the same time."""
    size = Counter(_module_of(item.nodeid) for item in items)
    return sorted(items, key=lambda item: -size[_module_of(item.nodeid)])


def _spread(some, others):
    """One of `some` after every so many of the others: each worker gets its share of the tests that wait a lot."""
    spread, begin = [], 0
    for number, item in enumerate(some, start=1):
        end = len(others) * number // len(some)
        spread += [item, *others[begin:end]]
        begin = end
    return spread + others[begin:]


def _commits(item):
    mark = item.get_closest_marker("django_db")
    return {"transactional_db", "live_server"} & {*item.fixturenames} or (mark and mark.kwargs.get("transaction"))


# After a test that commits. Django's own flush leaves nothing of what the migrations filled.
TransactionTestCase._fixture_teardown = lambda self: databases.restore()


@pytest.fixture(scope="session")
def django_db_setup(
    request,
    django_test_environment,
    django_db_blocker,
    django_db_keepdb,
    django_db_createdb,
    django_db_modify_db_settings,
):
    """A test database for every request. pytest-django's own creates one only if a selected test has its mark.

    Without that, a fixture of a module or of the session would write into the configured database.
    """
    with django_db_blocker.unblock():
        made = databases.create(reuse=django_db_keepdb and not django_db_createdb)
    yield
    with django_db_blocker.unblock():
        _end_other_connections()
        teardown_databases(made, verbosity=request.config.option.verbose)


def _end_other_connections():
    """A browser's last request may still hold one, and PostgreSQL cannot drop a database that is in use."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture(scope="module")
def module_transaction(django_db_setup, django_db_blocker):
    """What a module's fixture creates after this one exists until the module's last test."""
    with django_db_blocker.unblock(), transaction.atomic(), timezone.override(Clinic.ours().zone):
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def made_world(module_transaction):
    """Created once per module; a module can override it. Tests use `world`."""
    return World()


@pytest.fixture(scope="module")
def pickled_world(made_world):
    return pickle.dumps(made_world)


@pytest.fixture(scope="module")
def people_by_letter(module_transaction):
    """One person for each column of the table of access, by letter; None for who is not logged in."""
    return {letter: _person_of(letter) for letter in access.PEOPLE}


def _person_of(letter):
    roles = [access.ROLE_OF[letter]] if letter in access.ROLE_OF else []
    return None if letter == "-" else builders.a_person(*roles, is_superuser=letter == "U")


@pytest.fixture
def world(pickled_world):
    """The test's own copy. Like the database, it does not contain changes of another test."""
    return pickle.loads(pickled_world)  # noqa: S301 (pickled above)


@pytest.fixture(scope="session", autouse=True)
def forms_include_their_patient():
    """A test posts what is typed; whose form it is comes with it, as from the page. tests/test_stale_pages.py reads the
    pages themselves."""
    post = Client.post

    def post_with_patient(self, path, data=None, **how):
        return post(self, path, with_patient(path, data), **how)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "post", post_with_patient)
        yield


@pytest.fixture(autouse=True)
def in_the_time_of_the_clinic():
    """As in a request. In UTC, an hour of each night in summer is still the day before."""
    with timezone.override(Clinic._meta.get_field("time_zone").default):
        yield


@pytest.fixture
def compiled_anew():
    """For a test that changes a constant: statements that are compiled once have it only during this test."""
    compiled = (together._compiled, counts._compiled, counts._compiled_figures, counts._compiled_ids)
    for each in compiled:
        each.cache_clear()
    yield
    for each in compiled:
        each.cache_clear()


@pytest.fixture
def neurologist(db):
    return builders.a_person("neurologist", printed_name="Dr A. Morgan")


@pytest.fixture
def other_neurologist(db):
    return builders.a_person("neurologist", printed_name="Dr B. Adeyemi")


@pytest.fixture
def trainee(db):
    return builders.a_person("trainee", printed_name="Dr T. Young")


@pytest.fixture
def staff(db):
    return builders.a_person("clinic staff", printed_name="Sam Desk")


@pytest.fixture
def catalogue_manager(db):
    return builders.a_person("catalogue manager", printed_name="Cato Logue")


@pytest.fixture
def auditor(db):
    return builders.a_person("auditor", printed_name="Audrey Tor")


@pytest.fixture
def superuser(db):
    return builders.a_person(printed_name="Adam Min", is_superuser=True)


@pytest.fixture
def login(client):
    """`login(person)` gives a client that is logged in as that person."""

    def as_person(person):
        client.force_login(person)
        return client

    return as_person
