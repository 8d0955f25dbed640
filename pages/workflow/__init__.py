"""The workflow editor: canvas, inspector, running."""
