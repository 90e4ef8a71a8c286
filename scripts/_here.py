"""Makes the project's packages importable, from whatever folder a script is called."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
