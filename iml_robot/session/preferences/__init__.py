"""Questions between episodes: what people answer, kept, and the reward that follows."""
