"""The index without a server: SQLite files, one for each collection on this machine, or shards in S3."""
