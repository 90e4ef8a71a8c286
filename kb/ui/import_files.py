"""The screen "Import": files of a team's earlier wiki become pages."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from kb.drafts import usual_space
from kb.import_job import ImportJob
from kb.import_privacy import HOLD_ALL, Fate, PrivateChoices
from kb.imports import ImportReport
from kb.indexing import Indexer
from kb.pages import all_spaces
from kb.space_choice import SpaceChoice, choose, labels
from kb.ui import words
from kb.ui.addresses import Screen, address
from kb.ui.context import acting_person, open_baton
from kb.ui.import_private import show_done, show_held
from kb.ui.markdown import escape
from kb.ui.moments import number
from kb.uploads import UPLOAD_SUFFIXES, Upload, UploadError, check_uploads, import_uploads

LOOK_AGAIN_S = 0.5
LISTED = 200  # titles of one list; more than anybody reads
JOB, PROBLEM = "import_job", "import_problem"
WORK = "import_work"  # the import itself, to go on with what was held back
ROUND = "import_round"  # a new round empties the upload field


def render() -> None:
    """Show the screen."""
    st.set_page_config(page_title="Import")
    st.title("Import", anchor=False)
    job: ImportJob | None = st.session_state.get(JOB)
    if job is None:
        _show_form()
    elif not job.ended:
        st.fragment(_show_progress, run_every=LOOK_AGAIN_S)(job)
    elif job.report is None:
        st.session_state[PROBLEM] = job.problem
        _end()
        _show_form()
    else:
        _show_report(job.report)
        st.button("Import more", icon=":material/upload_file:", on_click=_end)


def _show_form() -> None:
    store, person = open_baton().store, acting_person()
    st.markdown(
        "Bring the documents of an earlier wiki. Links between the files become links between the pages; images come "
        "along when they are inside the document, or beside it in a zip. Nothing is fetched from the internet."
    )
    files = st.file_uploader(
        "Files",
        type=[suffix.removeprefix(".") for suffix in UPLOAD_SUFFIXES],
        accept_multiple_files=True,
        key=_files_key(),
        help="A zip keeps its folders, links and images. Up to 20 MB each.",
    )
    offered, usual = all_spaces(store, person), usual_space(store, person)
    options = labels(offered, usual)
    st.selectbox(
        "Space",
        options,
        index=options.index(usual.name),
        key="import_space",
        accept_new_options=True,
        help="Choose one, or type the name of a new one.",
    )
    st.checkbox("Move pages whose file has vanished to the trash", key="import_sync")
    st.caption(
        "For a zip that is brought again and again: pages that an earlier import brought into this space, and whose "
        "file is no longer in the zip, go to the trash. Pages written here stay."
    )
    if problem := st.session_state.pop(PROBLEM, ""):
        st.error(escape(problem), icon=":material/error:")
    st.button(
        "Import",
        type="primary",
        icon=":material/upload_file:",
        disabled=not files,
        on_click=_start,
        args=[lambda name: choose(name, offered, usual)],
    )


def _files_key() -> str:
    return f"import_files_{st.session_state.get(ROUND, 0)}"


def _start(space_named: Callable[[str], SpaceChoice]) -> None:
    # Read now, not when the button was drawn: the last choice may not be drawn yet.
    space, sync = space_named(st.session_state["import_space"] or ""), bool(st.session_state["import_sync"])
    baton, files = open_baton(), st.session_state[_files_key()]
    try:
        check_uploads([file.name for file in files], sync=sync)
    except UploadError as error:
        st.session_state[PROBLEM] = str(error)
        return
    uploads = [Upload(file.name, file.getvalue()) for file in files]
    # Full text finds the pages at once; the worker embeds them behind, so that nobody waits for the model.
    work = partial(import_uploads, baton.store, Indexer(baton.store, None), acting_person(), uploads, space, sync=sync)
    st.session_state[WORK] = work
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
    _begin(HOLD_ALL)


def _begin(choices: PrivateChoices) -> None:
    """Import what was chosen. What is there already is left as it is."""
    work = st.session_state[WORK]
    st.session_state[JOB] = ImportJob(lambda progress: work(private=choices, progress=progress)).start()


def _end() -> None:
    """Forget the import, and the files that the browser sent."""
    st.session_state.pop(JOB)
    st.session_state.pop(WORK, None)


def _show_progress(job: ImportJob) -> None:
    what, done, total = job.doing
    st.progress(
        min(1.0, done / max(1, total)), text=f"{what} {number(done)} of {number(total)}" if done else f"{what} …"
    )
    st.caption("You can go on working: the import continues, and its result appears here.")
    if job.ended:
        st.rerun()


def _show_report(report: ImportReport) -> None:
    space = address(Screen.SEARCH, space=report.space.slug)
    done = bool(report.added or report.changed or report.unchanged)
    (st.success if done else st.warning)(
        f"{words.counted(len(report.added), 'page')} added, {number(len(report.changed))} changed, "
        f"{number(report.unchanged)} unchanged, {words.counted(len(report.skipped), 'file')} skipped.  \n"
        f"[See the pages of {escape(report.space.name)}](<{space}>)",
        icon=":material/check:" if done else ":material/warning:",
    )
    held = [one for one in report.private if one.fate is Fate.HELD]
    if held:
        show_held(held, _begin)
    else:
        st.session_state.pop(WORK, None)  # the files are not held for longer
    for fate in (Fate.MASKED, Fate.KEPT):
        show_done([one for one in report.private if one.fate is fate])
    if report.skipped:
        with st.container(key="skipped"):
            st.header("Skipped", anchor=False)
        rows = [f"| {escape(skip.source)} | {escape(skip.reason)} |" for skip in report.skipped[:LISTED]]
        st.markdown("\n".join(["| File | Why |", "|---|---|", *rows]))
        _show_rest(len(report.skipped))
    gone = "Moved to the trash" if report.trashed else "Not in this import, still in the wiki"
    _show_list("Added", report.added)
    _show_list("Changed", report.changed)
    _show_list(gone, report.vanished)


def _show_list(name: str, items: tuple[str, ...]) -> None:
    if not items:
        return
    with st.expander(f"{name}: {number(len(items))}"):
        st.markdown("\n".join(f"- {escape(item)}" for item in items[:LISTED]))
        _show_rest(len(items))


def _show_rest(listed: int) -> None:
    if listed > LISTED:
        st.caption(f"And {number(listed - LISTED)} more.")
