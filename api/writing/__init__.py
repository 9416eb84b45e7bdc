"""Writes: a plan becomes statements in one transaction, and the answer that reports what they did."""
