"""Answers: status, headers, JSON and CSV bodies, CORS and timing."""
