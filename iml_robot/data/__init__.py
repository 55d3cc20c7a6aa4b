"""Recording, storage and reading back."""
