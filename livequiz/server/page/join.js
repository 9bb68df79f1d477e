// The form: code, id and name; each error beside its field.

import { element, say, show } from "./dom.js";
import { lastEntry } from "./memory.js";

const FIELDS = {
  meeting_id: {
    label: "Meeting code", hint: "from your teacher", missing: "Type the code your teacher shows you.",
    allowed: /^[A-Za-z0-9_-]{1,32}$/, otherwise: "Only letters, digits, _ and -, at most 32.",
  },
  student_id: {
    label: "Your id", hint: "such as S001", missing: "Type your id, such as S001.",
    allowed: /^[A-Za-z0-9._@-]{1,64}$/, otherwise: "Only letters, digits and . _ @ -, at most 64.",
  },
  name: { label: "Your name", hint: "such as Alice Johnson", missing: "Type your name.", allowed: /./, otherwise: "" },
};

export class JoinForm {
  /** `wanted(entry)` is called with a form that is complete; `stopped()` when it is given up. */
  constructor(wanted, stopped) {
    this._wanted = wanted;
    this._stopped = stopped;
    this._inputs = {};
    this._whys = {};
    this._trying = false;
    this._notice = element("p", { className: "notice", tabIndex: -1 });
    this._status = element("p", { role: "status" });
    this._button = element("button", { className: "wide", type: "submit" });
    this._button.addEventListener("click", (event) => {
      if (!this._trying) return;
      event.preventDefault();
      this._stop();
    });
    const rows = Object.entries(FIELDS).map(([name, field]) => this._row(name, field));
    this._form = element("form", { noValidate: true }, ...rows, this._button, this._status);
    this._form.addEventListener("submit", (event) => {
      event.preventDefault();
      this._submit();
    });
    this.view = element("div", { className: "card" }, element("h1", {}, "Join your class"), this._notice, this._form);
  }

  /** Show the form; `notice` says why it is shown again. */
  show(entry, notice = "") {
    const known = lastEntry();
    // A remembered id fills the form and joins nobody: somebody else may sit here now.
    const values = { ...known, ...entry };
    for (const [name, input] of Object.entries(this._inputs)) {
      if (!input.value) input.value = values[name] ?? "";
    }
    this._notice.textContent = notice;
    this._try(false);
    say(this._status, "");
    show(this.view);
    const empty = Object.values(this._inputs).find((input) => !input.value);
    (notice ? this._notice : empty ?? this._button).focus();
  }

  clear() {
    for (const input of Object.values(this._inputs)) input.value = "";
  }

  /** Show that a join is under way. */
  joining() {
    this._try(true);
    this._status.textContent = "Joining…";
  }

  /** Show why a join was refused; it is tried again by itself if `error.again`. */
  refuse(error) {
    this._try(error.again);
    const code = this._inputs.meeting_id.value.toUpperCase();
    if (error.code === "not_found") {
      say(this._status, `There is no meeting ${code} yet. Check the code, or wait: retrying.`);
    } else if (error.field in FIELDS) {
      this._blame(error.field, error.message, !error.again);
      say(this._status, error.again ? "Trying again…" : "");
    } else {
      say(this._status, error.message + (error.again ? " Trying again…" : ""));
    }
  }

  _row(name, { label, hint }) {
    const why = element("p", { className: "wrong-why", id: `${name}-why` });
    const input = element("input", {
      type: "text", id: name, autocapitalize: { meeting_id: "characters", student_id: "off", name: "words" }[name],
      autocomplete: name === "name" ? "name" : "off", spellcheck: false, maxLength: 400,
      className: name === "meeting_id" ? "code" : "", dir: name === "name" ? "auto" : "ltr",
      "aria-describedby": why.id,
    });
    input.addEventListener("input", () => {
      this._blame(name, "", false);
      if (this._trying) this._stop();
    });
    this._inputs[name] = input;
    this._whys[name] = why;
    const words = element("label", { htmlFor: name }, `${label} `, element("span", { className: "hint" }, hint));
    return element("div", { className: "field" }, words, input, why);
  }

  _submit() {
    if (this._trying) return; // an impatient Enter
    const entry = {};
    for (const [name, field] of Object.entries(FIELDS)) {
      const value = this._inputs[name].value.trim();
      const why = value ? (field.allowed.test(value) ? "" : field.otherwise) : field.missing;
      this._blame(name, why, true);
      if (why) return;
      entry[name] = value;
    }
    entry.meeting_id = entry.meeting_id.toUpperCase();
    this._wanted(entry);
  }

  _stop() {
    this._try(false);
    this._status.textContent = "";
    this._stopped();
  }

  _try(trying) {
    this._trying = trying;
    this._button.textContent = trying ? "Stop" : "Join";
    this._button.classList.toggle("quiet", trying);
  }

  _blame(name, why, focus) {
    say(this._whys[name], why);
    this._inputs[name].setAttribute("aria-invalid", why ? "true" : "false");
    if (why && focus) this._inputs[name].focus();
  }
}
