// Authors' text in a small subset of Markdown: fenced code, `code` and **bold**; all else as it
// stands. Reads what livequiz/tui/widgets/rich_text.py reads.

import { element } from "./dom.js";

const LANGUAGES = {
  python: "python", py: "python", python3: "python", javascript: "javascript", js: "javascript",
  typescript: "javascript", ts: "javascript", java: "java", c: "c", h: "c", cpp: "cpp", "c++": "cpp",
  csharp: "csharp", "c#": "csharp", cs: "csharp", sql: "sql", html: "xml", xml: "xml", css: "css",
  bash: "bash", sh: "bash", shell: "bash",
};
const FENCE = /^ {0,3}(`{3,})([^`]*)$/;
const LANGUAGE = /^ *([\w+#.-]*) *$/;

/** Return the blocks of a text: `{text, language}`, where prose has no language. */
export function blocks(text) {
  const found = [];
  let prose = [];
  const lines = text.split("\n");
  const flush = () => {
    const joined = prose.join("\n").replace(/^\n+|\n+$/g, "");
    if (joined.trim()) found.push({ text: joined, language: null });
    prose = [];
  };
  for (let at = 0; at < lines.length; at += 1) {
    const open = FENCE.exec(lines[at]);
    if (open === null) {
      prose.push(lines[at]);
      continue;
    }
    const close = new RegExp(`^ {0,3}\`{${open[1].length},} *$`);
    const indent = new RegExp(`^ {0,${lines[at].search("`")}}`);
    const start = at;
    for (at += 1; at < lines.length && !close.test(lines[at]);) at += 1;
    const language = LANGUAGE.exec(open[2]);
    if (language === null) {
      prose.push(...lines.slice(start, at + 1)); // more than a language after the fence: it would be lost
      continue;
    }
    flush();
    const code = lines.slice(start + 1, at).map((line) => line.replace(indent, ""));
    found.push({ text: code.join("\n").replace(/\n+$/, ""), language: language[1] });
  }
  flush();
  return found;
}

/** Return a line of prose in parts: `{text, code, bold}`. */
export function parts(line) {
  const tokens = [];
  for (const [text, , inner] of line.matchAll(/(`+)([^`]|[^`].*?[^`])\1(?!`)|`+|\*\*|[^`*]+|\*/g)) {
    const code = inner !== undefined;
    tokens.push({ text: code ? inner.replace(/^ (.*[^ ].*) $/, "$1") : text, code, bold: false });
  }
  let open = -1;
  tokens.forEach(({ text, code }, at) => {
    if (code || text !== "**") return;
    const [opens, closes] = flanking(tokens, at);
    if (closes && open >= 0 && at > open + 1) {
      for (let inside = open + 1; inside < at; inside += 1) tokens[inside].bold = true;
      tokens[open].text = tokens[at].text = "";
      open = -1;
    } else if (opens && open < 0) open = at;
  });
  return tokens.filter((token) => token.text);
}

/** Whether `**` can open and close bold text here: CommonMark's flanking, but not within a word. */
function flanking(tokens, at) {
  const before = at > 0 ? tokens[at - 1].text.slice(-1) : " ";
  const after = at + 1 < tokens.length ? tokens[at + 1].text.slice(0, 1) : " ";
  const kind = (mark) => (/\s/.test(mark) ? 0 : /[\p{L}\p{N}_]/u.test(mark) ? 2 : 1);
  const [left, right] = [kind(before), kind(after)];
  const within = left === 2 && right === 2;
  return [right > 0 && !within && (right === 2 || left < 2), left > 0 && !within && (left === 2 || right < 2)];
}

/** Fill an element with a text; programs get their colours a moment later. */
export function fill(holder, text) {
  holder.replaceChildren(...blocks(text).map((block) => (
    block.language === null ? styled(element("p", { dir: "auto" }), block.text) : code(block))));
  holder.hidden = !text;
}

/** Put prose into an element, and return it. */
export function styled(made, text) {
  text.split("\n").forEach((line, place) => {
    if (place) made.append("\n");
    for (const part of parts(line)) {
      const shown = part.code ? element("code", {}, part.text) : part.text;
      made.append(part.bold ? element("strong", {}, shown) : shown);
    }
  });
  return made;
}

/** Return prose without its marks, for a sentence. */
export const unstyled = (text) => text.split("\n").map((line) => parts(line).map((part) => part.text).join("")).join("\n");

/** A text's prose, with each program cut to its first line. */
export const outline = (text) => blocks(text)
  .map((block) => (block.language === null ? unstyled(block.text) : block.text.trim().split("\n")[0]))
  .filter(Boolean).join("\n");

function code({ text, language }) {
  const inner = element("code", {}, text);
  const name = LANGUAGES[language.toLowerCase()];
  if (name) highlight(inner, text, name);
  return element("pre", { className: "code-block", tabIndex: 0, role: "group", "aria-label": "Program" }, inner);
}

async function highlight(inner, text, name) {
  try {
    const [{ default: highlighter }, { default: grammar }] = await Promise.all([
      import("./vendor/highlight/core.min.js"), import(`./vendor/highlight/${name}.min.js`),
    ]);
    highlighter.registerLanguage(name, grammar);
    inner.innerHTML = highlighter.highlight(text, { language: name }).value; // escaped by the library
  } catch {
    // It can be read without colours.
  }
}
