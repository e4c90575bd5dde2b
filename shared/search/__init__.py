"""Finding chunks of files: one protocol (`protocol`), and an adapter for each place an index can be kept in.

`shared.search.opening.index` opens the stage's. Which chunks are current and who may read them the table knows, not the
index: what a search finds is checked again on the way out.
"""
