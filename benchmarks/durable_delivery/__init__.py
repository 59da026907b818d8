"""The parts of `benchmarks/durable.py`."""
