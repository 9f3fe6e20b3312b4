"""DATABASE_URL as people write it: addresses in brackets, encoded passwords, several hosts."""

from urllib.parse import urlsplit

import pytest

from clinic.web.database_url import database, readable

CLUSTER = "postgres://collum:p%40ss@{}/collum?target_session_attrs=read-write"


@pytest.mark.parametrize(
    ("hosts", "host", "port"),
    [
        ("127.0.0.1:1,[::1]:2", "127.0.0.1,::1", "1,2"),
        ("[::1]:1,127.0.0.1:2", "::1,127.0.0.1", "1,2"),
        ("[::1],[::2]", "::1,::2", ""),
        ("[::1]:1", "::1", 1),
        ("db.example", "db.example", ""),
    ],
)
def test_addresses_and_the_encoded_password_are_read(hosts, host, port):
    config = database(CLUSTER.format(hosts))
    assert (config["HOST"], config["PORT"], config["USER"], config["PASSWORD"], config["NAME"]) == (
        host, port, "collum", "p@ss", "collum",
    )  # fmt: skip


@pytest.mark.parametrize("url", ["sqlite:////var/lib/collum/collum.sqlite3", CLUSTER.format("[::1]:1")])
def test_url_of_one_host_stays_as_it_is(url):
    assert readable(url) == url


def test_other_database_of_the_same_hosts_can_be_named():
    url = urlsplit(readable(CLUSTER.format("127.0.0.1:1,[::1]:2")))._replace(path="/drill").geturl()
    assert database(url)["NAME"] == "drill"
    assert database(url)["HOST"] == "127.0.0.1,::1"
