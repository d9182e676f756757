// The service worker keeps the page itself on the phone: it opens without a network, and costs nothing the second time.

let asked = false;

export function install() {
  if (asked || !("serviceWorker" in navigator)) return; // plain http, WeChat on old phones: works online all the same
  asked = true;
  navigator.serviceWorker
    .register("/sw.js", { scope: "/scan" })
    .then(() => navigator.serviceWorker.ready)
    .then(({ active }) => active.postMessage("keep this page"))
    .catch(() => {});
}
