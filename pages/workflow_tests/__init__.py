"""The tests of one workflow: what they are, how they went, and the form of each."""
