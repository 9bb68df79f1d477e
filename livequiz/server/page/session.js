// A student's session: joins, joins again after each reconnect, and sends an answer until the
// server has decided. The same rules as livequiz/client/student.py.

import { io } from "./vendor/socket.io.esm.min.js";
import { forgetJoined, keepJoined, keepToken, token } from "./memory.js";

const EVENTS = ["NEW_QUESTION", "answer_result", "round_closed", "round_extended", "presence_updated"];
const TYPES = ["single", "true_false", "multiple", "numeric", "short_text"];
const AGAIN = ["unavailable", "rate_limited", "not_joined"]; // the answer can still be stored
const WAITABLE = ["not_found", "unavailable", "rate_limited"]; // errors of a join
const CALL_TIMEOUT = 10_000; // milliseconds, as all times here
const RETRY = 2_000;
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
    this._waiting = []; // for the next join
    this._early = []; // events that came before the join's ack
    this._socket = io({
      autoConnect: false,
      transports: ["websocket", "polling"],
      tryAllTransports: true,
      reconnectionDelay: 300,
      reconnectionDelayMax: 3_000,
      auth: { client: "livequiz-page", question_types: TYPES },
    });
    this._socket.on("connect", () => this._enter());
    this._socket.on("disconnect", (reason) => this._lost(reason));
    this._socket.on("connect_error", () => this._unreachable());
    this._socket.on("removed", (removed) => this._removed(removed));
    for (const event of EVENTS) this._socket.on(event, (payload) => this._deliver(event, payload));
    document.addEventListener("visibilitychange", () => this._wake());
    window.addEventListener("online", () => this._wake());
  }

  /** Join, and stay joined until the server or `stop` ends it. */
  join(entry) {
    this.entry = entry;
    this._wasJoined = false;
    if (this._socket.connected) this._enter();
    else this._socket.connect();
  }

  /** Want nothing any more. */
  stop() {
    this.entry = null;
    this._joined = this._wasJoined = false;
    this._socket.disconnect();
  }

  async leave() {
    forgetJoined();
    try {
      await this._call("leave", {}, 2_000);
    } catch {
      // It is seen to have gone when the connection ends.
    }
    this.stop();
  }

  /** Return the server's time minus this browser's, both in milliseconds since 1970. */
  async timeOffset() {
    const sent = Date.now();
    const { server_time: time } = await this._call("time_sync", { client_time: null });
    return Date.parse(time) - (sent + Date.now()) / 2;
  }

  /** Submit an answer; return its result. Throws the server's error if it is refused. */
  async answer(request, doubted) {
    for (let pause = 250; ; pause = Math.min(2_000, pause * 2)) {
      try {
        return await this._call("submit_answer_ws", request);
      } catch (error) {
        if (error.in_doubt) doubted();
        if (!AGAIN.includes(error.code) || this.entry === null) throw error;
      }
      await wait(pause * (0.5 + Math.random() / 2));
      if (!this._joined) await new Promise((resolve) => { this._waiting.push(resolve); });
    }
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
    const entry = this.entry;
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
    else this._early.push([event, payload]);
  }

  _refused(error) {
    const again = WAITABLE.includes(error.code) && !(this._wasJoined && error.code === "not_found");
    if (again) {
      setTimeout(() => this._again(), RETRY);
      if (this._wasJoined) return; // it is shown as lost already
    } else {
      forgetJoined();
      this.stop();
      this._waiting.splice(0).forEach((resume) => resume());
    }
    this._tell("refused", { ...error, again });
  }

  _again() {
    if (this.entry === null || this._joined) return;
    if (this._socket.connected) this._enter();
    else this._socket.connect();
  }

  _lost(reason) {
    this._joined = false;
    this._early = [];
    if (this.entry === null) return;
    if (reason === "io server disconnect") setTimeout(() => this._again(), 1_000); // the library would not
    if (this._wasJoined) this._tell("lost");
  }

  _unreachable() {
    if (this.entry === null || this._wasJoined) return;
    this._tell("refused", { ...away(false), again: true });
    if (!this._socket.active) setTimeout(() => this._again(), RETRY);
  }

  _removed(removed) {
    if (removed.reason === "shutdown") return;
    if (removed.reason !== "replaced") forgetJoined();
    this.stop();
    this._waiting.splice(0).forEach((resume) => resume());
    this._tell("removed", removed);
  }

  /** After a sleep: the connection may be dead without a word, and the clock has gone on. */
  async _wake() {
    if (document.hidden || this.entry === null) return;
    if (!this._socket.connected) {
      this._socket.connect();
      return;
    }
    try {
      await this._call("time_sync", { client_time: null }, STILL_THERE);
      this._tell("awake");
    } catch {
      if (this._socket.connected) this._socket.io.engine.close();
    }
  }
}
