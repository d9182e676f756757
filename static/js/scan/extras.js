// What the scanner does besides codes: people who had not signed up, counting, everyone out, rehearsing.

import { fill, kindOf, parts } from "./answer.js";
import { openDialog } from "./dialogs.js";
import { refill } from "./dom.js";
import { called } from "./names.js";
import { stateOf } from "./roster.js";

export class Extras {
  #online = true;
  #rehearses = false;

  // take(request, method), ask(question, yes, no) and say(result, direction, link) are the page's.
  constructor({ root, words, engine, session, take, ask, say }) {
    Object.assign(this, { root, words, engine, session, take, ask, say, part: parts(root) });
    this.part("walk-in").addEventListener("submit", (event) => this.#walkIn(event));
    this.part("heads").addEventListener("submit", (event) => this.#heads(event));
    this.part("unannounced").addEventListener("toggle", () => this.#positions());
    this.part("everyone-out").addEventListener("click", () => this.#everyoneOut());
    this.part("rehearse").addEventListener("click", () => this.engine.setRehearsal(!this.engine.state.rehearsal));
    this.part("kiosk").href = `/scan/${session}/kiosk`;
  }

  show({ online, rehearsal }) {
    this.#online = online;
    this.#rehearses = rehearsal;
    this.part("rehearse").setAttribute("aria-pressed", String(rehearsal));
  }

  #positions() {
    const places = (this.engine.pack?.positions ?? []).filter((one) => one.walk_in);
    const list = this.root.querySelector("#walk-in-position");
    const chosen = list.value;
    refill(list, places.map(({ id, name }) => new Option(name, id, false, id === chosen)));
    this.part("walk-in-place").hidden = places.length < 2;
  }

  async #walkIn(event) {
    event.preventDefault();
    const { name, position } = event.target.elements;
    const form = event.target;
    const typed = name.value.trim();
    this.#positions();
    const listed = called(this.engine.rows(), typed);
    const chosen = listed.length ? await this.#isItOneOf(listed) : "another";
    if (!chosen) return;
    if (chosen === "another") {
      const newcomer = { kind: "walk_in", what: `${position.value} ${typed}`, name: typed, direction: "in" };
      await this.#once(form, { ...newcomer, sure: listed.length > 0 });
    } else {
      await this.#once(form, { kind: "roster", what: chosen, name: typed, direction: "in" });
    }
  }

  // People of that name are on the list: the sign-up chosen, "another" for none of them, "" for going back.
  #isItOneOf(listed) {
    const dialog = this.part("is-it");
    const one = parts(this.part("is-it-form").querySelector("template").content);
    const drawn = listed.map((row) => {
      const made = one("is-it-one").cloneNode(true);
      const part = parts(made);
      part("is-it-name").textContent = row.display_name;
      const tail = row.tail ? fill(this.words.tail, { tail: row.tail }) : "";
      part("is-it-more").textContent = [row.position, tail, stateOf(row, this.words)].filter(Boolean).join(" · ");
      part("is-it-yes").value = row.signup;
      return made;
    });
    refill(this.part("is-it-list"), drawn);
    openDialog(dialog);
    return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true }));
  }

  // A second tap while the answer is awaited would be a second person. What was refused may be said again as it was.
  async #once(form, request) {
    if (form.dataset.sent) return;
    form.dataset.sent = "yes";
    try {
      const result = await this.take(request, "typed");
      if (kindOf(result) !== "refused") form.querySelector("input:not([type=hidden])").value = "";
    } finally {
      delete form.dataset.sent;
    }
  }

  async #heads(event) {
    event.preventDefault();
    const { count, audience } = event.target.elements;
    const what = `${Number.parseInt(count.value, 10)} ${audience.value}`;
    await this.#once(event.target, { kind: "heads", what, name: `${count.value} ${audience.value}`, direction: "in" });
  }

  async #everyoneOut() {
    const { words } = this;
    if (this.#rehearses) return this.#rehearsedOut();
    if (!this.#online) return this.say({ outcome: "refused", detail: words.everyoneOffline }, "out");
    if (!(await this.ask(words.confirmEveryone, words.everyoneOut, words.notNow))) return undefined;
    const headers = { Accept: "application/json", "X-Kepu-Device": "1", "X-CSRFToken": this.engine.csrf };
    const answer = await fetch(`/scan/${this.session}/check-out`, { method: "POST", headers }).catch(() => null);
    const body = answer?.ok ? await answer.json().catch(() => null) : null;
    if (!body) return this.say({ outcome: "refused", detail: words.everyoneOffline }, "out");
    this.engine.refresh();
    return this.say({ outcome: "everyone", n: body.left }, "out");
  }

  // The server would check out those who are really there: a rehearsal takes them one by one, and needs no network.
  async #rehearsedOut() {
    const { words } = this;
    if (!(await this.ask(words.confirmEveryone, words.everyoneOut, words.notNow))) return undefined;
    const there = this.engine.rows().filter((row) => row.in_at && !row.out_at);
    for (const { signup, display_name: name } of there) {
      await this.engine.scan({ kind: "roster", what: signup, name, direction: "out", method: "roster" });
    }
    return this.say({ outcome: "everyone", n: there.length }, "out");
  }
}
