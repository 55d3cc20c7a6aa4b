"""What was recorded becomes evidence about the weights; one kind of feedback a file."""
