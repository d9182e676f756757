// Safari, and every browser on an iPhone or iPad, deletes what a site has stored after seven days of use without a visit to
// it, unless the site was put on the home screen. That one has a store of its own.

const isApples = () => /^Apple/.test(navigator.vendor ?? "");
const isInstalled = () => navigator.standalone === true || matchMedia("(display-mode: standalone)").matches;

export const isForgetful = () => isApples() && !isInstalled();
