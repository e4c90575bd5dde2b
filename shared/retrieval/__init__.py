"""Finding what is relevant: settings, embedding models, rerankers, the way from a question to its sources, the web."""
