"""What runs a learner between episodes."""
