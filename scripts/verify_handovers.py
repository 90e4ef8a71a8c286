"""Verify that no acknowledged handover note was changed since, also while Baton runs.

Each acknowledged version is sealed by a hash that covers every seal before it. Compared are the seals with their
hashes, with each other, and with what the database says now. Exit status: 0 nothing was changed, 1 something was,
2 it cannot be told.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict

import _here  # noqa: F401  makes the project importable from any folder
from kb.progress import ProgressBars
from kb.settings import Settings, SettingsError
from kb.store.db import Store, StoreError
from kb.store.snapshot import reading_damaged
from kb.verification import Finding, Verification, verify_handovers


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--expect", default="", metavar="HASH", help="a hash from a note, which must still be there")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    try:
        settings = Settings.from_env()
        if not settings.database.is_file():
            raise StoreError(f"There is no database {settings.database}. Set BATON_DATA to the folder that holds it.")
        with reading_damaged(settings.database), ProgressBars() as progress:
            store = Store.open(settings.database)
            try:
                found = verify_handovers(store, options.expect.strip().lower(), progress)
            finally:
                store.close()
    except (SettingsError, StoreError) as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(asdict(found), indent=2) if options.json else _sentences(found))
    return 1 if found.findings else 0


def _sentences(found: Verification) -> str:
    if not found.seals and not found.findings:
        return "No note was acknowledged yet: there is nothing to verify."
    lines = [_sentence(finding) for finding in found.findings]
    number = f"{found.seals} acknowledged version{'' if found.seals == 1 else 's'}"
    if lines:
        return "\n".join([*lines, f"{len(lines)} difference{'' if len(lines) == 1 else 's'} in {number}."])
    return f"{number}, unchanged. The newest hash, which covers all of them, is\n{found.newest}"


def _sentence(finding: Finding) -> str:
    note = f"“{finding.note}” (page {finding.page_id}), version {finding.version}: " if finding.page_id else ""
    return f"{note}{finding.place} {finding.message}"


if __name__ == "__main__":
    sys.exit(main())
