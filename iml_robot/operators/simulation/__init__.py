"""The parts of a simulated person: traits, attention and hands."""
