"""From a file to chunks that can be found: asked for here, carried out by the state machine of functions/ingestion.

- `requests`: what the REST API calls: ingest, spread, remove, forget.
- `jobs`: the queue, and what is worked on.
- `state`: what a person sees of a file: status, progress, reason; and the swap of generations at the end.
- `keys`: where everything of a file lies in the bucket.
"""
