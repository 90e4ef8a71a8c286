"""ALL SQL of Baton, one module per aggregate. Frozen dataclasses leave it, rows never do."""

import sys

# sqlite-utils imports pandas where it is installed (Streamlit brings it), only to know the type of its timestamps.
# Baton stores none, and importing pandas would double the time from process start to first paint.
if "pandas" not in sys.modules:
    sys.modules["pandas"] = None  # type: ignore[assignment]  # makes the import raise ImportError
    import sqlite_utils  # noqa: F401

    del sys.modules["pandas"]
