"""The version of this release; a test holds it to pyproject.toml's."""

VERSION = "0.1.0"
