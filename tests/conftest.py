"""Which to take: ``sample_readings.py`` beside this file has a hand-written Reading and a strategy for any valid one.

This file puts ``tests/`` on the import path, so the folders below can import those helpers by name.
"""
