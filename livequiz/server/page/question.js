// One question: choose, submit, and learn what became of it. The same states and sentences as
// livequiz/tui/student/question.py.

import { answerForm } from "./answer_form.js";
import { Countdown } from "./countdown.js";
import { announce, element, plural, say, show } from "./dom.js";
import { fill, unstyled } from "./rich_text.js";
import { letter, named, ofRefusal, ofTime } from "./verdict.js";

const SETTLE_AT_FIRST = 300; // milliseconds: a key that was meant for what was there before
const SETTLE_VERDICT = 700;
const FINAL = ["too_late", "no_round", "not_found"];

export class QuestionView {
  /**
   * `chosen` is what was chosen or typed before, or null; `submit(answer, spent)` sends an answer;
   * `back()` goes to the waiting room; `slept()` tells that the machine has stood still.
   */
  constructor(question, chosen, connected, { submit, back, slept }) {
    this.question = question;
    this.phase = "choosing"; // or "saving", "over" (by this browser's clock), "judged"
    this.lost = false; // whether an answer was sent and not stored
    this._connected = connected;
    this._doubted = false;
    this._judged = ""; // the verdict that is shown
    this.final = false; // whether it tells what the answer was worth, or what was right
    this._submitted = submit;
    this._back = back;
    this._shownAt = performance.now();
    this._settledAt = this._shownAt + SETTLE_AT_FIRST;
    this._countdown = new Countdown(() => this._timeUp(), slept);
    this._form = answerForm(question, () => this._hint());
    this._compose();
    if (chosen !== null) this._form.restore(chosen);
    this._startTime();
    this._hint();
  }

  get unanswered() {
    return this.phase === "choosing" || this.phase === "saving";
  }

  get shown() {
    return this.view.isConnected;
  }

  get answer() {
    return this._form.answer;
  }

  /** Take nothing for a moment: a key or tap may be meant for what was there before. */
  settle() {
    this._settledAt = Math.max(this._settledAt, performance.now() + SETTLE_VERDICT);
  }

  show() {
    show(this.view);
    this._heading.focus();
    const spoken = this.question.options.map((text, index) => `${letter(index)}: ${unstyled(text)}`);
    announce([`${this._heading.textContent}.`, this._text.textContent, ...spoken].join("\n"));
  }

  /** Take the remaining time anew, and keep what was chosen: a reconnect sent it again. */
  again(question) {
    this.question = question;
    this._goOn();
    this.resync(question.remaining);
  }

  extend({ remaining, deadline }) {
    const gained = (Date.parse(deadline) - Date.parse(this.question.deadline)) / 1000;
    this.question.deadline = deadline;
    this.question.duration += Math.max(0, gained);
    this._goOn();
    this.resync(remaining);
    clearTimeout(this._noteTimer);
    this._note.textContent = gained >= 1 && this.unanswered ? `+${Math.round(gained)} s` : "";
    this._noteTimer = setTimeout(() => { this._note.textContent = ""; }, 2_000);
  }

  /** Stop counting: another question, or nobody, has taken its place. */
  dispose() {
    this._countdown.stop();
  }

  /** The time that is left, by the server. */
  resync(remaining) {
    if (this.unanswered) this._countdown.start(remaining, this.question.duration);
  }

  /** Put an answer back that is being sent already. */
  resume(answer) {
    this._form.restore(answer);
    this._save();
  }

  judge(verdict) {
    const judged = JSON.stringify(verdict);
    if (this.phase === "judged" && judged === this._judged) return; // the ack, the event, and the round's end
    this._judged = judged;
    this.final = verdict.tone !== "neutral" || verdict.right != null;
    this._conclude("judged", verdict);
  }

  refuse(error) {
    if (this.phase === "judged") return; // the round's end has told it already
    this.lost = true;
    if (this._countdown.left > 0 && !FINAL.includes(error.code)) {
      this._goOn();
      this._say(`Not saved. ${error.message} Submit again.`, true);
    } else {
      this.judge(ofRefusal(error));
    }
  }

  doubt() {
    this._doubted = true;
    if (this.phase === "saving") this._hint();
  }

  connection(connected) {
    const changed = connected !== this._connected;
    this._connected = connected;
    if (changed && this.unanswered) this._hint();
  }

  key(event) {
    // 229: Safari says of the Enter that ends a composition that there is none.
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.keyCode === 229) return;
    const typing = event.target.type === "text" && !event.target.readOnly;
    const enter = event.key === "Enter" && event.target.tagName !== "BUTTON";
    if (event.repeat && !typing) return;
    if (enter) this._press();
    if (enter || (this.unanswered && !typing && this._form.key(event.key))) event.preventDefault();
  }

  /** What the heading says. */
  _facts() {
    const { round_number: number, topic, points } = this.question;
    return [`Question ${number}`, topic, points && plural(points, "point")];
  }

  _startTime() {
    this._countdown.start(this.question.remaining, this.question.duration);
  }

  _compose() {
    const facts = this._facts().filter(Boolean).join(" · ");
    this._heading = element("h1", { tabIndex: -1, dir: "auto" }, facts);
    this._note = element("span", { className: "note", role: "status" });
    this._title = element("h2");
    this._detail = element("p", { dir: "auto" });
    this._verdict = element("div", { className: "verdict", hidden: true }, this._title, this._detail);
    this._explanation = element("div", { className: "rich explanation", hidden: true });
    this._message = element("p", { className: "message", role: "status" });
    this._button = element("button", { className: "wide", type: "submit" }, "Submit");
    this._text = element("div", { className: "rich" });
    fill(this._text, this.question.question);
    this.view = element(
      "form", { id: "question", noValidate: true },
      element("div", { className: "head" }, this._heading, this._note, this._countdown.digits),
      this._countdown.bar, this._verdict, this._text, this._form.view, this._explanation,
      this._foot(),
    );
    this.view.addEventListener("submit", (event) => {
      event.preventDefault();
      this._press();
    });
  }

  _foot() {
    return element("div", { className: "foot" }, this._message, this._button);
  }

  _press() {
    if (performance.now() < this._settledAt) return;
    if (!this.unanswered) this._back();
    else if (this.phase === "choosing" && this.answer === null) this._say(this._form.missing, true);
    else if (this.phase === "choosing") {
      this._save();
      this._submitted(this.answer, (performance.now() - this._shownAt) / 1000);
    }
  }

  _save() {
    this.phase = "saving";
    this.lost = this._doubted = false;
    this._lock();
    this._hint();
  }

  _lock() {
    // What is disabled takes no keys any more, and says nothing of what follows.
    if (this.view.contains(document.activeElement)) this._heading.focus();
    this._form.lock(true);
  }

  _timeUp() {
    // While an answer is being saved the server decides whether it came in time.
    if (this.phase === "choosing") this._conclude("over", ofTime(this.answer !== null));
    else if (this.phase === "saving") this._hint();
  }

  /** Let the student choose again, unless an answer is on its way or stored. */
  _goOn() {
    if (this.phase === "choosing" || (this.phase === "judged" && !this.lost)) return;
    if (this.phase === "saving" && !this.lost) return;
    this.phase = "choosing";
    this._form.lock(false);
    this._verdict.hidden = true;
    this._showTime(true);
    this._hint();
  }

  _conclude(phase, verdict) {
    this.phase = phase;
    this._settledAt = performance.now() + SETTLE_VERDICT;
    this._countdown.stop();
    this._showTime(false);
    this._title.textContent = verdict.title;
    const detail = unstyled(verdict.detail);
    this._detail.textContent = detail;
    this._verdict.className = `verdict ${verdict.tone}`;
    this._verdict.hidden = false;
    fill(this._explanation, verdict.explanation ?? "");
    this._lock();
    this._form.reveal(verdict.right ?? null, verdict.chosen ?? null);
    this._say("", false);
    if (!this.shown) return;
    announce([verdict.title.replace(/^[^\p{L}]+/u, ""), detail, this._explanation.textContent].join(". "));
    window.scrollTo(0, 0);
  }

  _showTime(shown) {
    this._countdown.digits.hidden = !shown;
    this._countdown.bar.hidden = !shown;
  }

  _hint() {
    const saving = this.phase === "saving";
    if (saving && this._doubted) {
      this._say(`Your answer may have been saved; checking${this._connected ? "…" : " once the connection is back."}`, true);
    } else if (saving && this._connected) this._say("Saving your answer…", false);
    else if (saving && this._countdown.left === 0) {
      this._say("Time is up. Your answer will be sent once the connection is back; it counts if the server itself was down.", true);
    } else if (saving) this._say("Not saved yet: will be sent once the connection is back, if time is left.", true);
    else if (!this._connected) this._say("Choose and submit: it will be sent once the connection is back.", true);
    else this._say(this.answer === null ? this._form.invitation : "", false);
  }

  /** What the button says once a verdict is shown. */
  _wayOn() {
    return "Continue";
  }

  _say(sentence, alert) {
    say(this._message, sentence);
    this._message.classList.toggle("alert", alert);
    const letters = this.question.options.length && this.answer !== null ? named(this.answer, this.question) : "";
    this._button.textContent = this.unanswered ? `Submit ${letters}` : this._wayOn();
    this._button.disabled = this.phase === "saving";
  }
}
