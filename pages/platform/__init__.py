"""The platform's money, for operators."""
