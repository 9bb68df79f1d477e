// The waiting room, between questions, with the student's results so far.

import { OwnPlace } from "./leaderboard.js";
import { element, plural, say, show } from "./dom.js";
import { outcome } from "./history.js";
import { outline, unstyled } from "./rich_text.js";

const SETTLE = 700; // milliseconds: the second tap of a double one

export class WaitingRoom {
  /** `leave()`, `answers()` and `practise()` are called when the student wants that. */
  constructor({ leave, answers, practise }) {
    this._heading = element("h1", { tabIndex: -1, dir: "auto" });
    this._here = element("span");
    this._score = element("span");
    this._history = element("ol", { className: "history", reversed: true, "aria-label": "Your rounds" });
    this._news = element("p", { className: "message alert", role: "status" });
    this._shownAt = 0;
    this._answers = this._button("My answers", answers);
    this._practise = this._button("Practise what I missed", practise);
    const own = element("p", { className: "buttons" }, this._answers, this._practise);
    this.view = element(
      "div", { className: "card" }, this._heading, element("p", {}, "Wait for the next question. It appears here by itself."),
      this._news, element("p", { className: "facts" }, this._here, this._score), own, this._history,
      this._button("Leave the class", leave),
    );
    this._place = new OwnPlace();
    this._history.before(this._place.view);
  }

  _button(words, pressed) {
    const button = element("button", { className: "quiet", type: "button" }, words);
    button.addEventListener("click", () => { if (performance.now() - this._shownAt > SETTLE) pressed(); });
    return button;
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
    this.say(""); // what the one before was told
  }

  /** Show the leaderboard; null, or one without places, takes it away. */
  leaderboard(board) {
    this._place.show(board, this._name);
  }

  here(count) {
    this._here.textContent = `${count} here`;
  }

  /**
   * Show the record: `{history, total_points, streak}`, newest round first; `practice` is whether
   * the student may practise what they missed.
   */
  record({ history, total_points: total, streak }, practice) {
    this._answers.hidden = !history.length;
    this._practise.hidden = !practice || !history.some((item) => item.correct === false);
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
  const [words, tone] = outcome(item.answered, item.correct);
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
