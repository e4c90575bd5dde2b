"""The asynchronous worker that carries out one answer."""
