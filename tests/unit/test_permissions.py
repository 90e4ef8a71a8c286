"""Every public service function x role x kind of space, for real; and none that is not in the table."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator

import pytest

import kb
from kb.access import NotAllowed, RuleError
from kb.pages import PageNotFound
from kb.search import Retriever
from tests.unit.permission_table import EXEMPT, TABLE, Line, Outcome
from tests.unit.permission_world import Kind, Who, World, Worlds, build


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Kind, Worlds]]:
    found = {}
    for kind in Kind:
        folder = tmp_path_factory.mktemp(kind.name)
        build(folder / "template.db", kind)
        found[kind] = Worlds(folder / "template.db", folder)
    yield found
    for kind in Kind:
        found[kind].close()


def outcome(line: Line, acting: World) -> Outcome:
    try:
        return Outcome.DONE if line.call(acting) else Outcome.NOTHING
    except NotAllowed:
        return Outcome.NOT_ALLOWED
    except PageNotFound:
        return Outcome.NOT_FOUND
    except RuleError:
        return Outcome.REFUSED


def name_of(function: Callable[..., object]) -> str:
    return f"{function.__module__}.{function.__qualname__}"


@pytest.mark.parametrize("line", TABLE, ids=lambda line: name_of(line.function))
def test_everybody_may_do_what_the_table_says(line: Line, worlds: dict[Kind, Worlds]):
    wrong = []
    for kind in Kind:
        for who in Who:
            with worlds[kind].of(who) as acting:
                found, wanted = outcome(line, acting), line.rule(who, kind)
            if found is not wanted:
                wrong.append(f"{who} in {kind}: {found}, wanted {wanted}")
    assert wrong == []


def public_functions() -> Iterator[str]:
    """Every public function of kb that takes a Store, and the Retriever's public methods."""
    for found in pkgutil.iter_modules(kb.__path__, "kb."):
        module = importlib.import_module(found.name)
        for name, function in inspect.getmembers(module, inspect.isfunction):
            of_module = function.__module__ == found.name and not name.startswith("_")
            annotations = inspect.get_annotations(function).values()
            if of_module and any("Store" in str(annotation).split(" | ") for annotation in annotations):
                yield name_of(function)
    for name, function in inspect.getmembers(Retriever, inspect.isfunction):
        if not name.startswith("_"):
            yield name_of(function)


def test_no_function_is_missing():
    """A new service function belongs into tests/unit/permission_table.py, or there into EXEMPT with a reason."""
    known = {name_of(line.function) for line in TABLE} | EXEMPT.keys()
    assert sorted(set(public_functions()) - known) == []
    assert sorted(known - set(public_functions()) - {name_of(line.function) for line in TABLE}) == []
