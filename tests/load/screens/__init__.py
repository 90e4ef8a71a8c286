"""Every handover screen of a wiki with thousands of notes: ``python -m tests.load.screens --help``."""
