// How people are told apart and found at the door: by any part of the name, the initials of its pinyin, the last digits of
// the phone, the short code. No screen and no storage here.

const MARKS = /[\s\u00b7\u2022\u2027\u2219\u22c5\u30fb.'’\u200b-\u200f\u2060\ufeff-]+/g; // middle dots, spaces, hyphens, what nobody sees
const DOUBLE = new Set("欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 司徒 夏侯 长孙 宇文 端木 南宫".split(" "));

// One spelling of a name for looking it up.
export const plain = (text) => String(text).normalize("NFKC").replace(MARKS, "").toUpperCase();

// 张*, 王**, 欧阳**: as the server masks names, for screens a crowd can read. A masked one stays as it is.
export function maskName(name) {
  const signs = Array.from(name);
  if (!signs.length) return "*";
  if (name.includes(" ") || name.charCodeAt(0) < 128) return `${signs[0]}**`;
  const keep = DOUBLE.has(signs.slice(0, 2).join("")) && signs.length > 2 ? 2 : 1;
  return signs.slice(0, keep).join("") + "*".repeat(Math.max(1, Math.min(signs.length - keep, 2)));
}

// What is written once about each person of a list, so that looking costs nothing.
export function findable({ name, code, tail = "", letters = "" }) {
  return { name: plain(name), code: code ?? "", tail, letters: letters.toUpperCase().split(" ").filter(Boolean) };
}

const EXACT = 0;
const BEGINS = 1;
const HOLDS = 2;
const NOT = 3;

function rank(word, text) {
  if (!text.includes(word)) return NOT;
  if (text === word) return EXACT;
  return text.startsWith(word) ? BEGINS : HOLDS;
}

// One letter is the beginning of initials; more may stand inside of them (小明 is xm).
function rankOfLetters(word, all) {
  const found = Math.min(NOT, ...all.map((letters) => rank(word, letters)));
  return word.length === 1 && found === HOLDS ? NOT : found;
}

function rankOfEnd(word, text) {
  if (!text.includes(word)) return NOT;
  return text.endsWith(word) && word.length >= 4 ? EXACT : HOLDS;
}

function best(word, { name, code, tail, letters }) {
  return Math.min(rank(word, name), rankOfLetters(word, letters), rankOfEnd(word, code), rankOfEnd(word, tail));
}

// Those of the list all words fit, whoever fits best first. Each of `people` has `find`, made by findable().
export function search(people, text) {
  const words = String(text).normalize("NFKC").split(/\s+/).map(plain).filter(Boolean);
  if (!words.length) return people;
  const ranked = people.map((one) => ({ one, at: Math.max(...words.map((word) => best(word, one.find))) }));
  const found = ranked.filter(({ at }) => at < NOT);
  return found.sort((left, right) => left.at - right.at).map(({ one }) => one);
}

// Those who are called exactly so.
export function called(people, name) {
  const wanted = plain(name);
  return wanted ? people.filter((one) => one.find.name === wanted) : [];
}
