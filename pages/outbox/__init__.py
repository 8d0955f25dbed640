"""The e-mails of an installation under development."""
