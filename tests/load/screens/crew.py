"""Forty people who hand over to each other around the world: teams, time zones, absences, spaces."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate

from kb.handovers import SPACE
from kb.models import Person, Profile, Role, Space, SpaceKind, Team
from kb.pages import ensure_space
from kb.profiles import add_absence, save_profile
from kb.sharing import make_space
from kb.store import people
from kb.store.db import Store
from kb.store.people import LOCAL
from kb.teams import save_team

SIZE = 40
_GIVEN = (
    "Ana", "Ben", "Cleo", "Dee", "Eve", "Farid", "Grace", "Hugo", "Imani", "Jonas", "Kavya", "Liam", "Mei", "Noor",
    "Oskar", "Priya", "Quentin", "Rosa", "Sunil", "Tala", "Ulla", "Victor", "Wanjiru", "Ximena", "Yusuf", "Zoe",
)  # fmt: skip
_FAMILY = ("Santos", "Weber", "Okafor", "Reyes", "Novak", "Iyer", "Larsen", "Chen", "Haddad", "Kowalski")
_EARLY, _LATE, _NIGHT = (6 * 60, 14 * 60), (14 * 60, 22 * 60), (22 * 60, 6 * 60)
_OFFICE = (9 * 60, 17 * 60)
_PLACES = (
    ("Asia/Manila", "PH", "", _NIGHT), ("Europe/Berlin", "DE", "BE", _OFFICE), ("Asia/Kolkata", "IN", "", _LATE),
    ("America/New_York", "US", "NY", _OFFICE), ("Europe/Warsaw", "PL", "", _EARLY),
    ("Africa/Nairobi", "KE", "", _OFFICE), ("Asia/Manila", "PH", "", _EARLY),
    ("Australia/Sydney", "AU", "NSW", _OFFICE),
)  # fmt: skip
_TEAMS = ("Accounts payable", "Claims", "Customer care", "IT service desk", "Payroll", "Order desk")
_CLIENTS = (
    "Northwind", "Acme Retail", "Contoso Bank", "Globex", "Initech", "Umbra Insurance", "Vandelay Imports", "Hooli",
    "Stark Logistics", "Wayne Foods", "Tyrell Health", "Cyberdyne", "Soylent", "Oscorp", "Aperture", "Blue Sun",
    "Massive Dynamic", "Pied Piper", "Sirius Travel", "Zorin Metals",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Client:
    """Whom work is done for, by which team, and where its notes live."""

    name: str
    team: Team
    space: Space


@dataclass(frozen=True, slots=True)
class Crew:
    """Everybody, and whom they work for. ``roles`` are by the person's id."""

    people: tuple[Person, ...]
    roles: dict[int, Role]
    zones: dict[int, str]
    teams: tuple[Team, ...]
    clients: tuple[Client, ...]

    def may_write(self, person: Person) -> bool:
        """Whether the person may write notes."""
        return self.roles[person.id].reaches(Role.AUTHOR)


def add_crew(store: Store, chance: random.Random, today: date, days: int) -> Crew:
    """Add the people, their teams, clients and spaces, and absences over the ``days`` from ``today`` on."""
    names = [f"{_GIVEN[n % len(_GIVEN)]} {_FAMILY[n // 4]}" for n in range(SIZE)]
    roles = [Role.ADMINISTRATOR, *[Role.LEAD] * 5, *[Role.AUTHOR] * 29, *[Role.READER] * 5]
    with store.atomic() as db:
        # LOCAL acts for whoever set the wiki up.
        found = [
            people.add(db, name, f"{name.replace(' ', '.').lower()}@example.com", role)
            for name, role in zip(names, roles, strict=True)
        ]
    places = [_PLACES[n % len(_PLACES)] for n in range(SIZE)]
    for person, (zone, country, region, hours) in zip(found, places, strict=True):
        week = (hours,) * 5 + (None, None)
        save_profile(store, LOCAL, person.id, Profile(zone, country, region, week))
    _add_absences(store, chance, found, today, days)
    teams = tuple(
        # Leads come first, so that each team has one; some people are in two teams.
        save_team(store, LOCAL, name, f"{name} queue", found[1 + n % 5], [found[n + 1], *found[7 + n * 5 : 14 + n * 5]])
        for n, name in enumerate(_TEAMS)
    )
    return Crew(
        tuple(found),
        {person.id: role for person, role in zip(found, roles, strict=True)},
        {person.id: place[0] for person, place in zip(found, places, strict=True)},
        teams,
        _clients(store, teams),
    )


def _clients(store: Store, teams: Sequence[Team]) -> tuple[Client, ...]:
    usual = ensure_space(store, LOCAL, SPACE)
    leads = sorted({team.lead for team in teams if team.lead}, key=lambda person: person.id)
    few = make_space(store, LOCAL, "Claims desk", SpaceKind.RESTRICTED, [LOCAL, *leads], [teams[1]]).space
    fewer = make_space(store, LOCAL, "Payroll desk", SpaceKind.CONFIDENTIAL, [LOCAL, leads[0]], [teams[4]]).space
    spaces = {teams[1].id: few, teams[4].id: fewer}
    return tuple(
        Client(name, team := teams[n % len(teams)], spaces.get(team.id, usual) if n % 4 == 0 or n > 12 else usual)
        for n, name in enumerate(_CLIENTS)
    )


def _add_absences(store: Store, chance: random.Random, crew: Sequence[Person], today: date, days: int) -> None:
    """Everybody is away for some days about every two months, mostly with somebody who stands in."""
    for n, person in enumerate(crew):
        day = chance.randrange(60)
        while day < days:
            first, length = today + timedelta(days=day), chance.randrange(1, 12)
            stand_in = crew[(n + 8) % len(crew)] if chance.random() < 0.8 else None
            add_absence(store, LOCAL, person.id, first, first + timedelta(days=length - 1), stand_in)
            day += length + chance.randrange(30, 90)


def drawn(chance: random.Random, some: Sequence[Person]) -> Person:
    """One of them; the first ones far more often, as a few people take part in most of the work."""
    return chance.choices(some, cum_weights=list(accumulate(1 / (n + 1) for n in range(len(some)))))[0]
