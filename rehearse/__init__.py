"""A rehearsal of the deployment: the real Pulumi CLI runs the real program against an account that lives in a file."""
