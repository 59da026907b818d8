"""The subscriptions that a database has for the receivers of the code."""
