"""The test suite; folders mirror the tree."""
