"""The stack, built at deploy time. It never imports `api`: both meet in the names of the environment variables."""
