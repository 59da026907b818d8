"""The store as JSON: one module for each thing that is asked for."""
