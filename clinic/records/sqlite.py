"""Which SQLite is used. It is chosen before Django imports its database backend.

SQLite 3.7.0 to 3.51.2 can corrupt a database in WAL mode or lose writes if two connections write and checkpoint at
once (https://sqlite.org/wal.html, “WAL reset bug”).
"""

import sqlite3
import sys

WAL_IS_SAFE_FROM = (3, 51, 3)


def replace_unsafe():
    """Let `import sqlite3` find the SQLite of the package pysqlite3, if that is installed and this one is unsafe."""
    if sqlite3.sqlite_version_info >= WAL_IS_SAFE_FROM:
        return
    try:
        import pysqlite3
    except ImportError:  # there is no wheel for this platform
        return
    sys.modules["sqlite3"], sys.modules["sqlite3.dbapi2"] = pysqlite3, pysqlite3.dbapi2


def version_in_use():
    return sys.modules["sqlite3"].sqlite_version_info


def journal_mode():
    """A rollback journal is safe with every version; writers and readers wait for each other."""
    return "WAL" if version_in_use() >= WAL_IS_SAFE_FROM else "DELETE"
