// How numbers, times and ids are written for people.

const whole = new Intl.NumberFormat("en");
const clock = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat([], { dateStyle: "medium", timeStyle: "short", hourCycle: "h23" });

export const count = (n) => whole.format(n);
export const plural = (n, one, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;
export const timeOfDay = (timestamp) => clock.format(new Date(timestamp));
export const dateAndTime = (timestamp) => day.format(new Date(timestamp));

// "grnt_01HX…8K2Q" as "grnt_…8K2Q": the end is what differs between two that were made together.
export function shortId(id) {
  const at = id.indexOf("_") + 1;
  return id.length - at > 8 ? `${id.slice(0, at)}…${id.slice(-4)}` : id;
}

// "1000.0000" as "1,000", "0.5000" as "0.5".
export const money = (amount) => new Intl.NumberFormat("en", { maximumFractionDigits: 4 }).format(Number(amount));

const UNITS = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];

// Two units at most, the second one only where it says something: "3 min", "1 min 27 s", "2 h 33 min".
export function duration(seconds) {
  const left = Math.max(0, Math.round(seconds));
  const first = UNITS.findIndex(([, size]) => left >= size);
  if (first < 0) return "0 s";
  const [name, size] = UNITS[first];
  const second = UNITS[first + 1];
  const rest = second ? Math.floor((left % size) / second[1]) : 0;
  const head = `${Math.floor(left / size)} ${name}`;
  return rest > 0 && left < 10 * size ? `${head} ${rest} ${second[0]}` : head;
}
