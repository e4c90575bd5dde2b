"""How the local run fails."""


class LocalError(Exception):
    """The local run cannot go on; the message is one sentence for a person, and says what to do."""
