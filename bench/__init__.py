"""Benchmarks: the API compared with the bare driver, measured alternately within one run."""
