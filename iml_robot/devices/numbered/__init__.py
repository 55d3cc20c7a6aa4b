"""Keys that each mean one thing, for robots whose actions are numbered."""
