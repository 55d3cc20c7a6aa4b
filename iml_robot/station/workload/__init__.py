"""How much is asked of a person: measured, asked for, and kept within bounds."""
