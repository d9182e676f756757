// Picking from the list: find by a part of the name or the end of the short code, then one big button.

import { fill, parts } from "./answer.js";
import { whenOf } from "./moments.js";

export class Roster {
  #people = new Map(); // signup → its row

  // rows() gives the list as the phone knows it; pick({signup, name, direction}); confirm(question, yes, no) asks.
  constructor({ root, words, rows, pick, confirm }) {
    Object.assign(this, { root, words, rows, pick, confirm, part: parts(root) });
    this.list = this.part("people");
    this.box = this.part("roster");
    this.search = this.root.querySelector("#find");
    this.box.addEventListener("toggle", () => this.draw());
    this.search.addEventListener("input", () => this.#filter());
    this.list.addEventListener("click", (event) => this.#press(event));
  }

  #press(event) {
    const button = event.target.closest("button");
    if (!button) return;
    const row = button.closest("[data-signup]");
    const name = parts(row)("who").textContent;
    const direction = button.dataset.part;
    const go = () => this.pick({ signup: row.dataset.signup, name, direction });
    if (direction === "in") go();
    else this.confirm(fill(this.words.confirmOut, { name }), this.words.out, this.words.outNo).then((yes) => yes && go());
  }

  // Drawn while it is open: two thousand names cost a second on an old phone.
  draw() {
    if (!this.box.open) return;
    const items = this.rows();
    items.forEach((item) => this.#draw(item));
    const living = new Set(items.map((item) => item.signup));
    for (const [signup, row] of this.#people) {
      if (living.has(signup)) continue;
      row.remove();
      this.#people.delete(signup);
    }
    this.part("nobody").hidden = items.length > 0;
    this.#filter();
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
    part("state").textContent = fill(sentence, { time: whenOf(at) });
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
