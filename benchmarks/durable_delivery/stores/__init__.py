"""The databases that a run makes, each with one contender in it, and takes away again."""
