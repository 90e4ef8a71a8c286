"""Manage people from the command line: list, invite, disable, enable, link, role, sessions.

Acts as Baton itself, so it also helps where no administrator can sign in. Exit status: 0 done, 1 refused (the message
says why), 2 cannot run (a wrong call, a wrong setting, or no database).
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterable
from datetime import datetime

import _here  # noqa: F401  makes the project importable from any folder
from kb import people
from kb.access import RuleError
from kb.accounts import AccountState, state_of
from kb.invitations import Invitation, invite, renew
from kb.models import Account, Role
from kb.ownership import owned_by
from kb.sessions import sessions_of
from kb.settings import Settings, SettingsError
from kb.store.db import Store, StoreError
from kb.store.people import SYSTEM

ROLES = [str(role) for role in Role if role is not Role.SYSTEM]
Done = tuple[dict[str, object], str]  # what a command did: for machines, for people
Command = Callable[[Store, Settings, argparse.Namespace], Done]


def main() -> int:
    options = _parser().parse_args()
    command: Command = options.command
    try:
        settings = Settings.from_env()
        store = Store.open(settings.database)
        try:
            done, summary = command(store, settings, options)
        finally:
            store.close()
    except RuleError as error:
        print(error, file=sys.stderr)
        return 1
    except (SettingsError, StoreError) as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(done, indent=2) if options.json else _harmless(summary))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Command, what: str, *arguments: str) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=what, description=f"{what[0].upper()}{what[1:]}.")
        for argument in arguments:
            one.add_argument(argument)
        one.add_argument("--json", action="store_true", help="print one JSON object")
        one.set_defaults(command=command)
        return one

    add("list", _list, "everybody, with role, state and when they were last seen")
    inviting = add("invite", _invite, "add a person and make their one-time link", "name", "email")
    inviting.add_argument("--role", choices=ROLES, default=str(Role.AUTHOR), help="what they may do (default: author)")
    add("disable", _disable, "keep a person out from their next click on; what they wrote stays", "email")
    add("enable", _enable, "let a disabled person in again", "email")
    add("link", _link, "make a new one-time link, for a lost one or a forgotten password", "email")
    add("role", _role, "change what a person may do", "email").add_argument("role", choices=ROLES)
    add("sessions", _sessions, "where a person is signed in", "email").add_argument(
        "--end", action="store_true", help="sign them out everywhere"
    )
    return parser


def _list(store: Store, _: Settings, __: argparse.Namespace) -> Done:
    accounts = people.all_accounts(store, SYSTEM)
    rows = [
        (a.person.name, a.email or "-", str(a.role), str(state_of(a)), _moment(a.seen_at) or "never") for a in accounts
    ]
    table = _table([("NAME", "E-MAIL", "ROLE", "STATE", "LAST SEEN"), *rows])
    return {"people": [_account(account) for account in accounts]}, table


def _invite(store: Store, settings: Settings, options: argparse.Namespace) -> Done:
    made = invite(store, settings, SYSTEM, options.name, options.email, Role(options.role))
    return _linked(made, f"{made.account.person.name} is invited as {made.account.role}.")


def _link(store: Store, settings: Settings, options: argparse.Namespace) -> Done:
    made = renew(store, settings, SYSTEM, _find(store, options).person.id)
    return _linked(made, f"A new link for {made.account.person.name}; earlier ones no longer work.")


def _disable(store: Store, _: Settings, options: argparse.Namespace) -> Done:
    account = people.disable(store, SYSTEM, _find(store, options).person.id)
    owned = len(owned_by(store, SYSTEM, account.person))
    summary = f"{account.person.name} is disabled and signed out everywhere, from their next click on."
    if owned:
        summary += (
            f"\nThey own {owned} page{'' if owned == 1 else 's'}: give them to somebody else on the screen People."
        )
    return {**_account(account), "owned_pages": owned}, summary


def _enable(store: Store, _: Settings, options: argparse.Namespace) -> Done:
    account = people.enable(store, SYSTEM, _find(store, options).person.id)
    can = state_of(account) is AccountState.ACTIVE
    how = "can sign in again, with the password they had" if can else "is enabled, and needs a new link to sign up"
    return _account(account), f"{account.person.name} {how}."


def _role(store: Store, _: Settings, options: argparse.Namespace) -> Done:
    account = people.set_role(store, SYSTEM, _find(store, options).person.id, Role(options.role))
    return _account(account), f"{account.person.name} is {account.role}, from their next click on."


def _sessions(store: Store, _: Settings, options: argparse.Namespace) -> Done:
    person = _find(store, options).person
    found = sessions_of(store, SYSTEM, person)
    done: dict[str, object] = {
        "sessions": [
            {"since": _moment(s.created_at), "last_used": _moment(s.seen_at), "address": s.address, "browser": s.agent}
            for s in found
        ]
    }
    rows = [(_moment(s.created_at), _moment(s.seen_at), s.address, s.agent) for s in found]
    summary = _table([("SINCE", "LAST USED", "ADDRESS", "BROWSER"), *rows]) if rows else "Not signed in anywhere."
    if options.end:
        done["ended"] = people.sessions_ended(store, SYSTEM, person.id)
        summary = f"{person.name} is signed out everywhere (sessions ended: {done['ended']})."
    return done, summary


def _find(store: Store, options: argparse.Namespace) -> Account:
    return people.find_account(store, SYSTEM, options.email)


def _linked(made: Invitation, what: str) -> Done:
    lines = [what, made.address, f"It works once, until {_moment(made.expires_at)}."]
    if made.mailed:
        lines.append(f"Mailed to {made.account.email} as well.")
    if made.mail_problem:
        print(f"The mail was not sent: {made.mail_problem}. Pass the link on yourself.", file=sys.stderr)
    done = {"link": made.address, "expires_at": _moment(made.expires_at), "mailed": made.mailed}
    return {**_account(made.account), **done}, "\n".join(lines)


def _account(account: Account) -> dict[str, object]:
    return {
        "name": account.person.name,
        "email": account.email,
        "role": account.role,
        "state": state_of(account),
        "last_seen": _moment(account.seen_at),
    }


def _moment(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC") if moment else ""


def _harmless(text: str) -> str:
    # A browser names itself as it likes; control characters would act on the terminal.
    return re.sub(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", "?", text)


def _table(rows: Iterable[tuple[str, ...]]) -> str:
    lines = list(rows)
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


if __name__ == "__main__":
    sys.exit(main())
