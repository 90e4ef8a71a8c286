"""What an account is at a glance, and finding some among many; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from kb.models import Account, Role


class AccountState(StrEnum):
    """Whether a person can sign in."""

    INVITED = "invited"  # has not set a password yet
    ACTIVE = "active"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class AccountFilter:
    """Whom to look for; empty means everybody."""

    text: str = ""  # part of the name or the e-mail address
    role: Role | None = None
    state: AccountState | None = None


def state_of(account: Account) -> AccountState:
    """Whether the person can sign in."""
    if account.disabled_at:
        return AccountState.DISABLED
    return AccountState.ACTIVE if account.can_sign_in else AccountState.INVITED


def matching(accounts: Iterable[Account], wanted: AccountFilter) -> list[Account]:
    """Those who pass the filter, in the order they came in."""
    text = wanted.text.strip().casefold()
    return [
        account
        for account in accounts
        if (text in account.person.name.casefold() or text in account.email.casefold())
        and wanted.role in (None, account.role)
        and wanted.state in (None, state_of(account))
    ]
