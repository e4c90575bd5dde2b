"""The consumer of delayed messages: ends runs whose worker died, closes sockets, works off chores."""
