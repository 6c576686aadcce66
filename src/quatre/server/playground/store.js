// What a reload of this tab must not lose. It ends with the tab; nothing is kept on the disk of a shared machine.

const PREFIX = "quatre.";

/** The value that was saved under the name; null if there is none. */
export function load(name) {
  try {
    return JSON.parse(sessionStorage.getItem(PREFIX + name));
  } catch {
    return null;
  }
}

/** Save a value. If it does not fit (pictures), there is none rather than an old one: the page works without. */
export function save(name, value) {
  try {
    sessionStorage.removeItem(PREFIX + name);
    sessionStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // full, or forbidden by the browser
  }
}
