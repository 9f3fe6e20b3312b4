import pytest

from tests.clinic.accounts.factor_steps import a_whole_step


@pytest.fixture
def whole_step():
    with a_whole_step():
        yield
