"""Django's model signals: what they need to be reliable."""
