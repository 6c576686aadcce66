// What a screen reader is told. Answers grow by single words, which nobody can listen to; so each is said once, whole.

import { byId } from "./dom.js";

/** Have it read out when the reader has finished its sentence. */
export function announce(text) {
  byId("announcer").textContent = text;
}

/** Show a sentence above the message box, where everybody sees and hears it; an empty one takes it away. */
export function notice(text) {
  const place = byId("notice");
  place.textContent = text;
  place.hidden = !text;
}
