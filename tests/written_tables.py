"""The tables that statements write to: what is stored in the others is as before. No trigger of Collum writes."""

import re
from contextlib import contextmanager

from django.db import connection

WRITES_TO = re.compile(
    r'\b(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|(?<!FOR )(?<!FOR NO KEY )UPDATE|DELETE\s+FROM)\s+"?(\w+)', re.IGNORECASE
)


@contextmanager
def written_tables():
    """`with written_tables() as tables`: a set, which also names those whose change is rolled back."""
    tables = set()

    def noting(execute, sql, params, many, context):
        tables.update(WRITES_TO.findall(sql))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(noting):
        yield tables
