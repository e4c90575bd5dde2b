"""Model providers: one small protocol, its implementations, the admin's connections and the list of their models."""
