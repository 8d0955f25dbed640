"""Built-in tools that agents may be granted, listed explicitly in registry.py."""
