// While this tablet is a kiosk the scanner's pages, with their names and their undo, lead back to it whoever types their
// address: only the PIN leads out. Imported before anything else of a page, and asks no server.

import { heldSession } from "./pin.js";

function leadBack() {
  const session = heldSession();
  if (!session) return;
  document.documentElement.hidden = true; // until the other page is there
  location.replace(`/scan/${session}/kiosk`);
}

leadBack();
window.addEventListener("pageshow", ({ persisted }) => persisted && leadBack()); // the way back in the history
