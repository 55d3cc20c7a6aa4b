"""How likely each kind of feedback is where the weights are known; one kind a file."""
