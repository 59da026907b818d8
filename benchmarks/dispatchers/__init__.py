"""The parts of `benchmarks/inprocess.py`."""
