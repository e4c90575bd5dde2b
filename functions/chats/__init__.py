"""Chats: REST routes of /api/v1/chats."""
