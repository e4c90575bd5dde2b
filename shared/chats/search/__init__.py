"""Full text search over a person's chats: SQLite FTS5 shards in S3, one shelf of them for each person.

`functions.chat_index` writes them from the chats table's stream, the chats function reads them. The table stays the
truth: a shard is a derived copy that can be lost and built again, and what a search finds is checked against the table.
"""
