"""What can go wrong with a backup, as messages for the person at the command line. They never contain patient text."""


class BackupError(Exception):
    """Its message is shown as it is."""


class DamagedError(BackupError):
    """The content of a file is not what was written."""

    def __init__(self, what):
        super().__init__(f"The backup is damaged or incomplete: {what}. Use another copy of it.")
