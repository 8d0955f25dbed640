"""Where people come in through the provider of their workspace."""
