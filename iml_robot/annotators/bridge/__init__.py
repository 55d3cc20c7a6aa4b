"""Our annotators in other libraries' programs."""
