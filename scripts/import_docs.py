"""Import a folder, a zip or a document into a space. Importing again takes over only what changed."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

import _here  # noqa: F401  makes the project importable from any folder
from index.embedder import ModelUnavailable
from kb.access import RuleError
from kb.background import BackgroundEmbedder
from kb.import_privacy import Fate, PrivateChoice
from kb.importers import ImportSourceError
from kb.imports import ImportReport, import_documents
from kb.indexing import Indexer, active_model
from kb.locks import Busy
from kb.progress import ProgressBars
from kb.rebuild import rebuild
from kb.settings import Settings, SettingsError
from kb.space_choice import SpaceChoice
from kb.store.db import Store, StoreError
from kb.store.people import SYSTEM


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path, help="a folder, a zip, or one document")
    parser.add_argument("--space", required=True, help="the space to import into; made when there is none")
    parser.add_argument("--sync", action="store_true", help="move pages whose file has vanished to the trash")
    private = parser.add_mutually_exclusive_group()
    private.add_argument(
        "--mask-private", action="store_true", help="replace card numbers, passwords and the like by what they are"
    )
    private.add_argument(
        "--keep-private", metavar="REASON", default="", help="import such documents as they are; the audit log says why"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    try:
        settings = Settings.from_env()
        store = Store.open(settings.database)
        model = active_model(store, settings)
        with ProgressBars() as progress:
            # Pages first: full text finds them at once. Embeddings follow in large batches, on all cores.
            report = import_documents(
                store,
                Indexer(store, None),
                SYSTEM,
                options.path,
                SpaceChoice.named(options.space),
                sync=options.sync,
                private=PrivateChoice(options.mask_private, options.keep_private),
                progress=progress,
            )
            rebuild(store, model, BackgroundEmbedder, progress)
    except (Busy, ImportSourceError, ModelUnavailable, RuleError, SettingsError, StoreError) as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(asdict(report), indent=2, ensure_ascii=False) if options.json else _summary(report))
    return 0


def _summary(report: ImportReport) -> str:
    lines = [
        f"Space {report.space.name}: {len(report.added)} added, {len(report.changed)} changed, "
        f"{report.unchanged} unchanged, {len(report.skipped)} skipped."
    ]
    lines += [f"  skipped {skip.source}: {skip.reason}" for skip in report.skipped]
    lines += [f"  looks private, {one.fate}: {one.source}: {'; '.join(one.found)}" for one in report.private]
    if any(one.fate is Fate.HELD for one in report.private):
        lines.append("To import these too: --mask-private, or --keep-private REASON.")
    if report.vanished:
        fate = "moved to the trash" if report.trashed else "still there; --sync moves them to the trash"
        lines.append(f"Not in this import, but brought by an earlier one ({len(report.vanished)}, {fate}):")
        lines += [f"  {source}" for source in report.vanished]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
