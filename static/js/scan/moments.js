// Days and times in words, by the city's clock, whatever the phone's is set to.

// 下午3:50 and 11月28日（周六） as on every page of the server's; 15:50 in English. The kiosk changes its language.
const zone = { timeZone: "Asia/Shanghai" };
const clock = new Intl.DateTimeFormat("en-GB", { ...zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const date = { zh: dates("zh-CN"), en: dates("en") };
const HALVES = [[6, "凌晨"], [12, "上午"], [13, "中午"], [18, "下午"], [24, "晚上"]]; // until that hour

function dates(language) {
  const day = new Intl.DateTimeFormat(language, { ...zone, month: "long", day: "numeric" });
  return { day, weekday: new Intl.DateTimeFormat(language, { ...zone, weekday: "short" }) };
}

let added = 0; // ms

// What must be added to this phone's clock, as soon as the server has said it.
export const setRight = (offset) => void (added = offset);

const isChinese = () => !document.documentElement.lang.startsWith("en");

function timeOf(moment) {
  if (!moment) return "";
  const time = clock.format(new Date(moment));
  if (!isChinese()) return time;
  const [hour, minute] = time.split(":");
  const half = HALVES.find(([until]) => Number(hour) < until)[1];
  return `${half}${half === "凌晨" ? Number(hour) : ((Number(hour) + 11) % 12) + 1}:${minute}`;
}

function dayOf(moment) {
  const { day, weekday } = isChinese() ? date.zh : date.en;
  const [said, name] = [day, weekday].map((one) => one.format(new Date(moment)));
  return isChinese() ? `${said}（${name}）` : `${name}, ${said}`;
}

const dayAndTime = (moment) => `${dayOf(moment)}${isChinese() ? "" : " "}${timeOf(moment)}`;

// The day is said where it is another one: a phone may be without network for days.
export function whenOf(moment) {
  if (!moment) return "";
  return dayOf(moment) === dayOf(Date.now() + added) ? timeOf(moment) : dayAndTime(moment);
}

// A moment noted by this phone's own clock.
export const whenHere = (moment) => (moment ? whenOf(moment + added) : "");

// The day and the half of the day are said once.
export function rangeOf(start, end) {
  if (dayOf(start) !== dayOf(end)) return `${dayAndTime(start)} – ${dayAndTime(end)}`;
  const [first, last] = [timeOf(start), timeOf(end)];
  return `${dayAndTime(start)}–${isChinese() && first.slice(0, 2) === last.slice(0, 2) ? last.slice(2) : last}`;
}
