"""What a person likes about the window, changed in it; each change counts at once."""
