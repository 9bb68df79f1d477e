// Builds elements, and speaks to screen readers.

/** Return an element with these properties and children; `aria-` and unknown names are attributes. */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in made && !name.startsWith("aria")) made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

export const find = (id) => document.getElementById(id);

/** Put a view in the place of the one before. */
export function show(view) {
  find("view").replaceChildren(view);
  window.scrollTo(0, 0);
}

/** Set an element's words, unless it has them: a live region would be read again. */
export function say(node, words) {
  if (node.textContent !== words) node.textContent = words;
}

let pending = [];

/** Have screen readers say something now. */
export function announce(words) {
  pending.push(words);
  if (pending.length > 1) return;
  const said = find("announcer");
  said.textContent = "";
  // A region that is filled again with the same words is silent, unless it was empty in between.
  setTimeout(() => {
    said.textContent = pending.join("\n");
    pending = [];
  }, 50);
}

export const plural = (count, one) => `${count} ${count === 1 ? one : `${one}s`}`;
