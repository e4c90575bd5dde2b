"""Accounts: sign-up, sign-in, sessions, API keys, people and what an admin does with them."""
