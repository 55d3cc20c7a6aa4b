"""What came of a session, and of the learning between two episodes."""
