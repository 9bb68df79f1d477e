// The student's page: the form, the waiting room, and at most one question in its place. Handles
// the session's events as livequiz/tui/student/lesson.py does.

import { element, find } from "./dom.js";
import { History } from "./history.js";
import { JoinForm } from "./join.js";
import {
  forgetJoined, forgetStudent, forgetUnsaved, joinedHere, keepQuestion, keepRecord, keepUnsaved, keptQuestion,
  keptRecord, tidy, unsaved,
} from "./memory.js";
import { NOTHING_TO_PRACTISE, Practice } from "./practice.js";
import { QuestionView } from "./question.js";
import { Session } from "./session.js";
import { ofClosing, ofHistory, ofResult, rightText } from "./verdict.js";
import { WaitingRoom } from "./waiting.js";

const WHAT_TO_DO = {
  removed: "Press Join if you should be here.",
  banned: "Ask your teacher if you think this is a mistake.",
  replaced: "Press Join to continue here instead.",
};

class Lesson {
  constructor() {
    this._session = new Session((event, payload) => this._handlers[event](payload ?? {}));
    this._form = new JoinForm((entry) => this._join(entry), () => this._session.stop());
    this._room = new WaitingRoom({
      leave: () => this._leave(), answers: () => this._own("answers"), practise: () => this._own("practice"),
    });
    this._view = null; // the newest question, shown or put away
    this._practice = null; // what is practised now; a round's question comes first
    this._mayPractise = false;
    this._record = { history: [], total_points: 0, streak: 0 };
    this._listed = []; // the rounds that the server listed at the last join
    this._sending = new Set(); // ids of the rounds whose answers are on their way
    this._connected = false;
    this._handlers = {
      joined: (joined) => this._joined(joined),
      refused: (error) => this._refused(error),
      removed: ({ reason, message }) => this._backToForm(`${message} ${WHAT_TO_DO[reason] ?? ""}`),
      lost: () => this._connection(false),
      awake: () => this._awake(),
      NEW_QUESTION: (question) => this._question(question),
      answer_result: (result) => this._result(result),
      round_closed: (closed) => this._closed(closed),
      round_extended: (extended) => this._extended(extended),
      presence_updated: ({ here }) => this._room.here(here),
      leaderboard: (board) => this._room.leaderboard(board),
    };
    document.addEventListener("keydown", (event) => {
      if (this._view?.shown) this._view.key(event);
      else if (this._practice?.view.shown) this._practice.key(event);
    });
  }

  start() {
    tidy();
    const code = this._code = new URLSearchParams(window.location.search).get("m")?.toUpperCase();
    const here = joinedHere();
    if (here && (!code || code === here.meeting_id)) {
      this._form.show(here);
      this._join(here, true); // a reload returns to where it was
    } else {
      this._form.show(code ? { meeting_id: code } : {});
    }
  }

  _join(entry, again = false) {
    if (!again) forgetJoined();
    this._form.joining();
    this._session.join(entry);
  }

  _leave() {
    const { entry } = this._session;
    if (!window.confirm("Leave the class? To come back with this id, your teacher has to free it first.")) return;
    this._session.leave();
    forgetStudent(entry);
    this._form.clear();
    this._backToForm("You have left the class.");
  }

  _backToForm(notice) {
    this._keepView(null);
    this._practice = null;
    this._who("");
    this._connection(true);
    this._form.show({ meeting_id: this._code }, notice);
    find("announcer").textContent = ""; // the question of whoever sat here
  }

  _refused(error) {
    if (!this._form.view.isConnected) {
      this._backToForm("The connection is back, but you are no longer in the meeting.");
    }
    this._form.refuse(error);
  }

  _joined(joined) {
    this._connection(true);
    this._who(`${joined.meeting_id} · `, joined.name);
    if (!joined.back) {
      this._keepView(null);
      this._practice = null;
      this._open = joined.round;
      const kept = keptQuestion();
      // It was answered before a reload: its verdict may still come.
      if (kept && kept.round_id === joined.round?.round_id) this._newView(kept, null).dispose();
      this._record = keptRecord() ?? { history: [] };
      this._room.welcome(joined.name);
      this._room.show();
    }
    this._mayPractise = joined.practice === true;
    this._listed = joined.history;
    const listed = joined.history.map((item) => item.round_number);
    const others = this._record.history.filter((item) => !listed.includes(item.round_number));
    this._keep({ ...joined, history: [...joined.history, ...others] });
    this._catchUp();
    this._room.leaderboard(joined.leaderboard);
    this._sendUnsaved();
  }

  _question(question) {
    const known = this._of(question.round_id);
    if (known?.shown) {
      known.again(question);
      return;
    }
    this._ask(question, known?.answer ?? null);
    const request = unsaved(this._session.entry);
    if (request?.round_id === question.round_id) this._view.resume(request.answer);
  }

  _newView(question, chosen) {
    const view = new QuestionView(question, chosen, this._connected, {
      submit: (answer, spent) => this._submit(view, answer, spent),
      back: () => this._back(),
      slept: () => this._session.wake(),
    });
    this._keepView(view);
    return view;
  }

  _ask(question, chosen) {
    const view = this._newView(question, chosen);
    keepQuestion(question);
    this._room.say("");
    this._room.leaderboard(null);
    view.show();
    document.title = `Question ${question.round_number} – LiveQuiz`;
  }

  _back() {
    if (this._practice) {
      this._practice.view.settle(); // for the second tap of a double one
      this._practice.show(); // it goes on
      return;
    }
    this._room.show();
    this._title();
  }

  /** Show the student's `answers`, or let them have `practice`. */
  async _own(what) {
    const { entry } = this._session;
    const call = (event, data) => this._session.call(event, data);
    this._room.say("");
    let words = "";
    try {
      const found = await call(what === "answers" ? "get_history" : "get_practice", {});
      // A question may have come meanwhile, or somebody else.
      if (entry !== this._session.entry || !this._room.view.isConnected) return;
      if (what === "answers") {
        new History(found, () => this._back()).show();
      } else if (found.questions.length) {
        this._practice = new Practice(found.questions, this._connected, {
          call, ended: (outcome) => this._practised(outcome),
        });
      } else words = NOTHING_TO_PRACTISE;
    } catch (error) {
      if (!error.code) throw error; // a fault of this page
      if (entry !== this._session.entry) return;
      words = error.message;
    }
    this._room.say(words);
  }

  _practised(words) {
    this._practice = null;
    this._back();
    this._room.say(words);
  }

  _submit({ question }, answer, spent) {
    const { question_id, round_id } = question;
    const { student_id } = this._session.entry;
    const request = { student_id, question_id, answer, response_time: spent, round_id };
    keepUnsaved(this._session.entry, request);
    this._send(request);
  }

  /** Send an answer that was given before a reload. */
  _sendUnsaved() {
    const request = unsaved(this._session.entry);
    if (request && !this._sending.has(request.round_id)) this._send(request);
  }

  async _send(request) {
    const { entry } = this._session;
    const view = () => (this._session.entry === entry ? this._of(request.round_id) : undefined);
    this._sending.add(request.round_id);
    let decided = true;
    try {
      const result = await this._session.answer(request, () => view()?.doubt());
      if (this._session.entry === entry) this._result(result);
    } catch (error) {
      decided = error.code !== "unavailable";
      if (view()) {
        view().refuse(error);
        this._catchUp();
      } else if (decided && this._session.entry === entry) {
        this._room.say(`Your last answer was not saved. ${error.message}`);
      }
    }
    this._sending.delete(request.round_id);
    if (decided) forgetUnsaved(entry, request.round_id);
  }

  _result(result) {
    const view = this._of(result.round_id);
    if (!view) return;
    this._keepResult(view.question, result);
    if (view.shown) view.judge(ofResult(view.question, result, view.answer));
  }

  _closed({ round_id: id, reason, result }) {
    const view = this._of(id);
    if (!view) {
      // The verdict on a question that was answered before this page joined.
      if (this._open?.round_id === id && result) this._keepVerdict(this._open.round_number, result);
      return;
    }
    const before = this._record.history.find((item) => item.round_number === view.question.round_number);
    if (result) this._keepResult(view.question, result);
    const reveals = before?.answered && before.correct === null && result?.correct != null;
    if (!view.shown && reveals) view.show();
    if (view.shown) {
      const lost = view.lost || view.phase === "saving";
      view.judge(ofClosing(view.question, result, reason, lost, view.answer !== null));
    }
  }

  _extended(extended) {
    const view = this._of(extended.round_id);
    if (view?.phase === "over" && !view.shown) view.show();
    if (view?.shown) view.extend(extended);
  }

  /** Update the question on screen from the server's list: its round may have ended meanwhile. */
  _catchUp() {
    const view = this._view;
    const item = view && this._listed.find((past) => past.round_number === view.question.round_number);
    if (item && view.shown && view.phase !== "saving" && !view.final) {
      view.judge(ofHistory(view.question, item, view.answer, view.lost));
    }
  }

  async _awake() {
    const view = this._view;
    if (!view?.shown || !view.unanswered) return;
    try {
      const now = Date.now() + await this._session.timeOffset();
      if (view === this._view) view.resync((Date.parse(view.question.deadline) - now) / 1000);
    } catch {
      // The connection went away; it is told elsewhere.
    }
  }

  _of(roundId) {
    return this._view?.question.round_id === roundId ? this._view : undefined;
  }

  _keepResult(question, result) {
    const item = {
      round_number: question.round_number, question: question.question, correct: result.correct,
      answered: result.your_answer != null, response_time: result.response_time,
      correct_option: rightText(question, result),
    };
    const others = this._record.history.filter((past) => past.round_number !== item.round_number);
    this._keep({ ...result, history: [item, ...others] });
  }

  _keepVerdict(number, result) {
    const history = this._record.history.map((item) => (
      item.round_number === number ? { ...item, correct: result.correct } : item));
    this._keep({ ...result, history });
  }

  _keep({ history, total_points, streak }) {
    const newest = [...history].sort((one, other) => other.round_number - one.round_number);
    this._record = { history: newest, total_points, streak };
    this._room.record(this._record, this._mayPractise);
    keepRecord(this._record);
  }

  _connection(connected) {
    this._connected = connected;
    const shown = find("connection");
    shown.textContent = connected ? "" : "The connection is lost. Trying to get it back…";
    shown.classList.toggle("lost", !connected);
    this._view?.connection(connected);
    this._practice?.connection(connected);
  }

  /** Take another question for the newest; the one before counts no more. */
  _keepView(view) {
    this._view?.dispose();
    this._view = view;
  }

  _who(meeting, name = "") {
    find("who").replaceChildren(meeting, element("bdi", {}, name));
    this._title();
  }

  _title() {
    const words = find("who").textContent;
    document.title = words ? `${words} – LiveQuiz` : "LiveQuiz";
  }
}

window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });
new Lesson().start();
