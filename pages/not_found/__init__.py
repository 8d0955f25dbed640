"""What a wrong address shows."""
