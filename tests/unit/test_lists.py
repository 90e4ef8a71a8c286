"""Which lines of a passage are list items."""

from __future__ import annotations

from kb.lists import Item, items_of

BODY = """# Steps

To reset a [token](https://x.example/a_(b)):

1. Open the **portal**.
1. Choose [[access|Access]], then
   *Reset*.
   - [ ] Ask your lead.
   - Wait.
1. Open the **portal**.

```yaml
- code: 1
```

That is all.

* One
"""


def test_items_are_known_with_their_numbers_and_levels() -> None:
    lines = ["To reset a token:", "Open the portal.", "Choose Access, then Reset.", "Ask your lead.", "Wait.",
             "Open the portal.", "- code: 1", "That is all.", "One"]  # fmt: skip
    assert items_of(lines, BODY) == [
        None,
        Item(0, 0, 1),
        Item(1, 0, 2),
        Item(2, 1, None),
        Item(3, 1, None),
        Item(4, 0, 3),
        None,
        None,
        Item(6, 0, None),
    ]


def test_a_passage_may_begin_within_a_list() -> None:
    assert items_of(["Wait.", "Open the portal."], BODY) == [Item(3, 1, None), Item(4, 0, 3)]


def test_without_lists_there_are_no_items() -> None:
    assert items_of(["One", ""], "One\n\nTwo") == [None, None]
    assert items_of([], BODY) == []
