"""The one way a file fails for good."""


class Unreadable(Exception):
    """No text can be had from the file, however often it is tried; `reason` is a sentence for the person."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
