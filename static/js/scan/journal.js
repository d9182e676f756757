// Everything this phone scanned, in the order it was scanned. Several pages of one phone share one journal and one
// chain: whoever seals a link shows what the chain looked like, and begins again where another page was faster.
//
// A row: {order, nonce, session, chain, link, name, said, final, waiting, settledAt, againAt}. `said` is what the phone itself
// answered, `final` what the server did. waiting: 1 to be sent, 2 the server does not take it; absent: settled.
// No name lies open on the disk: those of the list come from the pack (vault.js), others are hidden by hiding.js.

import { canSeal, importChainKey, macOf } from "./chain.js";
import { hidden, hiddenBundle, hiddenPack, shown, shownBundles, shownPack } from "./hiding.js";
import { Disk, Memory } from "./rows.js";
import { newId } from "./store.js";

const BUSY = 4500; // ms another page may take for the scan it is asking about
const LOOK_AGAIN = 40; // ms
const OPENING = 4000; // ms a browser may take to open its store; some never answer
const AGAIN = 3600_000; // ms before what the server seems to have lost is sent once more: some links it cannot keep
const KEPT_FOR = 3 * 24 * 3600_000; // ms a settled row is kept, to be looked at and undone

const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));

export class Journal {
  volatile = false;
  #busy = "";
  #open = new Map(); // session → the list, where nothing can be hidden

  static async open() {
    const journal = new Journal();
    try {
      journal.rows = await Promise.race([Disk.open(), pause(OPENING).then(() => Promise.reject(new Error("store")))]);
      await journal.#tidy();
    } catch {
      journal.rows = new Memory(); // private windows of some browsers
      journal.volatile = true;
    }
    return journal;
  }

  // Without a seal the phone's own answers could not be proved, so it gives none.
  get canJudge() {
    return canSeal();
  }

  // --- notes

  note(name) {
    return this.rows.get("meta", name);
  }

  // Written only where it says something new: this runs twice a minute, all day.
  async keepNew(name, value) {
    if (JSON.stringify(await this.note(name)) !== JSON.stringify(value)) await this.keep(name, value);
  }

  keep(name, value) {
    return this.#write({ put: [["meta", value, name]] });
  }

  // --- the chain

  async chain() {
    const chain = await this.note("chain");
    return chain && canSeal() ? chain : null;
  }

  async beginChain({ chain, device }) {
    const key = await importChainKey(chain.key);
    await this.keep("chain", { id: chain.id, key, device, counter: 0, mac: "", busy: "", busyUntil: 0 });
    await this.sealLoose();
  }

  dropChain() {
    return this.#write({ remove: [["meta", "chain"]] });
  }

  // --- scans

  // Writes a scan down. `ask`: this page is about to ask the server for the answer, nobody else sends it meanwhile.
  async append(draft, { name = "", said = null, ask = false }) {
    const row = { nonce: draft.nonce, session: draft.session, chain: null, link: draft, name, said, waiting: 1 };
    return this.#seal(row, ask ? draft.nonce : "");
  }

  // What had no chain yet gets its place in it, in the order it was scanned.
  async sealLoose() {
    for (const row of await this.waiting()) if (!row.chain) await this.#seal(row, "");
  }

  async #seal(row, busy) {
    for (;;) {
      const chain = await this.chain();
      if (!chain) return this.#store(row, undefined, []);
      if (chain.busy && chain.busy !== this.#busy && this.#stillBusy(chain)) {
        await pause(LOOK_AGAIN);
        continue;
      }
      const link = { ...row.link, counter: chain.counter + 1, prev: chain.mac };
      link.mac = await macOf(chain.id, chain.key, link);
      const next = { ...chain, counter: link.counter, mac: link.mac, busy, busyUntil: busy ? Date.now() + BUSY : 0 };
      const stored = await this.#store({ ...row, chain: chain.id, link }, chain, [["meta", next, "chain"]]);
      if (!stored) continue;
      this.#busy = busy;
      return stored;
    }
  }

  #stillBusy({ busyUntil }) {
    const left = busyUntil - Date.now();
    return left > 0 && left <= BUSY; // longer: somebody set the clock back
  }

  async #store(row, chain, more) {
    const keys = await this.#write({ put: [["links", row], ...more], chain });
    return keys && { ...row, order: keys[0] };
  }

  // No answer came in time: the phone answered by itself, and the same link is sealed again saying so.
  async sealAgain(row, changes, said) {
    const link = { ...row.link, ...changes };
    const chain = await this.chain();
    const isLast = chain?.id === row.chain && chain?.mac === row.link.mac;
    if (!isLast) {
      // Another page went on meanwhile, or the chain is another: what the phone answered becomes a scan of its own.
      const { counter: _counter, prev: _prev, mac: _mac, ...draft } = link;
      return this.append({ ...draft, nonce: newId() }, { name: row.name, said });
    }
    link.mac = await macOf(chain.id, chain.key, link);
    const next = { ...chain, mac: link.mac, busy: "", busyUntil: 0 };
    const stored = await this.#store({ ...row, link, said }, chain, [["meta", next, "chain"]]);
    this.#busy = "";
    return stored ?? this.sealAgain(row, changes, said);
  }

  async #release() {
    const chain = await this.chain();
    if (chain?.busy && chain.busy === this.#busy) {
      await this.#write({ put: [["meta", { ...chain, busy: "", busyUntil: 0 }, "chain"]], chain });
    }
    this.#busy = "";
  }

  // The page no longer waits for an answer to it; it stays to be sent.
  async letGo(row, said) {
    await this.#release();
    await this.#write({ put: [["links", { ...row, said }]] });
  }

  // answers: [[row, what the server said]].
  async settle(answers) {
    const settledAt = Date.now();
    const put = answers.map(([row, final]) => {
      const { waiting: _waiting, ...rest } = row;
      return ["links", { ...rest, final, settledAt }];
    });
    await this.#write({ put });
    if (this.#busy && answers.some(([row]) => row.nonce === this.#busy)) await this.#release();
  }

  // What was settled before the server was asked what it has of our chain, and is not among it, waits again. A nonce
  // that it knows after all gets its first answer. Whether there is any.
  async sendAgain({ counter, missing }, askedAt) {
    const chain = await this.chain();
    if (!chain || (chain.counter <= counter && !missing.length)) return false;
    const isMissing = ({ link }) =>
      link.counter > counter || missing.some(([first, last]) => first <= link.counter && link.counter <= last);
    const isDue = ({ againAt = 0 }) => Math.abs(Date.now() - againAt) > AGAIN;
    const rows = (await this.rows.all("links")).filter(
      (row) => !row.waiting && row.settledAt < askedAt && row.chain === chain.id && isMissing(row) && isDue(row),
    );
    if (!rows.length) return false;
    // Without its settledAt: no list of the server's knows of it.
    const again = rows.map(({ settledAt: _settledAt, ...row }) => ({ ...row, waiting: 1, againAt: Date.now() }));
    await this.#write({ put: again.map((row) => ["links", row]) });
    return true;
  }

  setAside(row) {
    return this.#write({ put: [["links", { ...row, waiting: 2 }]] });
  }

  // --- reading

  // Oldest first, without what a page is asking about at this moment.
  async waiting(limit) {
    const rows = await this.rows.all("links", "waiting", 1, limit);
    const chain = await this.chain();
    const asked = chain?.busy && this.#stillBusy(chain) ? rows.findIndex((row) => row.nonce === chain.busy) : -1;
    return shown(asked < 0 ? rows : rows.slice(0, asked));
  }

  async countWaiting() {
    return { open: await this.rows.count("waiting", 1), aside: await this.rows.count("waiting", 2) };
  }

  async unsent() {
    const rows = [...(await this.rows.all("links", "waiting", 1)), ...(await this.rows.all("links", "waiting", 2))];
    return shown(rows.sort((one, other) => one.order - other.order));
  }

  async find(nonce) {
    const row = await this.rows.find("nonce", nonce);
    return row && (await shown([row]))[0];
  }

  async ofSession(session) {
    return shown(await this.rows.all("links", "session", session));
  }

  // --- packs and what other phones gave us to bring

  // {session, pack, at, askedAt}, or undefined.
  async pack(session) {
    const row = this.#open.get(session) ?? (await this.rows.get("packs", session));
    return row && shownPack(row);
  }

  // What is known of every list without its names: {session, over}.
  async packs() {
    return [...(await this.rows.all("packs")), ...this.#open.values()];
  }

  // Where nothing can be hidden (plain http) a list is kept no longer than the page is open.
  async keepPack(row) {
    if (canSeal()) await this.#write({ put: [["packs", await hiddenPack(row)]] });
    else this.#open.set(row.session, row);
  }

  // The server says that the list is still the same.
  async renewPack(session, moments) {
    const row = await this.rows.get("packs", session);
    if (row) await this.#write({ put: [["packs", { ...row, ...moments }]] });
  }

  removePack(session) {
    this.#open.delete(session);
    return this.#write({ remove: [["packs", session]] });
  }

  async bundles() {
    return shownBundles(await this.rows.all("bundles"));
  }

  async countCarried() {
    return (await this.rows.all("bundles")).reduce((sum, { count, links }) => sum + (count ?? links.length), 0);
  }

  async keepBundle(bundle) {
    return this.#write({ put: [["bundles", await hiddenBundle(bundle)]] });
  }

  removeBundle(id) {
    return this.#write({ remove: [["bundles", id]] });
  }

  // --- the disk

  // A disk that is full or gone must not lose a scan: it is kept in memory, and the page says so.
  async #write(given) {
    const change = { ...given, put: await hidden(given.put ?? []) };
    try {
      return await this.rows.write(change);
    } catch (fault) {
      if (this.volatile) throw fault;
      const memory = await Memory.after(this.rows);
      this.rows = memory;
      this.volatile = true;
      if (change.chain === undefined) return memory.write(change);
      return null; // whoever sealed begins again, now without a chain
    }
  }

  async #tidy() {
    const old = Date.now() - KEPT_FOR;
    const rows = await this.rows.all("links");
    const gone = rows.filter((row) => !row.waiting && row.settledAt < old).map((row) => ["links", row.order]);
    const again = rows.filter((row) => row.waiting === 2).map((row) => ["links", { ...row, waiting: 1 }]);
    if (gone.length || again.length) await this.#write({ put: again, remove: gone });
    for (const row of await this.rows.all("packs")) if (row.pack) await this.#hideOld(row);
  }

  // A list as an earlier version of this page kept it.
  #hideOld(row) {
    return canSeal() ? this.keepPack(row) : this.removePack(row.session);
  }
}
