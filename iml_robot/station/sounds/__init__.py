"""What can be heard: short tones made here, each with a caption."""
