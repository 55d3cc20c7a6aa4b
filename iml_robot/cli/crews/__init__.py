"""Who and what is around the loop: nobody, or a person at a window."""
