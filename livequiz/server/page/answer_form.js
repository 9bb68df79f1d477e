// What a student answers with: options to choose, options to tick, or a field to type in.

import { element } from "./dom.js";
import { styled } from "./rich_text.js";
import { indexes, letter } from "./verdict.js";

/** Return the form for a question; `changed()` is called when the answer changes. */
export function answerForm(question, changed) {
  return question.options.length ? new Options(question, changed) : new Typed(question, changed);
}

class Options {
  constructor(question, changed) {
    this._several = question.type === "multiple";
    this.missing = this._several ? "Tick the right options first: one or more." : "Choose an answer first.";
    this.invitation = this._several ? "Tick all the right options: one or more." : "";
    this._changed = changed;
    this._inputs = [];
    this._boxes = [];
    const rows = question.options.map((text, index) => this._row(text, index));
    const few = question.options.length <= 4 && question.options.every((text) => text.length <= 80);
    const legend = element("legend", { className: "unseen" }, this._several ? "Tick all right answers" : "Choose one answer");
    this.view = element("fieldset", { className: `options ${few ? "few" : ""}` }, legend, ...rows);
  }

  get answer() {
    const chosen = [...this._inputs.keys()].filter((index) => this._inputs[index].checked);
    if (!chosen.length) return null;
    return this._several ? chosen : chosen[0];
  }

  restore(answer) {
    for (const index of indexes(answer)) if (this._inputs[index]) this._inputs[index].checked = true;
    this._paint();
  }

  /** Take a key; return whether it was one of an option. */
  key(key) {
    const index = /^[1-9]$/.test(key) ? Number(key) - 1 : key.toUpperCase().charCodeAt(0) - 65;
    const input = key.length === 1 && this._inputs[index];
    if (!input || input.disabled) return false;
    input.focus();
    input.click();
    return true;
  }

  lock(locked) {
    this._inputs.forEach((input) => { input.disabled = locked; });
    this.view.classList.toggle("locked", locked);
    if (!locked) {
      for (const row of this.view.children) row.classList.remove("is-right", "is-wrong");
      this._paint();
    }
  }

  /** Mark the right options and the chosen ones, in words too. */
  reveal(right, chosen) {
    this._inputs.forEach((input, index) => {
      const isRight = indexes(right).includes(index);
      const isChosen = indexes(chosen).includes(index);
      const row = input.parentElement;
      row.classList.toggle("chosen", isChosen); // what was not submitted is not marked
      row.classList.toggle("is-right", isRight);
      row.classList.toggle("is-wrong", isChosen && right != null && !isRight);
      const words = [isRight && "✓ right", isChosen && (right == null || isRight ? "yours" : "✗ yours")];
      this._boxes[index].textContent = words.filter(Boolean).join(", ");
      this._boxes[index].removeAttribute("aria-hidden");
    });
  }

  _row(text, index) {
    const input = element("input", { type: this._several ? "checkbox" : "radio", name: "answer", value: `${index}` });
    const box = element("span", { className: "box" });
    input.addEventListener("change", () => {
      this._paint();
      this._changed();
    });
    this._inputs.push(input);
    this._boxes.push(box);
    return element(
      "label", { className: "option" }, input, element("span", { className: "letter" }, letter(index)),
      styled(element("span", { className: "words", dir: "auto" }), text), box,
    );
  }

  _paint() {
    this._inputs.forEach((input, index) => {
      input.parentElement.classList.toggle("chosen", input.checked);
      this._boxes[index].textContent = this._several ? (input.checked ? "☑" : "☐") : (input.checked ? "●" : "");
      this._boxes[index].setAttribute("aria-hidden", "true");
    });
  }
}

const THOUSANDS = /^[+-]?[1-9][0-9]{0,2},[0-9]{3}$/; // which is 1000 or 1.000

class Typed {
  constructor(question, changed) {
    this._number = question.type === "numeric";
    this.invitation = "";
    this._input = element("input", {
      type: "text", id: "typed", autocomplete: "off", autocapitalize: "off", spellcheck: false, maxLength: 200,
      inputMode: this._number ? "decimal" : "text", dir: this._number ? "ltr" : "auto",
    });
    this._input.addEventListener("input", changed);
    const words = this._number ? "Your answer, a number" : "Your answer";
    this.view = element("div", {}, element("label", { htmlFor: "typed" }, words), this._input);
  }

  get answer() {
    const text = this._text;
    return this._number && THOUSANDS.test(text) ? null : text || null;
  }

  get missing() {
    const text = this._text;
    if (text) return `Do you mean ${text.replace(",", "")} or ${text.replace(",", ".")}? Type it that way.`;
    return this._number ? "Type a number first." : "Type your answer first.";
  }

  get _text() {
    return this._input.value.split(/\s+/).filter(Boolean).join(" ");
  }

  restore(answer) {
    this._input.value = `${answer}`;
  }

  /** Let what is typed anywhere go to the field. */
  key(key) {
    if (key.length === 1 && !this._input.readOnly) this._input.focus();
    return false;
  }

  lock(locked) {
    this._input.readOnly = locked;
  }

  reveal() {
    // The verdict says what was right.
  }
}
