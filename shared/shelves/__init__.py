"""Files of SQLite in S3 that are read in place: shards, on a shelf whose manifest names them. Two searches use it."""
