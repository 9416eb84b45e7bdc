"""Values of requests, checked against the types of their columns before they become SQL."""
