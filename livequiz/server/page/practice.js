// Practice: the questions that a student missed, one after the other and untimed. The same words and
// states as client/practice.py and livequiz/tui/student/practice.py.

import { element, plural } from "./dom.js";
import { QuestionView } from "./question.js";
import { ofPractice, ofRefusal } from "./verdict.js";

export const NOTHING_TO_PRACTISE = "There is nothing to practise right now.";
// Errors after which the same answer may be graded later.
const TRY_AGAIN = ["unavailable", "rate_limited", "not_joined", "conflict", "bad_request"];

/** What came of it, as a sentence; empty if nothing was answered. */
export const summary = (answered, right) => (
  answered ? `You practised ${plural(answered, "question")} and got ${right} right.` : "");

/** A question's view without time; `stop()` ends practice. */
class PracticeView extends QuestionView {
  connection(connected) {
    this._connected = connected;
    if (this.unanswered) this._hint();
  }

  refuse(error) {
    if (!TRY_AGAIN.includes(error.code)) {
      this.judge(ofRefusal(error));
      return;
    }
    this.lost = true;
    this._goOn();
    this._say(`Not checked. ${error.message} Submit again.`, true);
  }

  _facts() {
    return [this.question.title, this.question.topic];
  }

  _startTime() {
    this._showTime(false);
  }

  _showTime() {
    super._showTime(false);
  }

  _compose() {
    super._compose();
    this._calm = element("p", { className: "hint" }, "Take your time. Your teacher sees only how many you practise.");
    this.view.firstChild.after(this._calm);
  }

  _conclude(phase, verdict) {
    super._conclude(phase, verdict);
    this._calm.hidden = true;
  }

  _foot() {
    const stop = element("button", { className: "quiet", type: "button" }, "Stop");
    stop.addEventListener("click", () => this.question.stop());
    return element("div", { className: "foot" }, this._message, element("div", { className: "buttons" }, this._button, stop));
  }

  _wayOn() {
    return this.question.last ? "Finish" : "Next question";
  }

  _hint() {
    if (this.phase === "saving") this._say("Checking your answer…", false);
    else if (!this._connected) this._say("There is no connection. Choose, and submit once it is back.", true);
    else this._say(this.answer === null ? this._form.invitation : "", false);
  }
}

export class Practice {
  /** `call(event, data)` asks the server; `ended(words)` is told what came of it. */
  constructor(questions, connected, { call, ended }) {
    this._questions = questions;
    this._connected = connected;
    this._call = call;
    this._ended = ended;
    this._index = -1;
    this._answered = this._right = 0;
    this.view = null;
    this._next();
  }

  show() {
    this.view.show();
    document.title = `${this.view.question.title} – LiveQuiz`;
  }

  connection(connected) {
    this._connected = connected;
    this.view.connection(connected);
  }

  key(event) {
    if (event.key === "Escape" && !event.isComposing) this._stop();
    else this.view.key(event);
  }

  _next() {
    this._index += 1;
    if (this._index === this._questions.length) {
      this._stop();
      return;
    }
    const question = {
      ...this._questions[this._index],
      title: `Practice ${this._index + 1} of ${this._questions.length}`,
      last: this._index + 1 === this._questions.length,
      stop: () => this._stop(),
    };
    const view = this.view = new PracticeView(question, null, this._connected, {
      submit: (answer) => this._check(view, answer),
      back: () => this._next(),
      slept: () => {},
    });
    this.show();
  }

  async _check(view, answer) {
    try {
      const result = await this._call("practice_answer", { question_id: view.question.question_id, answer });
      this._answered += 1;
      if (result.correct) this._right += 1;
      view.judge(ofPractice(view.question, result));
    } catch (error) {
      view.refuse(error);
    }
  }

  _stop() {
    this._ended(summary(this._answered, this._right));
  }
}
