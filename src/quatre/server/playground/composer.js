// The message box: text, pictures, and the keys that send and stop.

import { notice } from "./announce.js";
import { button, byId, element } from "./dom.js";
import { filesOf, readImages } from "./images.js";

const TALLEST_PX = 220;

/** Calls `send(text, images)`, which says whether it took them, and `stop()`. */
export class Composer {
  #box = byId("message");
  #pictures = byId("pictures");
  #images = [];
  #send;
  #stop;

  constructor({ send, stop }) {
    this.#send = send;
    this.#stop = stop;
    byId("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.#submit();
      }
    });
    this.#box.addEventListener("input", () => this.#fit());
    byId("stop").addEventListener("click", () => {
      stop();
      this.focus();
    });
    byId("attach").addEventListener("click", () => byId("files").click());
    byId("files").addEventListener("change", async ({ target }) => {
      await this.#add([...target.files]);
      target.value = ""; // the same file may be chosen again
      this.focus();
    });
    this.#takePastes();
    this.#takeDrops();
  }

  focus() {
    this.#box.focus();
  }

  /** Put a text into the box, for the user to send. */
  fill(text) {
    this.#box.value = text;
    this.#fit();
    this.focus();
  }

  /** While an answer is written it can be stopped, and the next question prepared. */
  setBusy(busy) {
    byId("stop").hidden = !busy;
    byId("send").hidden = busy;
  }

  #submit() {
    const text = this.#box.value.trim();
    if (!byId("stop").hidden || !(text || this.#images.length)) return;
    if (!this.#send(text, this.#images)) return;
    this.#box.value = "";
    this.#fit();
    this.#images = [];
    this.#drawPictures();
  }

  /** As tall as its text, up to a limit. */
  #fit() {
    this.#box.style.height = "auto";
    this.#box.style.height = `${Math.min(this.#box.scrollHeight, TALLEST_PX)}px`;
  }

  async #add(files) {
    try {
      this.#images.push(...(await readImages(files)));
      notice("");
    } catch (error) {
      notice(error.message);
    }
    this.#drawPictures();
  }

  #drawPictures() {
    this.#pictures.replaceChildren(
      ...this.#images.map((image) => {
        const remove = () => {
          this.#images = this.#images.filter((other) => other !== image);
          this.#drawPictures();
          this.focus();
        };
        const cross = button("×", remove, `Remove ${image.name}`);
        return element("li", {}, element("img", { src: image.url, alt: image.name, title: image.name }), cross);
      }),
    );
    this.#pictures.hidden = this.#images.length === 0;
  }

  #takePastes() {
    this.#box.addEventListener("paste", (event) => {
      const files = filesOf(event.clipboardData);
      if (!files.length) return;
      event.preventDefault();
      this.#add(files);
    });
  }

  /** Anywhere on the page: a browser would otherwise leave it for the picture. */
  #takeDrops() {
    const brings = (event) => event.dataTransfer?.types.includes("Files");
    const mark = (on) => document.body.classList.toggle("dropping", on);
    document.addEventListener("dragover", (event) => {
      if (!brings(event)) return;
      event.preventDefault();
      mark(true);
    });
    document.addEventListener("dragleave", (event) => {
      if (!event.relatedTarget) mark(false);
    });
    document.addEventListener("drop", (event) => {
      mark(false);
      if (!brings(event)) return;
      event.preventDefault();
      this.#add(filesOf(event.dataTransfer));
      this.focus();
    });
  }
}
