"""A Django project in which durable receivers work under torture: its processes are started and killed by tests."""
