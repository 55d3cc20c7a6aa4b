"""Methods compared over seeds."""
