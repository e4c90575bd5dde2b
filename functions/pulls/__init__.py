"""The worker that has servers of Ollama load models: one invocation works on one pull for as long as it may."""
