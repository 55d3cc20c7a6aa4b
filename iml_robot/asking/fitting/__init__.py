"""What an asker learns from, and where what it learned is kept."""
