"""Models that cost nothing until they are used."""

from pydantic import BaseModel, ConfigDict


class Deferred(BaseModel):
    """A pydantic model whose validator is built with its first use: a function that starts has others to wait for."""

    model_config = ConfigDict(defer_build=True)
