"""The page of a listing."""
