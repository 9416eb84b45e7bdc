"""A stand-in for RDS Proxy: a separate program between the API and a real database server.

It demands TLS and an IAM token as the proxy does, shares database connections between sessions, says what would have
pinned a session, records every statement, and breaks connections where a test wants it. Facts about the proxy are
from
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy.html
"""
