// Watches what the alarm does to a device, and breaks it where a test wants that.

import { until } from "./browser.js";

/** What an alarm is noticed by, as the page names it. */
export const CHANNELS = [
  "Vibration",
  "Sound",
  "Notification",
  "Red page",
  "Screen stays on",
  "Tab icon and title",
  "App badge",
];

/** Runs in the page before anything else: notes every call in `window.spied`, and lets those in `broken` throw. */
export function spy(broken = []) {
  const spied = { vibrations: [], tones: [], notices: [], badges: [], locks: 0 };
  window.spied = spied;
  const replace = (owner, name, note, real) => {
    Object.defineProperty(owner, name, {
      configurable: true,
      value(...args) {
        if (broken.includes(name)) {
          throw new Error(`${name} is broken`);
        }
        note(this, ...args);
        return real(this, args);
      },
    });
  };
  // No motor here, but one would have turned.
  replace(Navigator.prototype, "vibrate", (_, pattern) => spied.vibrations.push(pattern), () => true);
  const start = OscillatorNode.prototype.start;
  replace(
    OscillatorNode.prototype,
    "start",
    (tone) => spied.tones.push({ hertz: tone.frequency.value, state: tone.context.state }),
    (tone, args) => start.apply(tone, args),
  );
  const resume = AudioContext.prototype.resume;
  replace(AudioContext.prototype, "resume", () => {}, (context) => resume.call(context));
  const show = ServiceWorkerRegistration.prototype.showNotification;
  replace(
    ServiceWorkerRegistration.prototype,
    "showNotification",
    (_, title, options) => spied.notices.push({ title, ...options }),
    (registration, args) => show.apply(registration, args),
  );
  replace(Navigator.prototype, "setAppBadge", (_, count) => spied.badges.push(count), () => Promise.resolve());
  replace(Navigator.prototype, "clearAppBadge", () => spied.badges.push(0), () => Promise.resolve());
  // A browser without a screen refuses.
  const lock = { released: false, release: () => Promise.resolve() };
  addEventListener("DOMContentLoaded", () => {
    for (const [name, selector] of [["colour", ":root"], ["icon", "link[rel=icon]"]]) {
      if (broken.includes(name)) {
        document.querySelector(selector).setAttribute = () => {
          throw new Error(`${name} is broken`);
        };
      }
    }
  });
  replace(WakeLock.prototype, "request", () => (spied.locks += 1), () => Promise.resolve(lock));
}

/** What was noted so far, and what can be seen. */
export function noticed(page) {
  return page.evaluate(() => ({
    ...window.spied,
    red: document.documentElement.classList.contains("is-alarm"),
    ground: getComputedStyle(document.documentElement).backgroundColor,
    title: document.title,
    icon: document.querySelector("link[rel=icon]").getAttribute("href"),
  }));
}

/** Waits until something was noticed. */
export function untilNoticed(page, what, condition) {
  return until(what, async () => {
    const seen = await noticed(page);
    return condition(seen) ? seen : undefined;
  });
}

/** The line of a channel, or of anything else that works or not. */
export function line(page, name) {
  return page.getByRole("listitem").filter({ has: page.getByText(name, { exact: true }) });
}

/** The words in large: armed, not armed, or what rings. */
export function headline(page) {
  return page.getByTestId("alarm");
}

/** Waits until the page's worker looks after it. */
export function untilWorker(page) {
  return until("a service worker", () => page.evaluate(() => navigator.serviceWorker.controller !== null));
}

/** Arms the alarm as a user does. */
export async function arm(page) {
  await page.getByRole("button", { name: "Arm", exact: true }).click();
  await page.getByRole("button", { name: /^(Disarm|Acknowledge)$/ }).waitFor();
}
