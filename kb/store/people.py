"""People as the store keeps them."""

from __future__ import annotations

from kb.models import Person

LOCAL = Person(id=1, name="local")  # made by the first migration; acts until people can sign in
