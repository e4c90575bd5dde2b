"""One folder per Lambda domain: handler (entry), routes (thin), service (use cases), store (data access)."""
