"""Builders, fakes and real servers shared by the tests."""
