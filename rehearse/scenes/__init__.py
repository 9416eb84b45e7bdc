"""What is rehearsed: each scene has its own copy of the project and its own account."""
