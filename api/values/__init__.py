"""Values of requests, checked against the types of the columns they meet, before SQL sees them."""
