"""What becomes of a delivery: pure functions and one table."""
