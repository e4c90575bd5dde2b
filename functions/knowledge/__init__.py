"""Knowledge: REST routes of /api/v1/files."""
