"""Routines: plan a call, send it in one transaction, and answer with its value or first result set."""
