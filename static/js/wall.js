// The code on the hall's screen: another picture at every half minute of the server's clock, and a countdown.
// This machine's clock is never asked what time it is, only how much of it has passed.

const RETRY = 3000; // ms, while the server cannot be reached
const PATIENCE = 8000; // ms for one answer

const wall = document.querySelector("#wall");
const picture = wall.querySelector(".qr-image");
const line = document.querySelector("#wall-left");
const seconds = document.querySelector("#wall-seconds");
const trouble = document.querySelector("#wall-trouble");

const isClosed = picture === null; // another picture is no longer, or not yet, to be had
let ends = performance.now() + 1000 * Number(wall.dataset.left ?? 0);
let isAsking = false;
let asksAgain = 0;

async function renew() {
  isAsking = true;
  const patience = new AbortController(); // AbortSignal.timeout is younger than many halls' screens
  const ending = setTimeout(() => patience.abort(), PATIENCE);
  try {
    const answer = await fetch(wall.dataset.now, {
      headers: { Accept: "application/json" },
      cache: "no-store",
      signal: patience.signal,
    });
    if (answer.status === 401 || answer.status === 403) location.reload(); // says why
    if (!answer.ok) throw new Error(String(answer.status));
    const now = await answer.json();
    if ((now.picture === null) !== isClosed) {
      location.reload();
      return;
    }
    if (isClosed) {
      asksAgain = performance.now() + RETRY;
      return;
    }
    picture.src = now.picture;
    ends = performance.now() + 1000 * now.left;
    trouble.hidden = true;
  } catch {
    if (!isClosed) trouble.hidden = false;
    asksAgain = performance.now() + RETRY;
  } finally {
    clearTimeout(ending);
    isAsking = false;
  }
}

function tick() {
  const left = Math.ceil((ends - performance.now()) / 1000);
  if (!isClosed) line.hidden = left <= 0;
  if (left > 0) seconds.textContent = String(left);
  else if (!isAsking && performance.now() >= asksAgain) renew();
}

setInterval(tick, 250);
// A screen that slept shows an old code for as short as possible.
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && !isAsking) renew();
});
// The hall's screen must not go dark; browsers without this keep what the machine is set to.
async function stayAwake() {
  try {
    await navigator.wakeLock?.request("screen");
  } catch {
    // not allowed now, e.g. on low battery
  }
}
stayAwake();
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) stayAwake();
});
