"""Ingestion: the steps of the state machine, what starts and watches it, and the drop folder."""
