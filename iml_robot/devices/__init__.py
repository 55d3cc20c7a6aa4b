"""Hardware in, numbers out; one device a file."""
