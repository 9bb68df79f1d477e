// A leaderboard in words and as a table. The words are those of livequiz/client/leaderboard_wording.py.

import { element, plural, say } from "./dom.js";

export const EACH_THEIR_OWN = "Your place is on your own screen";

/** A number as a place, such as 1st, 2nd, 3rd, 11th or 21st. */
export function ordinal(number) {
  const teens = number % 100 >= 11 && number % 100 <= 13;
  return `${number}${(!teens && { 1: "st", 2: "nd", 3: "rd" }[number % 10]) || "th"}`;
}

/** A move as a symbol with a number; it says the same without colour. */
export function moveSign(move) {
  if (!move) return move === 0 ? "=" : "new";
  return `${move > 0 ? "▲" : "▼"} ${Math.abs(move)}`;
}

/** A move for use in a sentence. */
export function moveInWords(move) {
  if (!move) return move === 0 ? "no change" : "new";
  return `${move > 0 ? "up" : "down"} ${Math.abs(move)}`;
}

/** A student's own place; the sentence says if the leaderboard calls them differently. */
export function placeSentence({ places, of: count }, name) {
  const own = places.find((place) => place.own);
  if (!own) return "You have no place yet";
  const called = own.name === name ? "" : `${own.name}, `;
  const move = own.move == null ? "" : ` (${moveInWords(own.move)})`;
  return `You are ${called}${ordinal(own.rank)} of ${count}${move}`;
}

/** A table of places; the student's own says so. */
export function placesTable(places) {
  const moves = places.some(({ move }) => move != null); // otherwise all would only be called new
  const head = ["Place", "Name", "Points", ...(moves ? ["Move"] : [])];
  const rows = places.map(({ rank, name, points, move, own }) => element(
    "tr", { className: `${own ? "own" : ""} ${rank <= 3 ? "first" : ""}` },
    element("td", {}, String(rank)),
    element("th", { scope: "row" }, element("bdi", {}, name), own ? " (you)" : ""),
    element("td", {}, String(Math.round(points * 100) / 100)),
    ...(moves ? [element("td", {},
      element("span", { "aria-hidden": "true" }, moveSign(move)),
      element("span", { className: "unseen" }, moveInWords(move)))] : []),
  ));
  return element("table", { className: "places" },
    element("caption", { className: "unseen" }, "Leaderboard"),
    element("thead", {}, element("tr", {}, ...head.map((words) => element("th", { scope: "col" }, words)))),
    element("tbody", {}, ...rows));
}

/** What a projector shows of a leaderboard: its elements. */
export const forClass = ({ places, of: count }) => [
  element("h1", {}, `Leaderboard   ${plural(count, "student")}`),
  places.length ? placesTable(places) : element("p", { className: "own-screen" }, EACH_THEIR_OWN),
];

/** The leaderboard of the waiting room; its sentence is read to those who can't see it. */
export class OwnPlace {
  constructor() {
    this._sentence = element("p", { className: "place", role: "status" });
    this._table = element("div");
    this._heading = element("h2", {}, "Leaderboard");
    this.view = element("section", { className: "leaderboard" }, this._heading, this._sentence, this._table);
    this.show(null, "");
  }

  /** Show it to the student of this name; null, or one without places, takes it away. */
  show(board, name) {
    const shown = Boolean(board?.of);
    this._heading.hidden = !shown;
    this.view.classList.toggle("none", !shown); // and not hidden: the sentence would not be read
    say(this._sentence, shown ? `${placeSentence(board, name)}.` : "");
    this._table.replaceChildren(...(shown && board.places.length ? [placesTable(board.places)] : []));
  }
}
