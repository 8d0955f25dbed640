"""Demo models: deterministic, offline, free. Everything works without any API key; nothing here pretends to be a real model."""
