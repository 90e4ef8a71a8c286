"""The scripts as an administrator calls them, with the real model."""

import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kb.evaluation import MEASURES
from kb.indexing import Indexer
from kb.models import Role, SpaceKind
from kb.pages import PageText, create_page, ensure_space, read_page
from kb.rebuild import check
from kb.search import Retriever
from kb.sharing import make_space
from kb.store import chunks, people
from kb.store.db import Store
from kb.store.people import LOCAL

ROOT = Path(__file__).resolve().parents[2]
CARDS = "# Cards\n\nUse 4111 1111 1111 1111."
pytestmark = pytest.mark.model


def call(script: str, *arguments: str, data: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "scripts" / script), *arguments],
        env={**os.environ, "BATON_DATA": str(data), **environment},
        cwd=data.parent,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A data folder into which documents were imported, and how that ended."""
    folder = tmp_path_factory.mktemp("documents")
    (folder / "leave.md").write_text("# Leave\n\n## Bereavement\n\nUp to thirteen days when a family member dies.")
    (folder / "printer.txt").write_text("Printer\n\nThe toner is in the cupboard on the third floor.")
    (folder / "broken.md").write_text("---\ntitle: [unclosed\n---\n\nText.")
    (folder / "cards.md").write_text(CARDS)
    data = tmp_path_factory.mktemp("imported") / "data"
    return data, call("import_docs.py", str(folder), "--space", "Handbook", "--mask-private", "--json", data=data)


@pytest.fixture
def data(imported: tuple[Path, object], tmp_path: Path) -> Path:
    """A copy of it, to change."""
    return Path(shutil.copytree(imported[0], tmp_path / "data"))


def test_search_as_nobody_says_so(data: Path):
    unknown = call("search.py", "family member", "--as", "nobody@example.com", data=data)
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert unknown.stderr.startswith("Nobody has the e-mail address 'nobody@example.com'.")


def test_import_tells_of_private_data_and_takes_it_as_chosen_for_each_file(data: Path, tmp_path: Path):
    folder = tmp_path / "cards"
    folder.mkdir()
    (folder / "cards.md").write_text(CARDS)
    held = call("import_docs.py", str(folder), "--space", "Cards", data=data)
    assert (held.returncode, "4111" in held.stdout + held.stderr) == (0, False)
    assert held.stdout.splitlines()[-3:] == [
        "Space Cards: 0 added, 0 changed, 0 unchanged, 0 skipped.",
        "  looks private, not imported: cards.md: card number ending 1111 in the text",
        "To import these too: --mask-private or --keep-private REASON; for some: --mask-file, --keep-file.",
    ]
    (folder / "test.md").write_text("# Test\n\nUse 5500 0055 5555 5559.")
    own = ("--keep-file", "test.md", "A test card of the bank", "--leave-out-file", "card.md")
    masked = call("import_docs.py", str(folder), "--space", "Cards", "--mask-private", *own, data=data)
    assert masked.returncode == 1
    assert masked.stdout.splitlines()[-4:] == [
        "Space Cards: 2 added, 0 changed, 0 unchanged, 0 skipped.",
        "  looks private, imported with it masked: cards.md: card number ending 1111 in the text",
        "  looks private, imported as it is: test.md: card number ending 5559 in the text",
        "  no document of the import is called card.md: see the names above",
    ]


def test_import_search_and_check(imported: tuple[Path, subprocess.CompletedProcess[str]], data: Path):
    """One search tells much: to load the model takes longer than everything else."""
    ended = imported[1]
    assert ended.returncode == 0, ended.stderr
    report = json.loads(ended.stdout)
    assert sorted(report["added"]) == ["Cards", "Leave", "Printer"]
    assert [skipped["source"] for skipped in report["skipped"]] == ["broken.md"]
    assert [(one["source"], one["fate"], one["found"]) for one in report["private"]] == [
        ("cards.md", "imported with it masked", ["card number ending 1111 in the text"])
    ]
    assert "4111" not in ended.stdout + ended.stderr

    sound = call("rebuild_index.py", "--check", data=data)
    assert (sound.returncode, sound.stdout) == (
        0,
        "The index is sound: pages, chunks, full text, embeddings and vectors agree.\n",
    )

    store = Store.open(data / "baton.db")
    assert "4111" not in read_page(store, LOCAL, "cards").body
    with store.atomic() as db:
        people.add(db, "Ines", "ines@example.com", Role.AUTHOR)
    board = make_space(store, LOCAL, "Board", SpaceKind.CONFIDENTIAL, [LOCAL], []).space
    hidden = PageText("Of the board", "My father passed away: how long may I stay at home?")
    create_page(store, Indexer(store, None), LOCAL, board, hidden)
    question = "my father passed away, how long may I stay at home"
    found = call("search.py", question, "--as", "INES@example.com", "--json", data=data)
    answer = json.loads(found.stdout)
    assert answer["by_meaning"] is True
    result, *others = answer["results"]
    assert {other["slug"] for other in others} <= {"cards", "printer"}
    assert result.pop("score") > 0.3
    assert (result.pop("cosine") > 0.5, result.pop("words"), result.pop("matched")) == (True, 0.0, [])
    assert result.pop("updated_at").endswith("+00:00")
    assert result == {
        "rank": 1,
        "slug": "leave",
        "kind": "page",
        "space": "Handbook",
        "title": "Leave",
        "headings": ["Bereavement"],
        "anchor": "bereavement",
        "snippet": "Up to thirteen days when a family member dies.",
        "matched_by": "meaning",
    }

    with store.atomic() as db:
        chunks.clear_embeddings(db)
    store.close()
    unsound = call("rebuild_index.py", "--check", "--json", data=data)
    assert unsound.returncode == 1
    assert json.loads(unsound.stdout) == {"ok": False, "faults": ["4 chunks wait for their embedding."]}


def staged(store: Store) -> int:
    """How many embeddings a rebuild has kept that has not switched yet."""
    with store.reading() as db:
        return int(db.execute("SELECT count(*) FROM staged_embeddings").fetchone()[0])


def test_a_rebuild_that_is_killed_again_and_again_loses_nothing_while_others_search(tmp_path: Path):
    data = tmp_path / "data"
    store = Store.open(data / "baton.db")
    space, indexer = ensure_space(store, LOCAL, "Cases"), Indexer(store, None)
    for page in range(8):  # 160 passages: a rebuild keeps 64 at a time
        sections = (f"## Case {n}\n\n" + f"Case {n} of client {page} is closed after review. " * 25 for n in range(10))
        create_page(store, indexer, LOCAL, space, PageText(f"Client {page}", "\n\n".join(sections)))
    retriever = Retriever(store, None)
    with store.reading() as db:
        before = chunks.count(db)
    chosen = random.Random(20261121)
    searches = 0
    for _ in range(2):
        kept = staged(store)
        rebuild = subprocess.Popen(
            [sys.executable, str(ROOT / "scripts" / "rebuild_index.py"), "--full"],
            env={**os.environ, "BATON_DATA": str(data)},
            stdout=subprocess.DEVNULL,
        )
        while rebuild.poll() is None and staged(store) == kept:  # which takes seconds: it loads the model
            found = retriever.search("case 7 of client 3", LOCAL).results
            assert found[0].page.slug == "client-3"
            searches += 1
            time.sleep(0.1)
        time.sleep(chosen.uniform(0, 0.5))
        rebuild.kill()
        rebuild.wait()
    assert searches > 0
    assert call("rebuild_index.py", data=data).returncode == 0
    with store.reading() as db:
        assert (chunks.count(db), chunks.count_pending(db)) == (before, 0)
    assert check(store) == []
    store.close()


def test_evaluation_prints_every_measure(tmp_path: Path):
    folder = tmp_path / "corpus"
    (folder / "qrels").mkdir(parents=True)
    (folder / "corpus.jsonl").write_text(json.dumps({"_id": "1", "title": "Leave", "text": "Bereavement leave."}))
    (folder / "queries.jsonl").write_text(json.dumps({"_id": "q", "text": "my father died"}))
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq\t1\t1\n")
    run = tmp_path / "run.txt"
    found = call("evaluate_search.py", str(folder), "--json", "--run-file", str(run), data=tmp_path / "data")
    assert found.returncode == 0, found.stderr
    assert {name: json.loads(found.stdout)[name] for name in MEASURES} == dict.fromkeys(MEASURES, 1.0)
    assert re.fullmatch(r"q Q0 1 1 \d\.\d{6} baton\n", run.read_text())


@pytest.mark.parametrize(
    ("script", "arguments", "environment", "message"),
    [
        ("import_docs.py", ["nowhere", "--space", "X"], {}, "nowhere"),
        ("search.py", ["query"], {"BATON_MODEL": "/no/such/model"}, "/no/such/model"),
        ("rebuild_index.py", [], {"BATON_PORT": "x"}, "BATON_PORT"),
        ("evaluate_search.py", ["nowhere"], {}, "nowhere"),
        ("evaluate_search.py", [".", "--cache", __file__], {}, "is a file; give a folder"),
        ("backup.py", [], {}, "BATON_DATA"),
        ("restore.py", ["nowhere"], {}, "nowhere"),
        ("serve.py", [], {"BATON_DATA": "/proc/nowhere"}, "BATON_DATA"),
        ("serve.py", [], {"BATON_MODEL": "/no/such/model"}, "cannot be loaded (there is no such folder)"),
        (
            "people.py",
            ["list"],
            {"BATON_SMTP_URL": "smtp://user:hunter2@x.org"},
            "BATON_SMTP_URL has to say from which",
        ),
        ("people.py", ["role", "ines@example.com", "boss"], {}, "choose from"),
    ],
)
def test_a_wrong_call_ends_with_one_clear_sentence(
    tmp_path: Path, script: str, arguments: list[str], environment: dict[str, str], message: str
):
    ended = call(script, *arguments, data=tmp_path / "data", **environment)
    assert ended.returncode in (1, 2)
    assert message in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "hunter2" not in ended.stderr


def test_every_script_is_in_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    scripts = {p.name for p in (ROOT / "scripts").glob("*.py")} - {"_here.py", "serve.py"}
    assert {name for name in scripts if f"scripts/{name}" not in readme} == set()


def test_every_setting_is_in_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    used = set()
    for path in [*ROOT.glob("kb/**/*.py"), *ROOT.glob("scripts/*.sh")]:
        used |= set(re.findall(r"BATON_[A-Z_]+[A-Z]", path.read_text(encoding="utf-8")))
    assert {name for name in used if f"`{name}`" not in readme} == set()
