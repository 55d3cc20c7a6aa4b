"""The loop, and everything a session keeps."""
