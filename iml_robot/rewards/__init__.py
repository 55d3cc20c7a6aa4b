"""What people said becomes a reward: a posterior over the weights of named features."""
