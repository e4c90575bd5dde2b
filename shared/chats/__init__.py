"""Chats as stored: heads, messages, lists, images, deletion."""
