"""What an action raises when the state of things does not allow it."""


class Refused(Exception):  # noqa: N818  (a refusal is an answer, not an error)
    """The state does not allow it; the message is the sentence that the person reads."""

    def __init__(self, sentence, *, field=None):
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field


class Conflict(Refused):
    """The record changed since it was read; `current` is what is stored now."""

    def __init__(self, sentence="Another user has changed this. Read it again before you save.", *, current=None):
        super().__init__(sentence)
        self.current = current


class Incomplete(Refused):
    """A form came without what its page puts into it: whose record it changes, or in which version."""


class SentBefore(Refused):
    """The key of a form or a request was used already, for something else."""
