"""The REST edge: parse, call one service, answer."""
