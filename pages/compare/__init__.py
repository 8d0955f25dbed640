"""Two runs on one canvas: which way each took, what they gave, what it cost and how long it took."""
