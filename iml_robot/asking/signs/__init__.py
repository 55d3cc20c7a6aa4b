"""What can be seen of a policy that is about to need help."""
