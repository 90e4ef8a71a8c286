"""How the screens call roles and the states of accounts, and what they mean."""

from __future__ import annotations

from kb.accounts import AccountState
from kb.models import Account, Role

ROLE = {
    Role.READER: "Reader",
    Role.AUTHOR: "Author",
    Role.LEAD: "Lead",
    Role.ADMINISTRATOR: "Administrator",
    Role.SYSTEM: "Baton itself",
}
ROLES = (Role.READER, Role.AUTHOR, Role.LEAD, Role.ADMINISTRATOR)  # those that a person can have
MAY = {
    Role.READER: "searches and reads",
    Role.AUTHOR: "also writes pages and handover notes",
    Role.LEAD: "also manages the pages of others, makes spaces, shares them, and sees how handovers go",
    Role.ADMINISTRATOR: "also manages people and teams, and reads the audit log",
}
STATE = {AccountState.INVITED: "Invited", AccountState.ACTIVE: "Active", AccountState.DISABLED: "Disabled"}
_COLOUR = {AccountState.INVITED: "orange", AccountState.ACTIVE: "green", AccountState.DISABLED: "red"}


def role_and_what_it_may(role: Role) -> str:
    """For choosing: "Lead: also manages ..."."""
    return f"{ROLE[role]}: {MAY[role]}"


def state_badge(state: AccountState) -> str:
    """The state as a coloured badge, in Markdown."""
    return f":{_COLOUR[state]}-badge[{STATE[state]}]"


def first_name(account: Account) -> str:
    """What to call somebody in a sentence."""
    return account.person.name.split()[0]
