"""Cuts what extraction found into chunks: by characters, tokens, Markdown headings or meaning."""

from shared.splitting.chunks import Chunk, SplitSettings, chunks, joint, split

__all__ = ["Chunk", "SplitSettings", "chunks", "joint", "split"]
