"""Recording what is sent, as a part of the sender's transaction."""
