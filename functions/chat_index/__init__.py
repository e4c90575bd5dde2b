"""The writer of the search shards: no route; fed by the chats table's stream."""
