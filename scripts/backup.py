"""Back up the database, also while Baton runs: one file, checked before it gets its name.

Exit status: 0 backed up, 1 the database is damaged, 2 no backup could be made.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

import _here  # noqa: F401  makes the project importable from any folder
from kb.backup import FOLDER, KEEP, BackupFailed, BackupReport, DatabaseUnsound, back_up
from kb.locks import Busy
from kb.progress import ProgressBars
from kb.settings import Settings, SettingsError


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--to", type=Path, metavar="FOLDER", help=f"default: {FOLDER} in BATON_DATA")
    parser.add_argument("--keep", type=int, default=KEEP, metavar="N", help=f"backups that stay (default {KEEP})")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    if options.keep < 1:
        parser.error("--keep takes a number from 1")
    try:
        settings = Settings.from_env()
        folder = options.to.expanduser().absolute() if options.to else settings.data / FOLDER
        with ProgressBars() as progress:
            report = back_up(settings.database, folder, options.keep, progress)
    except DatabaseUnsound as error:
        print(error, file=sys.stderr)
        return 1
    except (BackupFailed, Busy, SettingsError) as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(asdict(report), indent=2, default=str) if options.json else _sentences(report))
    return 0


def _sentences(report: BackupReport) -> str:
    size = f"{report.bytes / 2**20:,.1f} MB"
    lines = [f"{report.path}: {report.wiki_pages} pages, {size}, checked, in {report.seconds:.1f} s.", *report.notes]
    if report.deleted:
        lines.append(f"Deleted {len(report.deleted)} older: {', '.join(report.deleted)}.")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
