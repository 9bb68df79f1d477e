// A student's session: joins, joins again after each reconnect, and sends an answer until the
// server has decided. The same rules as livequiz/client/student.py.

import { io } from "./vendor/socket.io.esm.min.js";
import { forgetJoined, keepJoined, keepToken, token } from "./memory.js";

const EVENTS = ["NEW_QUESTION", "answer_result", "round_closed", "round_extended", "presence_updated", "leaderboard"];
const TYPES = ["single", "true_false", "multiple", "numeric", "short_text"];
const AGAIN = ["unavailable", "rate_limited", "not_joined"]; // the answer can still be stored
const WAITABLE = ["not_found", "unavailable", "rate_limited"]; // errors of a join
const CONNECT_TIMEOUT = 8_000; // milliseconds, as all times here
const CALL_TIMEOUT = 10_000;
const RETRY = 3_000;
const STILL_THERE = 3_000;

const wait = (time) => new Promise((resolve) => { setTimeout(resolve, time); });
const away = (inDoubt) => ({
  code: "unavailable", message: "The server can't be reached right now.", in_doubt: inDoubt,
});

export class Session {
  /** `tell(event, payload)` gets the server's events, and `joined`, `refused`, `lost`, `removed`. */
  constructor(tell) {
    this.entry = null; // what to join with; null when nothing is wanted
    this._tell = tell;
    this._joined = false; // on this connection
    this._wasJoined = false;
    this._waiting = []; // for the next join, or the end
    this._early = []; // events that came before the join's ack
    this._retry = null;
    this._reached = false; // whether this transport has ever worked
    this._socket = io({
      autoConnect: false,
      transports: ["websocket", "polling"],
      tryAllTransports: true,
      timeout: CONNECT_TIMEOUT,
      reconnectionDelay: 300,
      reconnectionDelayMax: 3_000,
      auth: { client: "livequiz-page", question_types: TYPES },
    });
    this._socket.on("connect", () => {
      this._reached = true;
      this._enter();
    });
    this._socket.on("disconnect", (reason) => this._lost(reason));
    this._socket.on("connect_error", (error) => this._unreachable(error));
    this._socket.on("removed", (removed) => this._removed(removed));
    for (const event of EVENTS) this._socket.on(event, (payload) => this._deliver(event, payload));
    document.addEventListener("visibilitychange", () => this.wake());
    window.addEventListener("online", () => this.wake());
  }

  /** Join, and stay joined until the server or `stop` ends it. */
  join(entry) {
    this._reset(entry);
    this._again();
  }

  /** Want nothing any more. */
  stop() {
    this._reset(null);
    this._socket.disconnect();
  }

  async leave() {
    const left = this._call("leave", {}, 2_000);
    this._reset(null);
    try {
      await left;
    } catch {
      // It is seen to have gone when the connection ends.
    }
    if (this.entry === null) this.stop(); // else somebody has joined meanwhile
  }

  /** Return the server's time minus this browser's, both in milliseconds since 1970. */
  async timeOffset() {
    const sent = Date.now();
    const { server_time: time } = await this._call("time_sync", { client_time: null });
    return Date.parse(time) - (sent + Date.now()) / 2;
  }

  /** Submit an answer; return its result. Throws the server's error if it is refused. */
  async answer(request, doubted) {
    const { entry } = this;
    for (let pause = 250; ; pause = Math.min(2_000, pause * 2)) {
      try {
        return await this._call("submit_answer_ws", request);
      } catch (error) {
        if (error.in_doubt) doubted();
        if (!AGAIN.includes(error.code) || this.entry !== entry) throw error;
      }
      await wait(pause * (0.5 + Math.random() / 2));
      if (!this._joined && this.entry === entry) await new Promise((resolve) => { this._waiting.push(resolve); });
      if (this.entry !== entry) throw away(true); // somebody else may sit here now
    }
  }

  /** Send an event once and return its ack. Throws the server's error. */
  call(event, data) {
    return this._call(event, data);
  }

  /** After a sleep: the connection may be dead without a word, and the clock has gone on. */
  async wake() {
    if (document.hidden || this.entry === null) return;
    if (!this._socket.connected) {
      this._connect();
      return;
    }
    try {
      await this._call("time_sync", { client_time: null }, STILL_THERE);
      this._tell("awake");
    } catch {
      if (this._socket.connected) this._socket.io.engine.close();
    }
  }

  _reset(entry) {
    clearTimeout(this._retry);
    this.entry = entry;
    this._joined = this._wasJoined = false;
    this._early = [];
    this._waiting.splice(0).forEach((resume) => resume());
  }

  /** Connect, unless the library is at it already: a second attempt would confuse the server. */
  _connect() {
    if (!this._socket.active) this._socket.connect();
  }

  async _call(event, data, time = CALL_TIMEOUT) {
    if (!this._socket.connected) throw away(false); // the library would send it later, by itself
    let ack;
    try {
      ack = await this._socket.timeout(time).emitWithAck(event, data);
    } catch {
      throw away(true);
    }
    if (ack && ack.ok === true) return ack;
    throw (ack && ack.error) || away(false);
  }

  async _enter() {
    clearTimeout(this._retry);
    const { entry } = this;
    if (entry === null) return;
    try {
      const joined = await this._call("join_student", { ...entry, resume_token: token(entry) });
      if (entry !== this.entry) return;
      const back = this._wasJoined;
      this._joined = this._wasJoined = true;
      keepToken(entry, joined.resume_token);
      keepJoined(entry);
      this._tell("joined", { ...joined, back });
      for (const early of this._early.splice(0)) this._tell(...early);
      this._waiting.splice(0).forEach((resume) => resume());
    } catch (error) {
      if (entry === this.entry) this._refused(error);
    }
  }

  _deliver(event, payload) {
    if (this._joined) this._tell(event, payload);
    else if (this.entry !== null) this._early.push([event, payload]);
  }

  _refused(error) {
    if (!error.code) throw error; // a fault of this page
    const again = WAITABLE.includes(error.code) && !(this._wasJoined && error.code === "not_found");
    if (again) {
      this._later(RETRY);
      if (this._wasJoined) return; // it is shown as lost already
    } else {
      forgetJoined();
      this.stop();
    }
    this._tell("refused", { ...error, again });
  }

  _later(time) {
    clearTimeout(this._retry);
    this._retry = setTimeout(() => this._again(), time * (0.8 + Math.random() * 0.4));
  }

  _again() {
    if (this.entry === null || this._joined) return;
    if (this._socket.connected) this._enter();
    else this._connect();
  }

  _lost(reason) {
    this._joined = false;
    this._early = [];
    if (this.entry === null) return;
    if (reason === "io server disconnect") this._later(1_000); // the library would not
    if (this._wasJoined) this._tell("lost");
  }

  _unreachable(error) {
    if (this.entry === null) return;
    // A proxy that swallows WebSockets gives no error for which the library would try the other.
    if (error.message === "timeout" && !this._reached) this._socket.io.opts.transports = ["polling", "websocket"];
    if (!this._socket.active) { // the server refused the connection, after which the library gives up
      this._socket.disconnect();
      this._later(RETRY);
    }
    if (!this._wasJoined) this._tell("refused", { ...away(false), again: true });
  }

  _removed(removed) {
    if (removed.reason === "shutdown") return;
    forgetJoined();
    this.stop();
    this._tell("removed", removed);
  }
}
