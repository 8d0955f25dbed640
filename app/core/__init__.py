"""What every layer of the application stands on: settings, errors, units of work, permissions, ports."""
