// The list of sessions, opened from the phone's own copy: says that there is no network, and how old the list is.

import "./held.js";
import { fill } from "./answer.js";
import { whenOf } from "./moments.js";
import { Network } from "./network.js";

const PATIENCE = 8000; // ms
const AWAY = ["network", "slow", "server"];
const note = document.getElementById("old-list");
const text = note.querySelector("[data-text]");

async function look() {
  const isAway = await new Network().hello(PATIENCE).then(() => false, ({ kind }) => AWAY.includes(kind));
  if (!isAway && !note.hidden) return location.reload();
  text.textContent = fill(text.dataset.text, { time: whenOf(note.dataset.made) });
  note.hidden = !isAway;
}

window.addEventListener("online", look);
look();
