// Bring a place of the form into view and put the cursor into its first field.
export default function (component) {
  const field = "textarea:not([disabled]), input:not([disabled]):not([type=checkbox]), canvas, summary, .stButton button";
  let tries = 0;
  const reach = () => {
    const place = document.querySelector(".st-key-place_" + component.data.place);
    const box = place && [...place.querySelectorAll(field)].find((found) => found.offsetParent);
    if (box) box.focus({ preventScroll: true });
    if (place) place.scrollIntoView({ block: "center", behavior: "smooth" });
    // A fold that was just opened draws its fields a moment later.
    if ((!box || box.tagName === "SUMMARY") && tries++ < 20) timer = setTimeout(reach, 100);
  };
  let timer = setTimeout(reach, 50);
  return () => clearTimeout(timer);
}
