"""How well retrieval finds what answers a question, on texts of the project's own: `make eval`."""
