"""What we change in MiniStack 1.5.33, one function per change; ``tests/contract/local`` shows what each is for.

Each patch replaces something internal, so the version is pinned. When its test says that MiniStack behaves without
it, delete it.
"""
