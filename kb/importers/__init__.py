"""Reads folders, zips and documents of many kinds into drafts of pages. Writes nothing, fetches nothing.

>>> for item in read_folder(Path("handbook")):    # PageDraft or SkippedFile, sorted by source
...     ...
>>> resolver = LinkResolver(drafts, slugs)         # slugs: source -> slug, when all pages have one
>>> body = rewrite_links(draft.body, draft.source, resolver)
"""

from kb.importers.links import LinkResolver, Resolve, rewrite_links
from kb.importers.reader import DOCUMENT_SUFFIXES, count_files, read_file, read_folder, read_path, read_zip
from kb.importers.sources import ImportSourceError

__all__ = [
    "DOCUMENT_SUFFIXES",
    "ImportSourceError",
    "LinkResolver",
    "Resolve",
    "count_files",
    "read_file",
    "read_folder",
    "read_path",
    "read_zip",
    "rewrite_links",
]
