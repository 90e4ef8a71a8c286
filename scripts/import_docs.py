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
from kb.import_privacy import HOLD, Fate, PrivateChoice, PrivateChoices
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
    parser.add_argument(
        "--mask-file", metavar="FILE", action="append", default=[], help="mask this document only, whatever the others"
    )
    parser.add_argument(
        "--keep-file", metavar=("FILE", "REASON"), nargs=2, action="append", default=[],
        help="import this document as it is, whatever the others",
    )  # fmt: skip
    parser.add_argument(
        "--leave-out-file", metavar="FILE", action="append", default=[],
        help="leave this document out where it looks private, whatever the others",
    )  # fmt: skip
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
                private=_choices(options),
                progress=progress,
            )
            rebuild(store, model, BackgroundEmbedder, progress)
    except (Busy, ImportSourceError, ModelUnavailable, RuleError, SettingsError, StoreError) as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(asdict(report), indent=2, ensure_ascii=False) if options.json else _summary(report))
    return 1 if report.unmatched else 0  # a name that was mistyped: its document was treated like the others


def _choices(options: argparse.Namespace) -> PrivateChoices:
    """:raises RuleError: when a document is named twice."""
    named = [
        *((file, PrivateChoice(mask=True)) for file in options.mask_file),
        *((file, PrivateChoice(reason=reason)) for file, reason in options.keep_file),
        *((file, HOLD) for file in options.leave_out_file),
    ]
    if len(own := dict(named)) < len(named):
        raise RuleError("Each document can be named once, in --mask-file, --keep-file or --leave-out-file.")
    return PrivateChoices(PrivateChoice(options.mask_private, options.keep_private), own)


def _summary(report: ImportReport) -> str:
    lines = [
        f"Space {report.space.name}: {len(report.added)} added, {len(report.changed)} changed, "
        f"{report.unchanged} unchanged, {len(report.skipped)} skipped."
    ]
    lines += [f"  skipped {skip.source}: {skip.reason}" for skip in report.skipped]
    lines += [f"  looks private, {one.fate}: {one.source}: {'; '.join(one.found)}" for one in report.private]
    if any(one.fate is Fate.HELD for one in report.private):
        lines.append(
            "To import these too: --mask-private or --keep-private REASON; for some: --mask-file, --keep-file."
        )
    lines += [f"  no document of the import is called {name}: see the names above" for name in report.unmatched]
    if report.vanished:
        fate = "moved to the trash" if report.trashed else "still there; --sync moves them to the trash"
        lines.append(f"Not in this import, but brought by an earlier one ({len(report.vanished)}, {fate}):")
        lines += [f"  {source}" for source in report.vanished]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
