"""Who is asking: keys, tokens, sessions, API keys and the FastAPI dependencies built on them."""
