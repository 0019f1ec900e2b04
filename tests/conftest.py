"""Shared by all tests: the folder itself is importable, so that test aids are modules like any other."""
