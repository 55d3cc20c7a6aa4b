"""What structured policies choose from, and how a taste changes the choice."""
