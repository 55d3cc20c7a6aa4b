"""Who drives and corrects; one operator a file."""
