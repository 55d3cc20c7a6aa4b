"""What is run next: chosen in the window, shown as the command that does the same."""
