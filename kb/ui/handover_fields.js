// Bring a place of the form into view and put the cursor into its first field.
const FIELDS = ["textarea, input:not([type=checkbox])", "canvas", ".stButton button"];
const TRIES = 25; // a fold that was just opened draws its fields a moment later

export default function (component) {
  const usable = (field) => !field.disabled && field.offsetParent && !field.closest("[inert]");
  let timer = 0;
  const reach = (left) => {
    const place = document.querySelector(".st-key-place_" + component.data.place);
    const found = place && FIELDS.map((kind) => [...place.querySelectorAll(kind)].find(usable)).find(Boolean);
    if (found) found.focus({ preventScroll: true });
    // At once: while a screen still scrolls, a list that somebody opens by typing is closed again.
    if (place) place.scrollIntoView({ block: "center", behavior: "instant" });
    if (left && (!found || document.activeElement !== found)) timer = setTimeout(reach, 100, left - 1);
  };
  timer = setTimeout(reach, 50, TRIES);
  return () => clearTimeout(timer);
}
