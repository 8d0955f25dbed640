"""The application: edges, services, adapters and core around the pure engine."""
