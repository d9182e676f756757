// Keeps the scanner's page on the phone, so that it opens without a network and costs nothing the second time.
// Served at /sw.js with `self.KEPU = {version, files}` before it; another version is another cache. What people did and
// who they are is never kept here: that is the journal's, in IndexedDB.

const { version, files } = self.KEPU;
const PREFIX = "kepu-scan-";
const CACHE = PREFIX + version;
// The page is the same for every session: one copy serves all.
const SHELLS = [
  [/^\/scan\/[0-9a-z]{18}$/, "/scan/*"],
  [/^\/scan\/[0-9a-z]{18}\/kiosk$/, "/scan/*/kiosk"],
];
const HOME = "/scan";
const HOME_PATIENCE = 3000; // ms; the list of sessions is asked for each time, the copy is for where there is no network

const keyOf = ({ pathname }) => SHELLS.find(([pattern]) => pattern.test(pathname))?.[1];

// What the page just loaded comes from the browser's own cache: it is not sent twice. Modules name each other without
// a digest, so they are asked for again.
const fresh = (file) => new Request(file, { cache: file.includes("?v=") ? "default" : "no-cache" });

async function keepFile(cache, file) {
  const response = await fetch(fresh(file));
  if (!response.ok) throw new Error(`${response.status} ${file}`);
  await cache.put(file, response);
}

const isPage = (response) => response.ok && !response.redirected && response.type === "basic";

// The pages of the version before, and those that are open now.
async function shellsToKeep() {
  const open = await self.clients.matchAll({ includeUncontrolled: true, type: "window" });
  const addresses = open.map((client) => client.url);
  for (const name of await caches.keys()) {
    if (!name.startsWith(PREFIX)) continue;
    const old = await caches.open(name);
    for (const [, key] of SHELLS) addresses.push((await old.match(key))?.url);
  }
  const found = new Map();
  for (const address of addresses) {
    const url = address ? new URL(address) : null;
    if (url && keyOf(url) && !found.has(keyOf(url))) found.set(keyOf(url), url.pathname);
  }
  return found;
}

async function keepShells(cache) {
  for (const [key, path] of await shellsToKeep()) {
    const response = await fetch(path, { credentials: "same-origin" }).catch(() => null);
    if (response && isPage(response)) await cache.put(key, response);
  }
}

async function fill() {
  const cache = await caches.open(CACHE);
  await Promise.all(files.map((file) => keepFile(cache, file)));
  await keepShells(cache);
  await self.skipWaiting();
}

async function tidy() {
  const old = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function shell(request, key) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(key);
  if (kept) return kept;
  try {
    const response = await fetch(request);
    if (isPage(response)) await cache.put(key, response.clone());
    return response;
  } catch (fault) {
    const older = await caches.match(key); // a new version came, and its page had not arrived yet
    if (older) return older;
    throw fault;
  }
}

async function home(request) {
  const cache = await caches.open(CACHE);
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), HOME_PATIENCE);
  try {
    const response = await fetch(request, { signal: stop.signal });
    if (isPage(response)) await cache.put(HOME, response.clone());
    return response;
  } catch {
    return (await cache.match(HOME)) ?? fetch(request);
  } finally {
    clearTimeout(timer);
  }
}

async function asset(request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(request, { ignoreSearch: true })) ?? fetch(request);
}

self.addEventListener("install", (event) => event.waitUntil(fill()));
self.addEventListener("activate", (event) => event.waitUntil(tidy()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  const key = request.mode === "navigate" && keyOf(url);
  if (key) event.respondWith(shell(request, key));
  else if (request.mode === "navigate" && url.pathname === HOME) event.respondWith(home(request));
  else if (url.pathname.startsWith("/static/")) event.respondWith(asset(request));
});
