// The waiting room, between questions, with the student's results so far.

import { OwnPlace } from "./leaderboard.js";
import { element, plural, say, show } from "./dom.js";
import { blocks, unstyled } from "./rich_text.js";

const SETTLE = 700; // milliseconds: the second tap of a double one

export class WaitingRoom {
  /** `leave()` is called when the student wants to leave. */
  constructor(leave) {
    this._heading = element("h1", { tabIndex: -1, dir: "auto" });
    this._here = element("span");
    this._score = element("span");
    this._history = element("ol", { className: "history", reversed: true, "aria-label": "Your rounds" });
    this._news = element("p", { className: "message alert", role: "status" });
    this._shownAt = 0;
    const button = element("button", { className: "quiet", type: "button" }, "Leave the class");
    button.addEventListener("click", () => { if (performance.now() - this._shownAt > SETTLE) leave(); });
    this.view = element(
      "div", { className: "card" }, this._heading, element("p", {}, "Wait for the next question. It appears here by itself."),
      this._news, element("p", { className: "facts" }, this._here, this._score), this._history, button,
    );
    this._place = new OwnPlace();
    this._history.before(this._place.view);
  }

  show() {
    this._shownAt = performance.now();
    show(this.view);
    this._heading.focus();
  }

  /** Say what became of an answer whose question is gone. */
  say(words) {
    say(this._news, words);
  }

  welcome(name) {
    this._name = name;
    this._heading.textContent = `You are in, ${name}.`;
    this._here.textContent = "";
  }

  /** Show the leaderboard; null, or one without places, takes it away. */
  leaderboard(board) {
    this._place.show(board, this._name);
  }

  here(count) {
    this._here.textContent = `${count} here`;
  }

  /** Show the record: `{history, total_points, streak}`, newest round first. */
  record({ history, total_points: total, streak }) {
    const judged = history.filter((item) => item.answered && item.correct !== null).length;
    const right = history.filter((item) => item.correct === true).length;
    // A verdict that is still to come decides over the streak.
    const pending = history.some((item) => item.answered && item.correct === null);
    const facts = [`${right} of ${judged} right`, `streak ${streak}`, plural(Math.round(total * 100) / 100, "point")];
    this._score.textContent = history.length ? facts.filter((_, at) => at !== 1 || !pending).join(" · ") : "";
    this._history.replaceChildren(...history.map(row));
  }
}

function row(item) {
  const [words, tone] = outcome(item);
  const time = item.response_time == null ? "" : ` · ${item.response_time.toFixed(1)} s`;
  const made = element(
    "li", { value: item.round_number },
    element("p", {}, `Round ${item.round_number} · `, element("span", { className: `outcome ${tone}` }, words), time),
    element("p", { dir: "auto" }, outline(item.question)),
  );
  if (item.correct_option && !item.correct) {
    made.append(element("p", { className: "key", dir: "auto" }, `Right answer: ${unstyled(item.correct_option)}`));
  }
  return made;
}

function outcome(item) {
  if (!item.answered) return ["– no answer", ""];
  if (item.correct === null) return ["● stored", ""];
  return item.correct ? ["✓ right", "right"] : ["✗ wrong", "wrong"];
}

/** A text's prose, with each program cut to its first line. */
const outline = (text) => blocks(text)
  .map((block) => (block.language === null ? unstyled(block.text) : block.text.trim().split("\n")[0]))
  .filter(Boolean).join("\n");
