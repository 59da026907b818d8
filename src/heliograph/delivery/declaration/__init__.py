"""Durable receivers as the code declares them."""
