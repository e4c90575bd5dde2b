"""Models and answers: the OpenAI API, the contract's way of asking, connections to providers."""
