"""What is recorded of a sending: names."""
