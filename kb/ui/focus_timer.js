// A focus timer that needs no server to tick: it knows when it ends, so a rerun, another screen or a closed tab stop
// nothing. localStorage holds it; the server is told of a finished round only, to count it.
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const IDLE = { phase: "idle", ends: 0, left: 0, round: "" };

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".focus");
  root.stop?.();
  const place = `baton-focus-${data.person}`;
  let timer = { ...IDLE, work: data.work, rest: data.rest, ...stored(place) };
  const parts = root.parts ?? (root.parts = drawn(root));

  const keep = (change) => {
    timer = { ...timer, ...change };
    try { localStorage.setItem(place, JSON.stringify(timer)); } catch { /* a browser that keeps nothing: until reload */ }
    show();
  };
  const say = (words) => { parts.spoken.textContent = words; };
  const running = () => timer.phase !== "idle" && !timer.left;
  const left = () => (timer.left || timer.ends - Date.now());

  const begin = () => {
    keep({ phase: "work", ends: Date.now() + timer.work * MINUTE, left: 0, round: String(Date.now()) });
    say(`Focus round of ${minutes(timer.work)} begun.`);
  };
  const stop = () => { keep(IDLE); say("Timer stopped."); };
  const pause = () => {
    if (timer.left) { keep({ ends: Date.now() + timer.left, left: 0 }); say("Timer goes on."); }
    else { keep({ left: Math.max(SECOND, left()) }); say("Timer paused."); }
  };
  const finish = () => {
    if (timer.phase === "work") {
      const { round, ends } = timer;
      // The break has begun when the work ended, also where nobody looked.
      keep({ phase: "rest", ends: ends + timer.rest * MINUTE, left: 0 });
      say(`Focus round finished. Take a break of ${minutes(timer.rest)}.`);
      setTriggerValue("finished", round);
    } else {
      keep(IDLE);
      say("The break is over.");
    }
  };

  const show = () => {
    const idle = timer.phase === "idle";
    parts.time.textContent = clock(idle ? timer.work * MINUTE : Math.max(0, left()));
    parts.phase.textContent = { idle: "Focus timer", work: "Focus", rest: "Break" }[timer.phase] + (timer.left ? ", paused" : "");
    parts.start.hidden = !idle;
    parts.pause.hidden = parts.stop.hidden = idle;
    parts.pause.textContent = timer.left ? "Go on" : "Pause";
    root.dataset.phase = timer.phase;
    for (const name of ["work", "rest"]) {
      if (parts[name] !== parts[name].getRootNode().activeElement) parts[name].value = timer[name];
    }
    parts.count.textContent = `${data.rounds} ${data.rounds === 1 ? "round" : "rounds"} finished today; only you see this.`;
  };

  const tick = () => {
    while (running() && left() <= 0) finish();
    show();
  };
  parts.start.onclick = () => { begin(); parts.pause.focus(); };
  parts.stop.onclick = () => { stop(); parts.start.focus(); };
  parts.pause.onclick = pause;
  for (const name of ["work", "rest"]) {
    parts[name].onchange = () => {
      const value = Math.round(Number(parts[name].value));
      const fits = value >= 1 && value <= 180;
      keep({ [name]: fits ? value : data[name] });
      parts[name].value = timer[name];
    };
  }
  // Another window of the same browser has changed it.
  const changed = (event) => {
    if (event.key === place) { timer = { ...timer, ...stored(place) }; show(); }
  };
  window.addEventListener("storage", changed);
  const ticking = setInterval(tick, SECOND);
  tick();
  root.stop = () => {
    clearInterval(ticking);
    window.removeEventListener("storage", changed);
  };
  return root.stop;
}

function stored(place) {
  try {
    const found = JSON.parse(localStorage.getItem(place) ?? "{}");
    const sound = ["idle", "work", "rest"].includes(found.phase) && ["ends", "left", "work", "rest"].every((name) => Number.isFinite(found[name]));
    return sound ? found : {};
  } catch {
    return {};
  }
}

function clock(milliseconds) {
  const seconds = Math.ceil(milliseconds / SECOND);
  return `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
}

function minutes(number) {
  return `${number} ${number === 1 ? "minute" : "minutes"}`;
}

function element(tag, name, text) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text) made.textContent = text;
  return made;
}

function drawn(root) {
  const button = (name, text) => Object.assign(element("button", name, text), { type: "button" });
  const field = (text) => {
    const input = Object.assign(element("input"), { type: "number", min: 1, max: 180, step: 1 });
    const label = element("label", "", text);
    label.append(input);
    return [label, input];
  };
  const phase = element("span", "phase");
  const time = element("span", "time");
  time.setAttribute("role", "timer");
  const [start, pause, stop] = [button("start", "Start"), button("pause", "Pause"), button("stop", "Stop")];
  const lengths = element("details", "lengths");
  const [workLabel, work] = field("Focus, minutes ");
  const [restLabel, rest] = field("Break, minutes ");
  lengths.append(element("summary", "", "Lengths"), workLabel, restLabel);
  const count = element("span", "count");
  const spoken = element("span", "spoken");
  spoken.setAttribute("role", "status"); // told politely, and only at a change
  root.replaceChildren(phase, time, start, pause, stop, lengths, count, spoken);
  return { phase, time, start, pause, stop, work, rest, count, spoken };
}
