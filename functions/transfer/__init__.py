"""Chats and whatever else a person has here, on the way in and out: imports, exports, documents."""
