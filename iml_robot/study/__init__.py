"""Methods against each other: rows of sessions, learning curves, paired comparisons."""
