// Picking from the list: find by a part of the name, initials of the pinyin, the end of the phone or of the short code,
// then one big button.

import { fill, minorLine, parts } from "./answer.js";
import { whenOf } from "./moments.js";
import { search } from "./names.js";

const AT_ONCE = 100; // rows drawn; two thousand cost a second on an old phone

// Who has a place and is let in, or is here: by the hour and the door. All others: by what their sign-up is.
const keyOf = ({ status, state = status, in_at: cameIn, out_at: wentOut }) => {
  if (!cameIn && !["confirmed", "over"].includes(state)) return state;
  if (status !== "confirmed") return state;
  if (wentOut) return "gone";
  return cameIn ? "in" : "due";
};

// 上午9:12已签到, 还没到, 候补 …
export function stateOf(item, words) {
  const key = keyOf(item);
  const sentences = { due: words.notYet, in: words.inAt, gone: words.outAt };
  return fill(sentences[key] || words.states[key] || "", { time: whenOf(item.out_at || item.in_at) });
}

export class Roster {
  #people = new Map(); // signup → its row
  #drawn = AT_ONCE;

  // rows() gives the list as the phone knows it; pick({signup, name, direction}); confirm(question, yes, no) asks.
  constructor({ root, words, rows, pick, confirm }) {
    Object.assign(this, { root, words, rows, pick, confirm, part: parts(root) });
    this.list = this.part("people");
    this.box = this.part("roster");
    this.search = this.root.querySelector("#find");
    this.box.addEventListener("toggle", () => this.draw());
    this.search.addEventListener("input", () => this.#look());
    this.search.addEventListener("keydown", (event) => this.#enter(event));
    this.list.addEventListener("click", (event) => this.#press(event));
    this.part("more-people").addEventListener("click", () => this.#more());
  }

  // Opens the list at those whom the text finds; whether there is anybody.
  find(text) {
    const found = search(this.rows(), text);
    if (!found.length) return false;
    this.box.open = true;
    this.search.value = text;
    this.#look();
    this.search.scrollIntoView({ block: "start" });
    if (found.length === 1) this.#button(found[0].signup)?.focus();
    else this.search.focus();
    return true;
  }

  #button(signup) {
    return this.#people.get(signup)?.querySelector("button:not([hidden])");
  }

  // One is left: Enter goes on to the button, and does not press it.
  #enter(event) {
    if (event.key !== "Enter" || event.isComposing || this.#people.size !== 1) return;
    event.preventDefault();
    this.#button([...this.#people.keys()][0])?.focus();
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

  #look() {
    this.#drawn = AT_ONCE;
    this.draw();
  }

  #more() {
    this.#drawn += AT_ONCE;
    this.draw();
  }

  // Drawn while it is open. Rows that stay are not moved: whoever is about to press one still finds it there.
  draw() {
    if (!this.box.open) return;
    const all = this.rows();
    const wanted = this.search.value.trim();
    const found = search(all, wanted);
    let place = this.list.firstElementChild;
    for (const item of found.slice(0, this.#drawn)) {
      const row = this.#draw(item);
      if (row === place) place = place.nextElementSibling;
      else this.list.insertBefore(row, place);
    }
    while (place) place = this.#remove(place);
    this.#say(all.length, found.length, wanted);
  }

  #remove(row) {
    const next = row.nextElementSibling;
    row.remove();
    this.#people.delete(row.dataset.signup);
    return next;
  }

  #say(all, found, wanted) {
    const left = found - this.#people.size;
    this.part("nobody").hidden = all > 0;
    this.part("no-match").textContent = this.words.noMatch;
    this.part("no-match").hidden = found > 0 || !wanted || !all;
    this.part("more-people").hidden = left <= 0;
    this.part("more-people").textContent = fill(this.words.morePeople, { n: left });
  }

  #draw(item) {
    let row = this.#people.get(item.signup);
    if (!row) {
      row = this.root.querySelector('[data-pattern="person"]').content.firstElementChild.cloneNode(true);
      row.dataset.signup = item.signup;
      this.#people.set(item.signup, row);
    }
    const { words } = this;
    const part = parts(row);
    const tail = item.tail ? fill(words.tail, { tail: item.tail }) : "";
    const named = item.namesakes > 1 ? [item.display_name, tail].filter(Boolean).join(" ") : item.display_name;
    for (const name of row.querySelectorAll('[data-part="name"]')) name.textContent = named;
    part("who").textContent = item.display_name;
    part("same").textContent = fill(words.namesakes, { n: item.namesakes });
    part("same").hidden = !(item.namesakes > 1);
    part("position").textContent = item.position || "";
    part("tail").textContent = tail;
    part("code").textContent = item.short_code ? fill(words.code, { code: item.short_code.slice(-4) }) : "";
    const minor = minorLine(words, item.minor);
    part("minor").textContent = minor;
    part("minor").hidden = !minor;
    const key = keyOf(item);
    row.dataset.state = key;
    part("state").textContent = stateOf(item, words);
    part("in").hidden = key !== "due";
    part("out").hidden = key !== "in";
    return row;
  }
}
