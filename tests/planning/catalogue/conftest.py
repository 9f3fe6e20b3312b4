"""Clients that are logged in to the admin site."""

import pytest


@pytest.fixture
def manager(login, catalogue_manager):
    return login(catalogue_manager)


@pytest.fixture
def administrator(login, superuser):
    return login(superuser)
