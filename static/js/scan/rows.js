// Where the journal's rows lie: on the disk of this browser, or in memory where it has none to give.

import { openDB } from "../../vendor/idb.js";

const NAME = "kepuxing";
const VERSION = 1;
const STORES = ["meta", "links", "packs", "bundles"];
const KEYS = { links: "order", packs: "session", bundles: "id" };

function upgrade(database) {
  database.createObjectStore("meta");
  const links = database.createObjectStore("links", { keyPath: "order", autoIncrement: true });
  links.createIndex("nonce", "nonce", { unique: true });
  links.createIndex("waiting", "waiting");
  links.createIndex("session", "session");
  database.createObjectStore("packs", { keyPath: "session" });
  database.createObjectStore("bundles", { keyPath: "id" });
}

// What a chain looked like when its next link was sealed, and looks like now: equal, or somebody was faster.
const isSame = (one, other) =>
  one?.id === other?.id && one?.counter === other?.counter && one?.mac === other?.mac;

export class Disk {
  static async open() {
    const database = await openDB(NAME, VERSION, {
      upgrade,
      blocking: () => database.close(), // a newer page wants to change the tables
    });
    return new Disk(database);
  }

  constructor(database) {
    this.database = database;
  }

  get(store, key) {
    return this.database.get(store, key);
  }

  find(index, key) {
    return this.database.getFromIndex("links", index, key);
  }

  all(store, index, key, limit) {
    if (index) return this.database.getAllFromIndex(store, index, key, limit);
    return this.database.getAll(store);
  }

  count(index, key) {
    return this.database.countFromIndex("links", index, key);
  }

  // Everything or nothing, and on the disk when it returns. `chain` is what the chain must still look like.
  // Gives the keys of what was put, or null when another page of this phone was faster.
  async write({ put = [], remove = [], chain }) {
    const transaction = this.database.transaction(STORES, "readwrite", { durability: "strict" });
    if (chain !== undefined && !isSame(chain, await transaction.objectStore("meta").get("chain"))) {
      await transaction.done;
      return null;
    }
    const written = put.map(([store, row, key]) => transaction.objectStore(store).put(row, key));
    for (const [store, key] of remove) transaction.objectStore(store).delete(key);
    const keys = await Promise.all(written);
    await transaction.done;
    return keys;
  }
}

export class Memory {
  #tables = new Map(STORES.map((name) => [name, new Map()]));
  #order = 0;

  // Goes on where a full disk stopped. The chain stays behind: two rows of one chain must never grow apart.
  static async after(disk) {
    const made = new Memory();
    for (const store of ["links", "packs", "bundles"]) {
      for (const row of await disk.all(store).catch(() => [])) await made.write({ put: [[store, row]] });
    }
    return made;
  }

  async get(store, key) {
    return this.#tables.get(store).get(key);
  }

  async find(index, key) {
    return (await this.all("links")).find((row) => row[index] === key);
  }

  async all(store, index, key, limit = Infinity) {
    const rows = [...this.#tables.get(store).values()];
    return rows.filter((row) => !index || row[index] === key).slice(0, limit);
  }

  async count(index, key) {
    return (await this.all("links", index, key)).length;
  }

  async write({ put = [], remove = [], chain }) {
    if (chain !== undefined && !isSame(chain, this.#tables.get("meta").get("chain"))) return null;
    const keys = put.map(([store, row, key]) => {
      if (store === "links") row.order ??= this.#order + 1;
      const name = key ?? row[KEYS[store]];
      if (store === "links") this.#order = Math.max(this.#order, name);
      this.#tables.get(store).set(name, row);
      return name;
    });
    for (const [store, key] of remove) this.#tables.get(store).delete(key);
    return keys;
  }
}
