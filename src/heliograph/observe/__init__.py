"""Looking at what is connected."""
