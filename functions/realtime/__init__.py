"""The WebSocket routes: who connects, what their frames mean, and the greeting that opens a Socket.IO connection."""
