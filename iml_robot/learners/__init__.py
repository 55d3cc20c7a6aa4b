"""From episodes to a better policy; one learner a file."""
