"""What a session records, and where it stays: one SQLite file, safe against crashes."""
