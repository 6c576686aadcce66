// Copying. The clipboard's own interface exists only for https and localhost; a server in a home network has neither.

import { announce } from "./announce.js";
import { button, element } from "./dom.js";

const SHOWN_MS = 1500;

/** A button that copies what `text()` gives then (null: nothing), and says so. */
export function copyButton(text, hint, label = "Copy") {
  const made = button(
    label,
    async () => {
      const wanted = text();
      if (wanted === null) return;
      const done = await copy(wanted);
      made.textContent = done ? "Copied" : "Not copied";
      announce(made.textContent);
      setTimeout(() => (made.textContent = label), SHOWN_MS);
    },
    hint,
  );
  return made;
}

/** Whether the text is in the clipboard now. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text);
  }
}

function copySelected(text) {
  const focused = document.activeElement;
  const area = element("textarea", { class: "sr-only", "aria-hidden": "true" });
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  focused?.focus();
  return done;
}
