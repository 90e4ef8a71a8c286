// Streamlit learns of a text when its field loses focus. Somebody who writes for an hour without leaving the field
// must not lose that hour: so the text is sent whenever they pause, without taking the focus or the caret.
// A finger or a mouse button going down outside the field sends it too: a tap on a link gives Streamlit no time between
// leaving the field and leaving the screen, and it would come back to this one. Ctrl-S sends first, then saves.
const PAUSE_MS = 1500;

export default function (component) {
  const { data } = component;
  const editor = () => document.querySelector(".st-key-editor");
  let timer = 0;
  let waiting = null; // the field whose text was not sent yet

  const send = (field) => {
    clearTimeout(timer);
    if (field.disabled) { // while the server is away
      timer = setTimeout(send, PAUSE_MS, field);
      return;
    }
    waiting = null;
    // What Streamlit itself takes as "send now": Ctrl-Enter in a text area, Enter in a text field.
    const init = { key: "Enter", code: "Enter", ctrlKey: field.tagName === "TEXTAREA", bubbles: true, cancelable: true };
    if (field.isConnected) field.dispatchEvent(new KeyboardEvent("keydown", init));
  };
  const typed = (event) => {
    const field = event.target;
    if (event.isComposing || !field.closest || !field.closest(".st-key-editor")) return;
    if (!field.closest("[data-testid=stTextArea], [data-testid=stTextInput]")) return;
    clearTimeout(timer);
    waiting = field;
    timer = setTimeout(send, PAUSE_MS, field);
  };
  const pointed = (event) => {
    if (waiting && event.target !== waiting) send(waiting);
  };
  const pressed = (event) => {
    const save = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "s";
    const button = save && document.querySelector(`.st-key-${data.button} button`);
    if (!button) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (editor() && editor().contains(document.activeElement)) document.activeElement.blur();
    button.click();
  };

  document.addEventListener("input", typed, true);
  window.addEventListener("pointerdown", pointed, true);
  window.addEventListener("keydown", pressed, true);
  return () => {
    clearTimeout(timer);
    document.removeEventListener("input", typed, true);
    window.removeEventListener("pointerdown", pointed, true);
    window.removeEventListener("keydown", pressed, true);
  };
}
