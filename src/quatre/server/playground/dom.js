// Elements from plain values. Text only ever becomes text: nothing here reads markup.

/** An element with attributes (`true` for a bare one, `false` and null for none), listeners under `on`, and children. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") {
      for (const [type, listener] of Object.entries(value)) made.addEventListener(type, listener);
    } else if (value === true) {
      made.setAttribute(name, "");
    } else if (value !== false && value != null) {
      made.setAttribute(name, value);
    }
  }
  made.append(...children.filter((child) => child != null));
  return made;
}

/** The element of the page with this id. */
export const byId = (id) => document.getElementById(id);

/** A small button with a text; `hint` is what a screen reader says if the text alone is not enough. */
export function button(text, click, hint) {
  return element("button", { type: "button", class: "quiet", "aria-label": hint, on: { click } }, text);
}
