// Show the query in the address bar without a new entry in the history.
export default function ({ data }) {
  const url = new URL(location.href);
  for (const [name, value] of Object.entries(data.query)) {
    if (value) url.searchParams.set(name, value); else url.searchParams.delete(name);
  }
  if (url.href !== location.href) history.replaceState(history.state, "", url);
}
