"""What the input devices share: the event pump and the shaping of commands."""
