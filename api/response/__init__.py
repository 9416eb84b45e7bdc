"""Answers: status, headers and body, CSV, and what browsers want to know about other origins."""
