"""Routines: a call is planned, sent in one transaction, and its value or first result set answered."""
