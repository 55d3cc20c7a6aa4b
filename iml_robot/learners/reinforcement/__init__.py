"""Learning by trying on a reward that people taught: parts of `preference_sac`."""
