"""Small jobs that a model does beside the answers: titles, tags, follow-ups, search queries and the like."""
