"""Services that read documents in place of the built-in functions, as an admin sets up.

`engine_for` says which one reads a kind of file (None: the built-in functions do), `read` has it read.
"""

from shared.extraction_engines.choosing import engine_for, read
from shared.extraction_engines.protocol import Document, EngineTrouble

__all__ = ["Document", "EngineTrouble", "engine_for", "read"]
