"""One module for each family of formats. Each has functions that turn a path into an iterator of segments."""
