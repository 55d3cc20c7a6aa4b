"""What simulated annotators share: what they want, their habits, and how they answer."""
