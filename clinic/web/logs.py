"""The log format in production: where an error occurred, never with which data."""

import logging
import traceback


class DiscreetFormatter(logging.Formatter):
    """Leaves out the text of exceptions: a database quotes the rejected row in it."""

    def formatException(self, ei):  # noqa: N802  (logging's own name)
        lines, error = [], ei[1]
        while error is not None:
            lines += [*traceback.format_tb(error.__traceback__), f"{type(error).__qualname__}\n"]
            error = error.__cause__ or error.__context__
        return "".join(lines).rstrip()
