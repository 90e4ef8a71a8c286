"""Handover notes as values and pure rules: templates, life, gate, text. Saving them is :mod:`kb.handovers`."""
