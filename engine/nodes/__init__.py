"""Node kinds, one module each, listed explicitly in registry.py."""
