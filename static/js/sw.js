// Keeps the scanner's page on the phone, so that it opens without a network and costs nothing the second time.
// Served at /sw.js with `self.KEPU = {version, files}` before it; another version is another cache. What people did and
// who they are is never kept here: that is the journal's, in IndexedDB.

const { version, files, later } = self.KEPU; // later: kept where a page of this phone says that it needs them
const PREFIX = "kepu-scan-";
const CACHE = PREFIX + version;
const OLDER = `${PREFIX}older`; // pages of a version before, until those of this one have arrived
// The page is the same for every session: one copy serves all.
const SHELLS = [
  [/^(\/scan\/[0-9a-z]{18})$/, "/scan/*", ""],
  [/^(\/scan\/[0-9a-z]{18})\/kiosk$/, "/scan/*/kiosk", "/kiosk"],
];
const HOME = "/scan";
const PATIENCE = 3000; // ms for a page of which there is a copy

// `?list` leads to the page that needs no script: asked for by the page itself where its script does not run.
const keyOf = ({ pathname, searchParams }) =>
  searchParams.has("list") ? undefined : SHELLS.find(([pattern]) => pattern.test(pathname))?.[1];
const sessionIn = ({ pathname }) => SHELLS.map(([pattern]) => pattern.exec(pathname)?.[1]).find(Boolean);

// What the page just loaded comes from the browser's own cache: it is not sent twice. Modules name each other without
// a digest, so they are asked for again.
const fresh = (file) => new Request(file, { cache: file.includes("?v=") ? "default" : "no-cache" });

async function keepFile(cache, file) {
  const response = await fetch(fresh(file));
  if (!response.ok) throw new Error(`${response.status} ${file}`);
  await cache.put(file, response);
}

const isPage = (response) => response.ok && !response.redirected && response.type === "basic";

// Sessions whose pages this phone may ask for: those that are open now, those of the versions before.
async function sessionsKnown() {
  const open = await self.clients.matchAll({ includeUncontrolled: true, type: "window" });
  const addresses = open.map((client) => client.url);
  for (const name of await caches.keys()) {
    if (!name.startsWith(PREFIX)) continue;
    const old = await caches.open(name);
    for (const [, key] of SHELLS) addresses.push((await old.match(key))?.url);
  }
  return new Set(addresses.filter(Boolean).map((address) => sessionIn(new URL(address))).filter(Boolean));
}

// (AbortSignal.timeout would do it, but Chrome has it since 103 and Safari since 16.)
async function patiently(request, how = {}) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE);
  try {
    return await fetch(request, { ...how, signal: stop.signal });
  } finally {
    clearTimeout(timer);
  }
}

async function keepPage(cache, path, key) {
  const response = await patiently(path, { credentials: "same-origin" }).catch(() => null);
  if (!response || !isPage(response)) return false;
  await cache.put(key, response);
  return true;
}

// All of them, also those not opened yet: the tablet's page may be wanted first where there is no network.
async function keepPages(cache) {
  if (!(await cache.match(HOME))) await keepPage(cache, HOME, HOME); // where the icon on the home screen leads
  const sessions = await sessionsKnown();
  for (const [, key, tail] of SHELLS) {
    if (await cache.match(key)) continue;
    for (const session of sessions) if (await keepPage(cache, session + tail, key)) break;
  }
}

async function fill() {
  const cache = await caches.open(CACHE);
  await Promise.all(files.map((file) => keepFile(cache, file)));
  await keepPages(cache);
  await self.skipWaiting();
}

// Signed out, or the server was busy: what could not be had anew is kept as it was. An old page is better than none.
async function keepOlder(name) {
  const [cache, older, old] = await Promise.all([CACHE, OLDER, name].map((one) => caches.open(one)));
  for (const key of [HOME, ...SHELLS.map(([, one]) => one)]) {
    const page = (await cache.match(key)) ? null : await old.match(key);
    if (page) await older.put(key, page);
  }
}

async function tidy() {
  const old = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && ![CACHE, OLDER].includes(name));
  for (const name of old) await keepOlder(name);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

// From the server; where it does not answer, or only that it cannot, the copy we have.
async function page(request, key) {
  try {
    const response = await patiently(request);
    if (isPage(response)) await (await caches.open(CACHE)).put(key, response.clone());
    return response.status < 500 ? response : ((await copyOf(key)) ?? response);
  } catch {
    return (await copyOf(key)) ?? fetch(request);
  }
}

async function copyOf(key) {
  return (await (await caches.open(CACHE)).match(key)) ?? (await caches.open(OLDER)).match(key);
}

async function shell(request, key) {
  return (await (await caches.open(CACHE)).match(key)) ?? page(request, key);
}

async function asset(request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(request, { ignoreSearch: true })) ?? fetch(request);
}

async function keepAsked(file) {
  const cache = await caches.open(CACHE);
  if (later.includes(file) && !(await cache.match(file))) await keepFile(cache, file).catch(() => {});
}

self.addEventListener("install", (event) => event.waitUntil(fill()));
self.addEventListener("activate", (event) => event.waitUntil(tidy()));
// From a page: one that was opened while this was being installed has come past it, and would be kept only the next time.
self.addEventListener("message", (event) => {
  const { keep } = event.data ?? {};
  event.waitUntil(keep ? keepAsked(keep) : caches.open(CACHE).then(keepPages));
});
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  const key = request.mode === "navigate" && keyOf(url);
  if (key) event.respondWith(shell(request, key));
  else if (request.mode === "navigate" && url.pathname === HOME) event.respondWith(page(request, HOME));
  else if (url.pathname.startsWith("/static/")) event.respondWith(asset(request));
});
