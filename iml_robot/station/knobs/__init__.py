"""The weights of the reward as knobs that a person can turn."""
