"""What the demo shows, an act each."""
