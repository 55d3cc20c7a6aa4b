"""Words and rules of the system: types, interfaces, registry, configuration."""
