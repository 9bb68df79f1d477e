// A student's own answers: each round's question, what they answered, what was right and why.

import { element, show } from "./dom.js";
import { fill, outline, styled, unstyled } from "./rich_text.js";
import { indexes, letter, rightText } from "./verdict.js";

export class History {
  /** `history` is the server's, newest round first; `back()` goes to the waiting room. */
  constructor({ items, left_out: leftOut = 0 }, back) {
    const answered = items.filter((item) => item.your_answer != null);
    const right = answered.filter((item) => item.correct).length;
    this._heading = element("h1", { tabIndex: -1 }, "My answers");
    const button = element("button", { className: "quiet", type: "button" }, "Back");
    button.addEventListener("click", back);
    this.view = element(
      "div", { className: "card top" }, this._heading,
      element("p", { className: "buttons" }, button),
      element("p", { className: "facts" }, `${right} of ${answered.length} right`),
      element("ol", { className: "history", reversed: true, "aria-label": "Your questions" }, ...items.map(row)),
    );
    if (leftOut) this.view.append(element("p", { className: "hint" }, `${leftOut} older ones are left out.`));
    this.view.addEventListener("keydown", (event) => { if (event.key === "Escape") back(); });
  }

  show() {
    show(this.view);
    this._heading.focus();
    document.title = "My answers – LiveQuiz";
  }
}

/** A round's verdict and its tone. */
export function outcome(answered, correct, earned = 0) {
  if (!answered) return ["– no answer", ""];
  if (correct === null) return ["● stored", ""];
  if (earned && !correct) return ["◐ partly", "wrong"];
  return correct ? ["✓ right", "right"] : ["✗ wrong", "wrong"];
}

function row(item) {
  const [words, tone] = outcome(item.your_answer != null, item.correct, item.earned);
  const time = item.response_time == null ? "" : ` · ${item.response_time.toFixed(1)} s`;
  const summary = element(
    "summary", {}, `Round ${item.round_number} · `, element("span", { className: `outcome ${tone}` }, words), time,
    element("span", { className: "asked", dir: "auto" }, outline(item.question)),
  );
  const details = element("details", {}, summary);
  // Filled when it is opened for the first time: programs load their colours.
  details.addEventListener("toggle", () => { if (details.open && details.children.length === 1) details.append(...whole(item)); });
  return element("li", { value: item.round_number }, details);
}

function whole(item) {
  const text = element("div", { className: "rich" });
  fill(text, item.question);
  const explanation = element("div", { className: "rich explanation" });
  fill(explanation, item.explanation ?? "");
  return [text, item.options.length ? options(item) : typed(item), explanation];
}

function options(item) {
  const [right, chosen] = [indexes(item.correct_answer), indexes(item.your_answer)];
  return element("ul", { className: "answers", "aria-label": "Options" }, ...item.options.map((option, index) => {
    const notes = [right.includes(index) && "✓ right", chosen.includes(index) && "your answer"].filter(Boolean).join(", ");
    const className = right.includes(index) ? "is-right" : chosen.includes(index) ? "is-wrong" : "";
    const words = styled(element("span", { dir: "auto" }), option);
    return element("li", { className }, `${letter(index)}  `, words, element("span", { className: "box" }, notes && `  ${notes}`));
  }));
}

function typed(item) {
  const className = item.correct ? "is-right" : "is-wrong";
  const yours = item.your_answer == null ? [] : [element("li", { className, dir: "auto" }, `Your answer: ${item.your_answer}`)];
  const right = element("li", { className: "is-right", dir: "auto" }, `✓ Right answer: ${unstyled(rightText(item, item) ?? "")}`);
  return element("ul", { className: "answers" }, ...(item.correct ? yours : [...yours, right]));
}
