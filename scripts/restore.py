"""Put a backup in place of the database. Stop Baton first.

Exit status: 0 restored, 1 the backup is damaged or of a newer Baton, 2 nothing could be restored.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

import _here  # noqa: F401  makes the project importable from any folder
from kb.locks import Busy
from kb.progress import ProgressBars
from kb.restore import BackupUnsound, RestoreFailed, RestoreReport, restore
from kb.settings import Settings, SettingsError


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("backup", type=Path, help="a file that scripts/backup.py made")
    parser.add_argument("--force", action="store_true", help="replace the database that is there; it is kept beside")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    try:
        settings = Settings.from_env()
        with ProgressBars() as progress:
            report = restore(options.backup.expanduser().absolute(), settings.database, progress, force=options.force)
    except BackupUnsound as error:
        print(error, file=sys.stderr)
        return 1
    except (Busy, RestoreFailed, SettingsError) as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(asdict(report), indent=2, default=str) if options.json else _sentences(report))
    return 0


def _sentences(report: RestoreReport) -> str:
    lines = [
        f"Restored {report.wiki_pages} pages into {report.database}, checked, in {report.seconds:.1f} s.",
        f"Its sessions and one-time links ended ({report.ended}): everybody signs in anew, and who was invited or "
        "wants a new password needs a new link.",
        *report.notes,
    ]
    if report.replaced:
        lines.append(f"The former database is {report.replaced}: delete it when you are sure.")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
