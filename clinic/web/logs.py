"""What a log line may say in production: where something went wrong, never with what data."""

import logging
import traceback


class DiscreetFormatter(logging.Formatter):
    """Leaves out the text of exceptions: a database quotes in it the row that it refused."""

    def formatException(self, ei):  # noqa: N802  (logging's own name)
        lines, error = [], ei[1]
        while error is not None:
            lines += [*traceback.format_tb(error.__traceback__), f"{type(error).__qualname__}\n"]
            error = error.__cause__ or error.__context__
        return "".join(lines).rstrip()
