"""Which of two segments is better, and what would be right here: asked in the window."""
