"""Many people searching at once, in the real application: ``python -m tests.load --help``."""

import sys
from pathlib import Path

# The benchmark's tools are scripts, no installed package; pytest finds them by itself.
sys.path.append(str(Path(__file__).resolve().parents[2] / "scripts"))
