"""Figures of the patches, importable without the emulator."""

STREAMS_KEPT = 200
"""Log streams kept per group; MiniStack makes one for each invocation."""
