"""Search from the command line, as the Search screen does."""

from __future__ import annotations

import argparse
import json
import sys

import _here  # noqa: F401  makes the project importable from any folder
from index.embedder import ModelUnavailable
from index.onnx_embedder import query_embedder
from kb.indexing import active_model
from kb.people import PersonError, find_account
from kb.search import Retriever, SearchResponse, SearchResult
from kb.settings import Settings, SettingsError
from kb.store.db import Store, StoreError
from kb.store.people import SYSTEM


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "query", help="any words, and operators such as tag:billing; put -- before a query that begins with a minus"
    )
    parser.add_argument("--top", type=int, default=10, metavar="N", help="how many pages at most (default 10)")
    parser.add_argument(
        "--as",
        dest="email",
        metavar="EMAIL",
        help="search as this person, who finds what they may see (default: Baton itself, which sees every space, "
        "but no private draft)",
    )
    parser.add_argument("--no-correction", action="store_true", help="take every word as it is typed")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    if options.top < 1:
        parser.error("--top takes a number from 1")
    try:
        settings = Settings.from_env()
        store = Store.open(settings.database)
        viewer = find_account(store, SYSTEM, options.email).person if options.email else SYSTEM
        embedder = query_embedder(active_model(store, settings), settings.exports, record_queries=False)  # one query
    except (ModelUnavailable, PersonError, SettingsError, StoreError) as error:
        print(error, file=sys.stderr)
        return 2
    retriever = Retriever(store, embedder)
    found = retriever.search(options.query, viewer, top_k=options.top, correct=not options.no_correction)
    response = retriever.with_nearest_sentences(found)
    for note in response.understood.notes:
        print(note, file=sys.stderr)
    print(_as_json(options.query, response) if options.json else _as_text(response))
    return 0


def _as_json(query: str, response: SearchResponse) -> str:
    found = {
        "query": query,
        "operators": [operator.typed for operator in response.understood.used],
        "notes": list(response.understood.notes),
        "corrected_query": response.corrected_query,
        "by_meaning": response.by_meaning,
        "good_match": response.good_match,
        "answer": response.answer.text if response.answer else None,
        "elapsed_ms": round(response.elapsed_ms, 1),
        "results": [_row(result) for result in response.results],
    }
    return json.dumps(found, indent=2, ensure_ascii=False)


def _row(result: SearchResult) -> dict[str, object]:
    return {
        "rank": result.rank,
        "slug": result.page.slug,
        "kind": result.page.kind,
        "space": result.page.space.name,
        "title": result.page.title,
        "headings": list(result.headings),
        "anchor": result.anchor,
        "snippet": result.snippet.text,
        "score": round(result.score, 4),
        "matched_by": result.matched_by,
        "cosine": round(result.cosine, 4),
        "words": round(result.words, 4),
        "matched": list(result.matched),
        "updated_at": result.page.updated_at.isoformat(),
    }


def _as_text(response: SearchResponse) -> str:
    blocks = []
    if response.corrected_query:
        blocks.append(f"Showing results for {response.corrected_query} (--no-correction searches for what you typed).")
    if not response.results:
        return "\n".join([*blocks, "No page matches."])
    if not response.good_match:
        blocks.append("No good match. The nearest pages are:")
    if response.answer:
        blocks.append("Answer, from the first result:\n    " + response.answer.text.replace("\n", "\n    "))
    for result in response.results:
        path = " > ".join([result.page.space.name, result.page.title, *result.headings])
        blocks.append(
            f"{result.rank:>2}. {path}   [{result.score:.2f}, {result.matched_by}]\n    {result.snippet.text}"
        )
    return "\n".join(blocks)


if __name__ == "__main__":
    sys.exit(main())
