"""Print, or mail, what waits for each person: notes to read back, questions, open items, what changed.

Run it from cron, for instance hourly with --starting --send: everybody gets it when their working day begins.
Exit status: 0 done, 1 a mail was not taken, 2 cannot run (a wrong call or setting, no database, no mail server).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

import _here  # noqa: F401  makes the project importable from any folder
from kb.access import RuleError
from kb.digest import Digest, digests, readers, starts_now
from kb.progress import ProgressBars
from kb.settings import Settings, SettingsError
from kb.store.db import Store, StoreError, now


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("email", nargs="*", help="only of these people (default: everybody who can sign in)")
    parser.add_argument("--starting", action="store_true", help="only of people whose working day begins this hour")
    parser.add_argument("--send", action="store_true", help="mail them, with the mail server of BATON_SMTP_URL")
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--html", action="store_true", help="print HTML instead of text")
    shown.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    moment = now()
    try:
        settings = Settings.from_env()
        store = Store.open(settings.database)
        try:
            accounts = readers(store, options.email)
            if options.starting:
                accounts = [account for account in accounts if starts_now(store, account, moment)]
            found = []
            with ProgressBars() as progress:
                for done, digest in enumerate(digests(store, settings, accounts, moment, send=options.send), start=1):
                    found.append(digest)
                    progress("Digests", done, len(accounts))
        finally:
            store.close()
    except (RuleError, SettingsError, StoreError) as error:
        print(error, file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps([_as_json(digest) for digest in found], indent=2, ensure_ascii=False))
    elif options.send:
        print(_sentence(found))
    else:
        print("\n\n".join(_shown(digest, html=options.html) for digest in found if digest.mail) or "Nothing to tell.")
    for digest in found:
        if digest.problem:
            print(f"Not sent to {digest.account.email}: {digest.problem}.", file=sys.stderr)
    return int(any(digest.problem for digest in found))


def _as_json(digest: Digest) -> dict[str, object]:
    mail = digest.mail
    return {
        "email": digest.account.email,
        "subject": mail.subject if mail else None,
        "text": mail.text if mail else None,
        "html": mail.html if mail else None,
        "sent": digest.sent,
        "problem": digest.problem or None,
    }


def _shown(digest: Digest, *, html: bool) -> str:
    assert digest.mail is not None  # noqa: S101  asked by the caller
    if html:
        return digest.mail.html
    return f"To: {digest.account.email}\nSubject: {digest.mail.subject}\n\n{digest.mail.text}"


def _sentence(found: Sequence[Digest]) -> str:
    sent, nothing = sum(digest.sent for digest in found), sum(digest.mail is None for digest in found)
    return f"Mailed {sent} of {len(found)} digests; for {nothing} there was nothing to tell."


if __name__ == "__main__":
    sys.exit(main())
