"""Parts of the measurement of policies that were trained on answers."""
