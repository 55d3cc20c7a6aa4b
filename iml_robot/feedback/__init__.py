"""What people say about driving; one kind of feedback a file."""
