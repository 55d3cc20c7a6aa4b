"""The command line: `iml-robot COMMAND`."""
