// Between the journal and the server: asks about the scan at hand, hands in what waits, looks whether the network is
// back, and renews the list.

import { canSeal, digest } from "./chain.js";
import { overOf } from "./hiding.js";
import { adoptOld } from "./old.js";
import { deviceId, newId } from "./store.js";
import { Trouble } from "./network.js";

const BATCH = 500;
const SYNC_PATIENCE = 30_000; // ms
const HELLO_PATIENCE = 8000;
const QUICK = 2000; // ms; a server slower than that is no help to someone standing at the door
const PROBE = [5000, 7000, 10_000, 15_000]; // ms between looks whether the network is back
const RENEW = 30_000; // ms between looks at the list
const SOON = 500; // ms
const ACCESS = ["signed_out", "expired", "forbidden"];

export class Courier {
  device = null;
  hello = null;
  #greet = () => {};
  #greeted = new Promise((resolve) => (this.#greet = resolve));
  #running = null;
  #again = false; // asked to look while a round was under way, which may be past the place that matters
  #timer = 0;
  #failures = 0;
  #renewedAt = 0;
  #batch = BATCH;
  #stayAway = 0;
  #channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("kepu-scans") : null;

  constructor({ session, journal, network, door, late, changed, listed }) {
    Object.assign(this, { session, journal, network, door, late, changed, listed });
    this.state = { online: true, since: null, reason: "", access: "ok" };
  }

  // What is known without the server.
  async prepare() {
    window.addEventListener("online", () => this.wake());
    document.addEventListener("visibilitychange", () => document.hidden || this.wake());
    window.addEventListener("beforeunload", (event) => {
      if (this.journal.volatile && this.waiting) event.preventDefault();
    });
    if (this.#channel) this.#channel.onmessage = (event) => this.#otherPage(event);
    const since = (await this.journal.note("since")) ?? null;
    if (since) this.#turn({ online: false, since, reason: "network" }); // as it was when the page was closed
    this.network.offset = (await this.journal.note("offset")) ?? 0;
    this.device = (await this.journal.note("device")) ?? null;
    await adoptOld(this.journal);
    await this.count();
    await this.#dropOverPacks();
  }

  // --- the scan at hand

  // Waits for the first hello, but not for long: nobody can be asked before.
  helloed(patience) {
    if (!this.state.online) return null;
    return Promise.race([this.#greeted, new Promise((resolve) => setTimeout(resolve, patience))]);
  }

  // Only with nothing older still to be handed in: nobody may leave before their own arrival is known.
  mayAsk() {
    const canSend = this.chain || !canSeal();
    return this.state.online && this.state.access === "ok" && this.open === 0 && canSend && this.hello !== null;
  }

  // {final, counts}, or {reason} where no answer came in time.
  async ask(row, patience) {
    try {
      const body = await this.#hand([row], patience);
      const final = body.results[0];
      await this.journal.settle([[row, final]]);
      return { final, counts: body.counts?.[this.session] };
    } catch (fault) {
      await this.#fail(fault);
      return { reason: this.state.access === "ok" ? this.state.reason : this.state.access };
    }
  }

  // --- handing in

  #hand(rows, patience) {
    const [{ chain }] = rows;
    const links = rows.map((row) => row.link);
    const body = { chain, sent_at: new Date().toISOString(), links };
    if (!chain) body.device = deviceId(); // plain http: no chain, the browser's own name for itself
    const isOurs = chain === null || chain === this.chain?.id;
    return this.#read(isOurs ? this.network.post("/scan/links", body, patience) : this.#relay(body, patience), links);
  }

  #relay(body, patience) {
    return this.network.post("/scan/relay", { ...body, relay: true }, patience);
  }

  // An answer that does not answer every link is none.
  async #read(answering, links) {
    const body = await answering;
    if (!Array.isArray(body.results) || body.results.length !== links.length) throw new Trouble("server");
    return body;
  }

  async #handInAll() {
    for (;;) {
      const rows = await this.journal.waiting(BATCH);
      const same = rows.filter((row) => row.chain === rows[0].chain).slice(0, this.#batch);
      if (!same.length) return;
      try {
        await this.#settle(same, await this.#hand(same, SYNC_PATIENCE));
        this.#batch = BATCH;
      } catch (fault) {
        if (!(await this.#narrow(same, fault))) throw fault;
      }
      await this.count();
    }
  }

  async #settle(rows, { results }) {
    await this.journal.settle(rows.map((row, index) => [row, results[index]]));
    for (const [index, row] of rows.entries()) {
      if (row.session === this.session) this.door.add({ ...row, final: results[index], settledAt: Date.now() });
      const isNews = row.final?.outcome !== results[index].outcome; // not what was lost and is answered as before
      if (row.session === this.session && isNews) this.late(row, results[index]);
    }
    this.tellOtherPages(rows.map((row, index) => [row, results[index]]));
    this.listed();
  }

  // What a whole batch was refused for is one link's fault: look for it, put it aside, go on with the others.
  async #narrow(rows, fault) {
    if (fault.kind === "forbidden" && rows[0].chain && rows[0].chain === this.chain?.id) return this.#startOver();
    if (fault.kind !== "refused" && !(fault.kind === "forbidden" && rows[0].chain !== this.chain?.id)) return false;
    if (rows.length === 1) await this.journal.setAside(rows[0]);
    this.#batch = Math.max(1, Math.floor(rows.length / 2));
    return true;
  }

  // The chain is another account's or another pairing's: ours begins anew, the old one is brought as a stranger's.
  async #startOver() {
    await this.journal.dropChain();
    this.chain = null;
    await this.#ensureChain();
    return this.chain !== null;
  }

  async #ensureChain() {
    this.chain = await this.journal.chain();
    if (!canSeal() || (this.chain && this.chain.device === this.device?.id)) return;
    const given = await this.network.post("/scan/device", { device: this.chain?.device ?? null }, HELLO_PATIENCE);
    await this.#know(given.device);
    await this.journal.beginChain({ chain: given.chain, device: given.device.id });
    this.chain = await this.journal.chain();
  }

  // --- what other phones gave us

  async carry({ chain, device, links }) {
    const id = canSeal() ? await digest(JSON.stringify(links)) : newId();
    await this.journal.keepBundle({ id, chain, device, links });
    await this.count();
    this.soon();
  }

  async #bringAll() {
    for (const bundle of await this.journal.bundles()) {
      try {
        await this.#bring(bundle);
      } catch (fault) {
        if (!["refused", "forbidden"].includes(fault.kind)) throw fault;
        // Not taken from us: it stays, another scanner may bring it; our own scans go on.
      }
    }
  }

  async #bring({ id, chain, links }) {
    for (let first = 0; first < links.length; first += BATCH) {
      const part = links.slice(first, first + BATCH);
      const body = { chain, sent_at: new Date().toISOString(), links: part };
      await this.#read(this.#relay(body, SYNC_PATIENCE), part);
    }
    await this.journal.removeBundle(id);
    await this.count();
  }

  // --- one round: hello, chain, what waits, the list

  wake() {
    clearTimeout(this.#timer);
    this.#again = this.#running !== null;
    this.#running ??= this.#round().finally(() => {
      this.#running = null;
      this.#rest();
    });
    return this.#running;
  }

  // Soon: something waits. Not at once: the door has the next one before the camera.
  soon() {
    if (this.#running || !this.state.online) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.wake(), SOON);
  }

  #rest() {
    clearTimeout(this.#timer);
    const probe = PROBE[Math.min(this.#failures, PROBE.length) - 1] ?? PROBE[0];
    const isWanted = this.#again || (this.state.online && this.open > 0); // scanned after this round had handed in
    const pause = isWanted ? SOON : this.state.online ? RENEW : probe;
    this.#timer = setTimeout(() => this.wake(), Math.max(pause, this.#stayAway));
  }

  async #round() {
    try {
      await this.#sayHello();
      await this.#ensureChain();
      await this.journal.sealLoose();
      await this.#handInAll();
      this.#greet();
      await this.#renew();
      await this.#succeed();
      await this.#bringAll();
    } catch (fault) {
      await this.#fail(fault);
    } finally {
      this.#greet();
      await this.#dropOverPacks().catch(() => {}); // also where the network never came back
    }
  }

  async #sayHello() {
    const askedAt = Date.now();
    try {
      this.hello = await this.network.hello(HELLO_PATIENCE, await this.journal.chain());
    } catch (fault) {
      this.chain ??= await this.journal.chain();
      if (fault.body?.code === "device_revoked") this.changed({ revoked: true });
      if (fault.kind === "expired") await this.#takeLeave();
      throw fault;
    }
    const { device, signed_in_at: signedInAt } = this.hello;
    this.changed({ revoked: false, who: { device: device?.id ?? null, signedInAt: signedInAt ?? null } });
    await this.journal.keepNew("offset", this.network.offset);
    await this.#know(this.hello.device ?? (this.device?.kind === "browser" ? this.device : null));
    // Restored from a backup, it may have fewer of our links than it once answered.
    if (this.hello.chain && (await this.journal.sendAgain(this.hello.chain, askedAt))) await this.count();
  }

  // The pairing is over: what was scanned before is still taken, the names go.
  async #takeLeave() {
    await this.#forgetNames(await this.journal.packs());
    await this.#handInAll();
  }

  async #forgetNames(packs) {
    for (const { session } of packs) await this.journal.removePack(session);
    this.door.close();
    this.changed({ packAt: 0 });
    this.listed();
  }

  // Whose right to this session was taken away keeps no names of it.
  async #mayNot(fault) {
    if (fault.kind === "forbidden") await this.#forgetNames([this]);
    throw fault;
  }

  async #know(device) {
    this.device = device;
    await this.journal.keepNew("device", device);
  }

  // A pairing that has ended while there was no network has ended all the same.
  async checkPairing() {
    const ends = Date.parse(this.device?.expires_at ?? "");
    if (!(Date.now() + this.network.offset >= ends)) return;
    this.#turn({ access: "expired" });
    await this.#forgetNames(await this.journal.packs());
  }

  async #renew() {
    if (document.hidden && this.door.isOpen && Date.now() - this.#renewedAt < 5 * RENEW) return;
    const askedAt = Date.now();
    const pack = await this.network
      .pack(this.session, this.door.pack?.version, SYNC_PATIENCE)
      .catch((fault) => this.#mayNot(fault));
    this.#renewedAt = askedAt;
    const moments = { at: Date.now(), askedAt };
    if (pack) await this.#open({ session: this.session, pack, ...moments });
    else await this.#stillGood(moments);
    this.changed({ packAt: moments.at });
    this.listed();
  }

  async #open(row) {
    if (!this.#isOver(row)) await this.journal.keepPack(row);
    await this.door.open(row);
  }

  async #stillGood(moments) {
    await this.journal.renewPack(this.session, moments);
    this.door.renew(moments);
  }

  async #succeed() {
    this.#failures = 0;
    this.#stayAway = 0;
    if (this.network.roundTrip > QUICK) {
      this.#turn({ access: "ok" });
      return this.#off("slow");
    }
    await this.journal.keepNew("since", null);
    this.#turn({ online: true, since: null, reason: "", access: "ok" });
  }

  async #fail(fault) {
    if (!(fault instanceof Trouble)) console.error(fault);
    this.#failures += 1;
    this.#stayAway = fault.wait ?? 0;
    if (ACCESS.includes(fault.kind)) this.#turn({ access: fault.kind });
    this.#off(["network", "slow", ...ACCESS].includes(fault.kind) ? fault.kind : "server");
  }

  #off(reason) {
    const since = this.state.since ?? Date.now();
    if (!this.state.since) this.journal.keep("since", since).catch(() => {});
    this.#turn({ online: false, since, reason });
    if (!this.#running) this.#rest();
  }

  #turn(changes) {
    Object.assign(this.state, changes);
    this.changed(changes);
  }

  // --- what is where

  async count() {
    const { open, aside } = await this.journal.countWaiting();
    Object.assign(this, { open, waiting: open + aside });
    this.changed({ waiting: this.waiting, carrying: await this.journal.countCarried() });
  }

  #isOver(row) {
    return Date.now() + this.network.offset >= overOf(row);
  }

  // Names stay on a phone no longer than they are needed there.
  async #dropOverPacks() {
    await this.checkPairing();
    for (const row of await this.journal.packs()) if (this.#isOver(row)) await this.journal.removePack(row.session);
  }

  // Whoever stands before that page hears what became of the scans made there.
  tellOtherPages(settled = []) {
    this.#channel?.postMessage(settled);
  }

  async #otherPage({ data }) {
    this.door.replay(await this.journal.ofSession(this.session));
    await this.count();
    for (const [row, answer] of data) if (row.session === this.session) this.late(row, answer);
    this.listed();
    if (data.length && !this.state.online) this.wake();
  }
}
