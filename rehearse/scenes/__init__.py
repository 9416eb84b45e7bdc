"""What is rehearsed: each scene has a copy of the project and an account of its own."""
