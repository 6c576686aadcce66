// Dark or light. Not a module: it runs before anything is drawn, or a dark page would begin with a flash of white.

(() => {
  const NAME = "quatre.theme"; // outlives the tab, unlike everything else
  const ORDER = ["system", "light", "dark"];
  const root = document.documentElement;

  const read = () => {
    try {
      return localStorage.getItem(NAME);
    } catch {
      return null;
    }
  };

  const show = (theme) => {
    root.dataset.theme = theme;
    const button = document.getElementById("theme");
    if (button) button.setAttribute("aria-label", `Theme: ${theme}`);
    if (button) button.title = `Theme: ${theme}`;
  };

  const stored = () => (ORDER.includes(read()) ? read() : "system");
  show(stored());
  document.addEventListener("DOMContentLoaded", () => {
    show(stored());
    document.getElementById("theme").addEventListener("click", () => {
      const next = ORDER[(ORDER.indexOf(root.dataset.theme) + 1) % ORDER.length];
      try {
        localStorage.setItem(NAME, next);
      } catch {
        // forbidden by the browser: then for this page only
      }
      show(next);
    });
  });
})();
