"""What ways of choosing questions share: segments, pairs, rules and what is remembered."""
