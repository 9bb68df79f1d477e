// Verdicts: the result of an answer as a title and a sentence; the words of client/verdict_wording.py.

const JOINED = "; ";
const NOT_SUBMITTED = "Your choice was not submitted.";
const WAIT = "Your teacher will show the answer after the round.";

export const letter = (index) => String.fromCharCode(65 + index);
export const indexes = (answer) => (Array.isArray(answer) ? answer : Number.isInteger(answer) ? [answer] : []);
const amount = (number) => String(Math.round(number * 100) / 100);
const points = (count) => `${amount(count)} ${count === 1 ? "point" : "points"}`;

/** The right answer in words; null while it is not revealed. */
export function rightText(question, result) {
  if (result.correct_text != null || result.correct_answer == null) return result.correct_text ?? null;
  const { options } = question;
  return indexes(result.correct_answer).filter((p) => p < options.length).map((p) => options[p]).join(JOINED) || null;
}

/** An answer for use in a sentence: option letters, or what was typed. */
export function named(answer, question) {
  return question.options.length ? indexes(answer).map(letter).join(", ") : `${answer}`;
}

function key(places, said) {
  if (said == null) return "Your teacher will show the answer.";
  const letters = indexes(places).map(letter);
  if (letters.length > 1) return `The right answers are ${letters.join(", ")}`;
  return `The right answer is ${[...letters, said].join("  ")}`;
}

const keyOf = (question, result) =>
  key(question.options.length ? result.correct_answer : null, rightText(question, result));

function praise(result) {
  const parts = [];
  if (result.points) parts.push(`+${points(result.points)}`);
  if (result.response_time != null) parts.push(`${result.response_time.toFixed(1)} s`);
  if (result.streak > 1) parts.push(`${result.streak} in a row`);
  return parts.join("    ");
}

/** The verdict on an answer that the server has stored; `sent` is the one sent now. */
export function ofResult(question, result, sent = null) {
  let [tone, title, detail] = ["neutral", "● Stored", WAIT];
  if (result.correct === true) [tone, title, detail] = ["right", "✓ Correct", praise(result)];
  else if (result.correct === false) {
    [tone, title, detail] = ["wrong", wrong(result.points, question), keyOf(question, result)];
  }
  if (result.duplicate && another(sent, result.your_answer)) {
    detail = `Your first answer counts: ${named(result.your_answer, question)}.  ${detail}`;
  }
  return {
    tone, title, detail, right: result.correct_answer, chosen: result.your_answer,
    explanation: result.explanation ?? "",
  };
}

const wrong = (earned, question) => (
  earned ? `◐ Partly right: ${amount(earned)} of ${question.points}` : "✗ Incorrect");

/** The verdict on an answer that earns nothing any more; one was given. */
export function ofPractice(question, result) {
  const [tone, title, detail] = result.correct
    ? ["right", "✓ Correct", ""]
    : ["wrong", wrong(result.earned, question), keyOf(question, result)];
  return {
    tone, title, detail, right: result.correct_answer, chosen: result.your_answer,
    explanation: result.explanation ?? "",
  };
}

function another(sent, stored) {
  // A number has several spellings.
  if (sent == null || typeof stored === "number" && !Number.isInteger(sent)) return false;
  return JSON.stringify(sent) !== JSON.stringify(stored);
}

/**
 * The verdict when a round closes; `lost` says whether an answer was sent and not stored, `chosen`
 * whether one was chosen and not sent.
 */
export function ofClosing(question, result, reason, lost, chosen = false) {
  if (result != null && result.your_answer != null) return ofResult(question, result);
  let title = reason === "time" ? "Time is up" : "The round is over";
  if (lost) title = "○ Not stored";
  if (result == null) {
    return { tone: "neutral", title, detail: "Wait for your teacher to send the next question." };
  }
  const unsent = chosen && !lost ? `${NOT_SUBMITTED}  ` : "";
  return {
    tone: "neutral", title, detail: `${unsent}${keyOf(question, result)}`, right: result.correct_answer,
    explanation: result.explanation ?? "",
  };
}

/** The verdict on a round that ended while this browser was offline. */
export function ofHistory(question, item, chosen, lost) {
  const said = item.correct_option ?? null;
  const places = placesOf(question.options, said);
  if (!item.answered) {
    return { tone: "neutral", title: lost ? "○ Not stored" : "Time is up", detail: key(places, said), right: places };
  }
  if (item.correct === null) return { tone: "neutral", title: "● Stored", detail: WAIT, chosen };
  if (item.correct) {
    return { tone: "right", title: "✓ Correct", detail: "Your answer arrived in time.", right: places, chosen: places };
  }
  return { tone: "wrong", title: "✗ Incorrect", detail: key(places, said), right: places, chosen };
}

function placesOf(options, said) {
  if (said === null) return null;
  if (options.includes(said)) return options.indexOf(said);
  const texts = said.split(JOINED);
  const places = [...options.keys()].filter((place) => texts.includes(options[place]));
  return places.map((place) => options[place]).join(JOINED) === said ? places : null;
}

export const ofRefusal = (error) => ({ tone: "neutral", title: "○ Not stored", detail: error.message });

/** For when the time runs out, before the server closes the round. */
export const ofTime = (chosen) => ({
  tone: "neutral",
  title: "Time is up",
  detail: chosen ? NOT_SUBMITTED : "The answer will appear in a moment.",
});
