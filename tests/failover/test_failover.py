"""The short form of `make failover`: no acknowledged write is lost by any kind of fault."""

import os

import pytest
from django.db import connection

from tests.failover.__main__ import in_turn, obstacle, run

pytestmark = [
    pytest.mark.full,
    pytest.mark.engine,
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="the cluster has databases of its own; once is enough"
    ),
]


def test_cluster_loses_no_acknowledged_write(tmp_path, monkeypatch):
    monkeypatch.setenv("SLOWNESS", "2")  # other tests run meanwhile
    if found := obstacle():
        pytest.skip(found)
    with (tmp_path / "output").open("w+") as output:
        passed = run(in_turn(int(os.environ.get("FAULTS", "6"))), output=output)
        output.seek(0)
        text = output.read()
    print(text)
    assert passed, text
