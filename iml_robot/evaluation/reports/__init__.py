"""Results for programs, for CI servers and for people."""
