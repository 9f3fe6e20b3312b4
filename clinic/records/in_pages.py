"""Many rows in bounded memory, without a cursor of the server, which PgBouncer does not support."""


def in_pages(rows, *, key="pk", size=500):
    """The records of a QuerySet in the order of a unique key."""
    rows, page = rows.order_by(key), None
    while page is None or len(page) == size:
        page = list((rows.filter(**{f"{key}__gt": getattr(page[-1], key)}) if page else rows)[:size])
        yield from page
