"""The RQ edge: what workers and the scheduler execute."""
