// What this browser remembers. `localStorage` outlives the tab: ids, tokens, and an answer that is
// not saved yet. `sessionStorage` is this tab's own: where it has joined, so that a reload returns.

const PREFIX = "livequiz.";
const DAY = 24 * 3600 * 1000; // milliseconds
const KEPT = { token: 14 * DAY, unsaved: DAY };

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

/** Drop what is too old to be of use. */
export function tidy() {
  try {
    for (const key of Object.keys(window.localStorage)) {
      const kept = key.startsWith(PREFIX) && KEPT[key.slice(PREFIX.length).split(".")[0]];
      const found = kept && read("localStorage", key.slice(PREFIX.length));
      if (kept && !(Date.now() - found?.at < kept)) window.localStorage.removeItem(key);
    }
  } catch {
    // There is no storage.
  }
}

const place = (kind, entry) => `${kind}.${entry.meeting_id}.${entry.student_id}`;
const made = new Map(); // tokens, for browsers that keep nothing

/** Return the token of a place in a meeting; a new one is kept before its first use. */
export function token(entry) {
  const key = place("token", entry);
  let found = read("localStorage", key)?.token ?? made.get(key);
  if (!found) {
    const bits = crypto.getRandomValues(new Uint8Array(16));
    found = btoa(String.fromCharCode(...bits)).replace(/\+/g, "-").replace(/\//g, "_").slice(0, 22);
    keepToken(entry, found);
  }
  return found;
}

export function keepToken(entry, value) {
  made.set(place("token", entry), value);
  write("localStorage", place("token", entry), { token: value, at: Date.now() });
}

/** Forget all of a student: somebody else may sit here next. */
export function forgetStudent(entry) {
  made.delete(place("token", entry));
  for (const key of [place("token", entry), place("unsaved", entry), "entry"]) write("localStorage", key, null);
  forgetJoined();
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
  write("sessionStorage", "question", null);
}

/** The student's results as this tab knows them: the server lists a round once it has ended. */
export const keptRecord = () => read("sessionStorage", "record");
export const keepRecord = (value) => write("sessionStorage", "record", value);

/** The newest question in this tab, which the server does not send again once it is answered. */
export const keptQuestion = () => read("sessionStorage", "question");
export const keepQuestion = (value) => write("sessionStorage", "question", value);

/** The request of an answer that is not saved yet, as far as this browser knows; or null. */
export const unsaved = (entry) => read("localStorage", place("unsaved", entry))?.request ?? null;

export const keepUnsaved = (entry, request) =>
  write("localStorage", place("unsaved", entry), { request, at: Date.now() });

/** Forget the answer of a round, unless another round's has taken its place. */
export function forgetUnsaved(entry, roundId) {
  if (unsaved(entry)?.round_id === roundId) write("localStorage", place("unsaved", entry), null);
}
