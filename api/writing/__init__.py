"""Writes: a plan becomes statements in one transaction, and the answer reports what they did."""
