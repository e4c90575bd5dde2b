"""The platform: what clients need to start, settings of the whole server, health and usage."""
