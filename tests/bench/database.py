"""The databases of a PostgreSQL server."""

import os

import environ
import psycopg2

SERVER = "postgres://postgres@127.0.0.1:5432/postgres"


class Database:
    """One of the server's databases, by name. DATABASE_URL names the server."""

    def __init__(self, name):
        self.name = name
        self.server = os.environ.get("DATABASE_URL") or SERVER
        self.url = self.server.rsplit("/", 1)[0] + f"/{name}"

    def ask(self, statement, parameters=()):
        return query(self.url, statement, parameters)

    def exists(self):
        return bool(self._command("SELECT 1 FROM pg_database WHERE datname = %s", [self.name]))

    def create(self, template="template1"):
        self.remove()
        self._command(f"CREATE DATABASE {self.name} TEMPLATE {template}")

    def rename(self, name):
        self._command(f"ALTER DATABASE {self.name} RENAME TO {name}")

    def remove(self):
        self._command(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")

    def _command(self, statement, parameters=()):
        return query(self.server.rsplit("/", 1)[0] + "/postgres", statement, parameters)


def query(url, statement, parameters=()):
    settings = environ.Env.db_url_config(url)
    connection = psycopg2.connect(
        dbname=settings["NAME"], user=settings["USER"] or None, password=settings["PASSWORD"] or None,
        host=settings["HOST"] or None, port=settings["PORT"] or None,
    )  # fmt: skip
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()
