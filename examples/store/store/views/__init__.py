"""The store's HTTP API: one module for each thing that is asked for."""
