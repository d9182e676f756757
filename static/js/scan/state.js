// How this phone stands: which session, with or without network, how much waits, whether it may still scan.

import { fill, parts } from "./answer.js";
import { refill } from "./dom.js";
import { isForgetful } from "./lasting.js";
import { rangeOf, whenHere } from "./moments.js";

// Tells `say` the session's title and when it is: from the list, else from what the server last said.
export function titledBy({ pack, hello }, say) {
  const session = pack?.session ?? hello?.sessions?.find((one) => location.pathname.includes(one.id));
  if (!session) return;
  say(session.title, rangeOf(session.starts_at, session.ends_at), session);
}

export class State {
  constructor({ root, words, engine }) {
    Object.assign(this, { root, words, engine, part: parts(root) });
  }

  titled() {
    titledBy(this.engine, (name, when, { subtitle, venue }) => {
      const title = fill(this.words.titled, { title: name });
      this.part("title").textContent = title;
      document.title = title;
      const lines = [subtitle, when, venue].filter(Boolean);
      refill(this.part("when"), lines.map((line) => Object.assign(document.createElement("span"), { textContent: line })));
    });
  }

  show(now) {
    this.#network(now);
    this.#access(now);
    this.part("rehearsing").hidden = !now.rehearsal;
    this.root.classList.toggle("door-rehearses", now.rehearsal);
    this.part("list-age").textContent = now.packAt ? fill(this.words.listAge, { time: whenHere(now.packAt) }) : "";
  }

  #network({ online, since, waiting, carrying, packAt, volatile, access }) {
    const isAlone = !online && access === "ok";
    const { words, part } = this;
    part("offline").hidden = !isAlone;
    if (isAlone) {
      part("offline-title").textContent = fill(words.offlineTitle, { time: whenHere(since) });
      part("offline-text").textContent = packAt ? fill(words.offlineText, { n: waiting }) : words.offlineNoList;
    }
    const left = waiting + carrying;
    const sending = left && !isAlone ? fill(words.sending, { n: left }) : "";
    part("waiting").textContent = [sending, volatile && left ? words.volatile : ""].filter(Boolean).join(" ");
    part("waiting").hidden = !part("waiting").textContent;
    part("forgetful").hidden = !left || volatile || !isForgetful();
  }

  #access({ access }) {
    const { words, part } = this;
    const sentences = { signed_out: words.signedOutText, forbidden: words.forbiddenText, expired: words.expiredText };
    part("access").hidden = !(access in sentences);
    part("access-text").textContent = sentences[access] ?? "";
    const next = `?next=${encodeURIComponent(location.pathname)}`;
    const isPairing = access === "expired";
    part("access-link").textContent = isPairing ? words.pair : words.signIn;
    part("access-link").href = isPairing ? "/scan/pair" : `/sign-in${next}`;
    part("answer-sign-in").href = `/sign-in${next}`;
  }
}
