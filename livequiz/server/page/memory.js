// What this browser remembers. `localStorage` outlives the tab: ids, tokens, and an answer that is
// not stored yet. `sessionStorage` is this tab's own: where it has joined, so that a reload returns.

const PREFIX = "livequiz.";

function read(storage, key) {
  try {
    return JSON.parse(window[storage].getItem(PREFIX + key));
  } catch {
    return null; // private windows of some browsers have no storage
  }
}

function write(storage, key, value) {
  try {
    if (value === null) window[storage].removeItem(PREFIX + key);
    else window[storage].setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    // Full or forbidden: the page works on, and a reload starts from the form.
  }
}

const place = (entry) => `token.${entry.meeting_id}.${entry.student_id}`;
const made = new Map(); // tokens, for browsers that keep nothing

/** Return the token of a place in a meeting; a new one is kept before its first use. */
export function token(entry) {
  const key = place(entry);
  let found = read("localStorage", key) ?? made.get(key);
  if (!found) {
    const bits = crypto.getRandomValues(new Uint8Array(16));
    found = btoa(String.fromCharCode(...bits)).replace(/\+/g, "-").replace(/\//g, "_").slice(0, 22);
    keepToken(entry, found);
  }
  return found;
}

export function keepToken(entry, value) {
  made.set(place(entry), value);
  write("localStorage", place(entry), value);
}

/** The last entry of the form: `{meeting_id, student_id, name}`, or null. */
export const lastEntry = () => read("localStorage", "entry");

/** Where this tab has joined, or null. */
export const joinedHere = () => read("sessionStorage", "joined");

export function keepJoined(entry) {
  write("localStorage", "entry", entry);
  write("sessionStorage", "joined", entry);
}

export function forgetJoined() {
  write("sessionStorage", "joined", null);
  write("sessionStorage", "record", null);
}

/** The student's results as this tab knows them: the server's list begins when a round has ended. */
export const record = () => read("sessionStorage", "record");
export const keepRecord = (value) => write("sessionStorage", "record", value);

/** An answer that was given and is not stored yet, as far as this browser knows; or null. */
export function unsaved(entry) {
  const found = read("localStorage", "unsaved");
  const ours = found && found.meeting_id === entry.meeting_id && found.request.student_id === entry.student_id;
  return ours ? found.request : null;
}

export function keepUnsaved(entry, request) {
  write("localStorage", "unsaved", request && { meeting_id: entry.meeting_id, request });
}
