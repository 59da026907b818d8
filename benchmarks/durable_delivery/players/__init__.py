"""The libraries that are compared, each in a module that is imported in its own processes only."""
