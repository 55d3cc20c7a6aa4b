"""From signs to a probability that means what it says, and to a threshold on it."""
