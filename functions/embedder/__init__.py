"""Embedding and reranking with models that run in this function (ONNX), which come from a hub on their first use."""
