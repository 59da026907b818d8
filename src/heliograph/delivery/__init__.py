"""The ways in which a sending reaches a receiver."""
