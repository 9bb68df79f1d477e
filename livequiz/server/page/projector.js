// The projector's page: asks the server once a second what the class may see, and shows it.

import { clockFace, LAST_SECONDS } from "./countdown.js";
import { element, find, say, show } from "./dom.js";
import { forClass } from "./leaderboard.js";
import { fill } from "./rich_text.js";

const EVERY = 1_000; // milliseconds between two questions to the server
const AFTER_REFUSAL = 5_000;
const WITHIN = 8_000; // the server says after five seconds that its database is away
const AWAY = "No connection to the server. Trying again.";
const SVG = "http://www.w3.org/2000/svg";

const meeting = (new URLSearchParams(window.location.search).get("m") ?? "").toUpperCase();
const KEY = `livequiz.projector.${meeting}`;

/** Take the token out of the address, where the class could read it; return it, or null. */
function tokenFromAddress() {
  const { hash, pathname, search } = window.location;
  if (hash.length < 2) return null;
  keep(hash.slice(1));
  window.history.replaceState(null, "", pathname + search);
  return hash.slice(1);
}

function tokenKept() {
  try {
    return window.sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function keep(token) {
  try {
    window.sessionStorage.setItem(KEY, token);
  } catch {
    // A reload asks for it then.
  }
}

class Projector {
  constructor() {
    this._token = tokenFromAddress() ?? tokenKept();
    this._busy = false;
    this._said = null; // what the server said last
    this._ends = 0; // of the open round, by `performance.now`
    this._joining = false; // whether to show how to join, also while there is a round
    this._drawn = ""; // what the view was made from
    this._button = find("joining");
    this._button.addEventListener("click", () => this._switchJoining());
    document.addEventListener("keydown", (event) => {
      if (event.key === "j" && event.target.tagName !== "INPUT") this._switchJoining();
    });
    // The whole address was pasted into a tab that has this page already.
    window.addEventListener("hashchange", () => this._use(tokenFromAddress()));
  }

  start() {
    if (!meeting) this._refused("The address has no meeting: open it as `livequiz serve` shows it.");
    else if (this._token) this._ask();
    else this._askForToken("");
  }

  /** Ask with a token from now on. */
  _use(token) {
    if (!token) return;
    this._token = token;
    keep(token);
    if (!this._busy) this._ask();
  }

  async _ask() {
    clearTimeout(this._next);
    this._busy = true;
    const { _token: token } = this;
    const [status, body] = await this._answer();
    this._busy = false;
    if (status === 401 && token === this._token) {
      this._askForToken(body.detail);
      return;
    }
    if (status === 200) this._take(body);
    else this._refused(body?.detail ?? AWAY);
    this._next = setTimeout(() => this._ask(), status === 200 || !status ? EVERY : AFTER_REFUSAL);
  }

  /** Return the status and the body of the server's answer; 0 if there is none. */
  async _answer() {
    const giveUp = new AbortController();
    const timer = setTimeout(() => giveUp.abort(), WITHIN);
    try {
      const response = await fetch(`/api/v1/meetings/${encodeURIComponent(meeting)}/projection`, {
        headers: { Authorization: `Bearer ${encodeURI(this._token)}` }, signal: giveUp.signal, cache: "no-store",
      });
      return [response.status, await response.json()];
    } catch {
      return [0, null];
    } finally {
      clearTimeout(timer);
    }
  }

  _take(projection) {
    this._said = projection;
    this._connection("");
    const { round } = projection;
    const news = `${round?.round_id} ${Boolean(round?.results)} ${Boolean(round?.leaderboard)}`;
    if (news !== this._news) this._joining = false; // something else is to be seen now
    this._news = news;
    this._ends = performance.now() + (round?.remaining ?? 0) * 1000;
    this._draw();
  }

  _draw() {
    const { round, address, meeting_id: code } = this._said;
    this._button.hidden = !round;
    say(this._button, this._joining ? "Back" : "How to join");
    say(find("who"), round && !this._joining ? `${code}   ${(address ?? "").replace(/\?.*/, "")}` : "");
    const { commands, here, qr } = this._said;
    if (!round || this._joining) this._show("joining", [address, commands, here, qr], () => this._howToJoin());
    else if (round.open) this._show("asking", round.round_id, () => this._asking());
    else if (round.results || round.leaderboard) this._outcome();
    else this._show("over", round, () => this._over());
    this._tick();
  }

  /** Make a view anew only if what it is made from has changed. */
  _show(state, from, make) {
    const key = state + JSON.stringify(from);
    if (key === this._drawn) return;
    this._drawn = key;
    document.body.dataset.state = state;
    show(element("div", { className: state }, ...make()));
  }

  _howToJoin() {
    const { address, commands, here, meeting_id: code, qr } = this._said;
    return [
      element("div", { className: "page" }, ...(qr?.length ? [qrCode(qr)] : []), element("div", {},
        element("p", { className: "hint" }, "Open in any browser"),
        element("p", { className: "address" }, address ?? `${window.location.origin}/?m=${code}`),
        element("p", { className: "hint" }, "Meeting code"),
        element("h1", { className: "code" }, code),
        element("p", { className: "here" }, studentsHere(here)))),
      ...(commands?.length ? [
        element("p", { className: "hint" }, "Or type in a terminal"),
        ...commands.map((command) => element("p", {}, element("code", {}, command))),
      ] : []),
    ];
  }

  _asking() {
    this._time = element("div", { className: "time", role: "timer" });
    this._answered = element("p", { className: "answered" });
    return [element("h1", {}, `Round ${this._said.round.number}`), this._time, this._answered];
  }

  _over() {
    const { round } = this._said;
    return [element("h1", {}, `Round ${round.number} is over`), element("p", {}, answered(round))];
  }

  /** Show the leaderboard, the results below it, or both; what is new comes into view. */
  _outcome() {
    const { results, leaderboard } = this._said.round;
    const had = document.querySelector(".leaderboard") && !document.querySelector(".figures");
    this._show("results", [results, leaderboard], () => [
      ...(leaderboard ? [element("section", { className: "leaderboard" }, ...forClass(leaderboard))] : []),
      ...(results ? [element("section", { className: "figures" }, ...this._results())] : []),
    ]);
    if (had && leaderboard && results) document.querySelector(".figures").scrollIntoView();
  }

  _results() {
    const { round } = this._said;
    const { accuracy, topics, hardest } = round.results;
    const right = accuracy === null ? "" : `   ${Number(accuracy)} % right`;
    const rows = topics.map(({ topic, responses, correct }) => element("tr", {},
      element("th", { scope: "row" }, topic),
      element("td", {}, meter(correct / responses)),
      element("td", {}, `${Math.round((100 * correct) / responses)}%`),
      element("td", {}, `${correct} of ${responses}`)));
    const parts = [element("h1", {}, answered(round) + right), element("table", {}, ...rows)];
    if (hardest) {
      const question = element("div", { className: "rich" });
      fill(question, hardest.question);
      // One response is no measure, and whose it was is nobody's business.
      const title = hardest.responses < 2 ? "One to talk about"
        : `The hardest question: ${hardest.correct} of ${hardest.responses} right`;
      parts.push(element("h2", {}, title), question);
      if (hardest.explanation) {
        const explanation = element("div", { className: "rich explanation" });
        fill(explanation, hardest.explanation);
        parts.push(explanation);
      }
    }
    return parts;
  }

  _tick() {
    clearTimeout(this._timer);
    if (document.body.dataset.state !== "asking") return;
    const left = Math.max(0, (this._ends - performance.now()) / 1000);
    say(this._time, clockFace(Math.ceil(left)));
    say(this._answered, answered(this._said.round));
    document.body.classList.toggle("last", left <= LAST_SECONDS);
    this._timer = setTimeout(() => this._tick(), 200);
  }

  _switchJoining() {
    if (!this._said?.round) return;
    this._joining = !this._joining;
    this._draw();
  }

  _refused(sentence) {
    this._connection(this._said ? sentence : "");
    if (!this._said) this._show("refused", sentence, () => [element("p", {}, sentence)]);
  }

  _connection(sentence) {
    say(find("connection"), sentence);
    find("connection").classList.toggle("lost", sentence !== "");
  }

  _askForToken(refusal) {
    this._drawn = "";
    this._said = null;
    this._button.hidden = true;
    this._connection("");
    say(find("who"), "");
    document.body.dataset.state = "token";
    const field = element("input", { id: "token", type: "password", className: "wide", autocomplete: "off" });
    const form = element("form", { className: "card" },
      element("h1", {}, "Projector"),
      element("div", {}, element("label", { htmlFor: "token" }, "Projector token"), field),
      element("p", { className: "hint" }, "It is behind the # of the address that the server shows."),
      element("p", { className: "wrong-why", role: "alert" }, refusal),
      element("button", { className: "wide", type: "submit" }, "Show"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this._use(field.value.trim().replace(/^.*#/, "")); // the whole address will do
    });
    show(form);
    field.focus();
  }
}

const answered = (round) => `${round.answered} of ${round.assigned} answered`;

function studentsHere(count) {
  if (!count) return "Nobody is here yet";
  return count === 1 ? "1 student is here" : `${count} students are here`;
}

function meter(share) {
  const bar = element("i");
  bar.style.width = `${100 * share}%`;
  return element("div", { className: "bar", "aria-hidden": "true" }, bar);
}

/** Return a QR code; `rows` has `1` for each dark module. It is dark on light in every theme. */
function qrCode(rows) {
  const size = rows.length + 8; // with the quiet zone that phones need
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${size} ${size}`);
  svg.setAttribute("class", "qr");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", "QR code of the address");
  const path = document.createElementNS(SVG, "path");
  const modules = rows.map((row, y) => Array.from(row, (dark, x) => (dark === "1" ? `M${x + 4} ${y + 4}h1v1h-1z` : "")).join(""));
  path.setAttribute("d", modules.join(""));
  svg.append(path);
  return svg;
}

new Projector().start();
