// Picking from the list: find by a part of the name or the end of the short code, then one big button.

import { fill, parts, timeOf } from "./answer.js";

const REFRESH = 30000; // ms between looks at the server while the list is open

export class Roster {
  #people = new Map(); // signup → its row
  #timer = 0;

  // pick({signup, name, direction}); counted(counts)
  constructor({ root, words, url, pick, counted }) {
    Object.assign(this, { root, words, url, pick, counted, part: parts(root) });
    this.list = this.part("people");
    this.box = this.part("roster");
    this.search = this.root.querySelector("#find");
    this.part("finder").hidden = false;
    this.box.addEventListener("toggle", () => this.box.open && this.refresh());
    this.search.addEventListener("input", () => this.#filter());
    this.list.addEventListener("click", (event) => this.#press(event));
    setInterval(() => this.box.open && !document.hidden && this.refresh(), REFRESH);
  }

  #press(event) {
    const button = event.target.closest("button");
    if (!button) return;
    event.preventDefault();
    const row = button.closest("[data-signup]");
    const name = parts(row)("who").textContent;
    const direction = button.getAttribute("form") === "pick-out" ? "out" : "in";
    const go = () => this.pick({ signup: row.dataset.signup, name, direction });
    if (direction === "in") go();
    else this.#confirm(fill(this.words.confirmOut, { name }), go);
  }

  #confirm(question, go) {
    const dialog = this.part("confirm");
    if (!dialog.showModal) {
      if (window.confirm(question)) go();
      return;
    }
    this.part("confirm-text").textContent = question;
    dialog.returnValue = "";
    dialog.onclose = () => dialog.returnValue === "yes" && go();
    dialog.showModal();
  }

  // Soon, not at once: ten answers in a row are one look at the server.
  refreshSoon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.refresh(), 800);
  }

  async refresh() {
    try {
      const response = await fetch(this.url, { headers: { Accept: "application/json" }, cache: "no-store" });
      if (!response.ok) return;
      const { items, counts } = await response.json();
      if (counts) this.counted(counts);
      items.forEach((item) => this.#draw(item));
      const living = new Set(items.map((item) => item.signup));
      for (const [signup, row] of this.#people) {
        if (living.has(signup)) continue;
        row.remove();
        this.#people.delete(signup);
      }
      this.part("nobody").hidden = items.length > 0;
      this.#filter();
    } catch {
      // no network: the list as last seen is still right for picking
    }
  }

  // What an answer says about a person is shown without waiting for the next look.
  mark(signup, direction, at) {
    const row = this.#people.get(signup);
    if (row) this.#setState(row, direction === "out" ? "gone" : "in", at);
  }

  #draw(item) {
    let row = this.#people.get(item.signup);
    if (!row) {
      row = this.root.querySelector('[data-pattern="person"]').content.firstElementChild.cloneNode(true);
      row.dataset.signup = item.signup;
      this.#people.set(item.signup, row);
      this.list.append(row);
    }
    row.dataset.find = `${item.display_name} ${item.short_code || ""}`;
    for (const name of row.querySelectorAll('[data-part="name"]')) name.textContent = item.display_name;
    const part = parts(row);
    part("who").textContent = item.display_name;
    part("position").textContent = item.position || "";
    part("code").textContent = item.short_code ? fill(this.words.code, { code: item.short_code.slice(-4) }) : "";
    if (item.status !== "confirmed") this.#setState(row, item.status);
    else if (item.out_at) this.#setState(row, "gone", item.out_at);
    else this.#setState(row, item.in_at ? "in" : "due", item.in_at);
  }

  #setState(row, state, at) {
    const sentences = { due: this.words.notYet, in: this.words.inAt, gone: this.words.outAt };
    row.dataset.state = state;
    const sentence = sentences[state] || this.words.statuses[state] || "";
    const part = parts(row);
    part("state").textContent = fill(sentence, { time: timeOf(at) });
    part("in").hidden = state !== "due";
    part("out").hidden = state !== "in";
  }

  #filter() {
    const wanted = this.search.value.replace(/\s/g, "").toUpperCase();
    let shown = 0;
    for (const row of this.#people.values()) {
      row.hidden = !row.dataset.find.replace(/\s/g, "").toUpperCase().includes(wanted);
      shown += row.hidden ? 0 : 1;
    }
    this.part("no-match").textContent = this.words.noMatch;
    this.part("no-match").hidden = shown > 0 || !wanted;
  }
}
