// What the page loads apart from the live picture and its chart: when that comes, and what is said while it does not.

import assert from "node:assert/strict";
import { LOGGED_OUT, until } from "../lib/browser.js";
import { button, history, untilBars, viewed } from "../lib/history.js";
import { makeStill } from "../lib/media.js";
import { scene } from "../lib/scene.js";
import { enter, untilStatus } from "../lib/user.js";

/** The file with the rest of the page. */
const REST = /\/rtm2-rest-[0-9a-f]{16}\.wasm$/;
const options = { expected: [LOGGED_OUT, /net::ERR_FAILED/, /Failed to fetch/] };

async function still(folder) {
  return ["--source", `file:${await makeStill(folder)}?loop&fps=10`];
}

/** Makes the page do without a worker, which would answer in the server's place. */
function withoutWorker(page) {
  return page.addInitScript(() => delete Navigator.prototype.serviceWorker);
}

/** Collects what the page asks for, in order, with when an answer was there: `{ path, ended }`. */
function watch(page) {
  const asked = [];
  page.on("request", (request) => asked.push({ path: new URL(request.url()).pathname, request }));
  page.on("requestfinished", (request) => {
    const found = asked.find((entry) => entry.request === request);
    if (found) {
      found.before = asked.length;
    }
  });
  return asked;
}

scene("the live page comes first, and the rest after it without being asked for", { prepare: still, page: options }, async ({ server, page }) => {
  await withoutWorker(page);
  const asked = watch(page);
  await enter(page, server);
  await untilStatus(page, /^online$/);
  await until("the rest of the page", async () => asked.some(({ path }) => REST.test(path)));
  const rest = asked.findIndex(({ path }) => REST.test(path));
  const first = asked.find(({ path }) => path.endsWith("_bg.wasm"));
  assert.ok(first.before <= rest, "the rest was asked for before the first half was there");
  assert.ok(asked.findIndex(({ path }) => path.endsWith("/bars")) < rest, "the rest was asked for before the chart's bars");
  assert.equal(asked.filter(({ path }) => REST.test(path)).length, 1);
});

scene("an address that needs the rest has it named beside the page", { prepare: still, page: options }, async ({ server, page }) => {
  const link = async (address) => (await page.request.get(server.url + address)).headers().link;
  for (const address of ["/history", "/settings", "/alarm", "/readiness", "/setup"]) {
    const [, path] = /^<([^>]+)>; rel=preload; as=fetch/.exec(await link(address)) ?? [];
    assert.match(path ?? "", REST, address);
    const answer = await page.request.get(server.url + path);
    assert.equal(answer.headers()["content-type"], "application/wasm");
    assert.match(answer.headers()["cache-control"], /immutable/);
  }
  assert.deepEqual([await link("/"), await link("/login")], [undefined, undefined]);
  // Loaded once, not once because it was named and once because it was needed.
  await withoutWorker(page);
  const asked = watch(page);
  await enter(page, server, "/settings");
  await page.getByRole("heading", { name: "Settings" }).waitFor();
  assert.equal(asked.filter(({ path }) => REST.test(path)).length, 1);
});

scene("while the rest cannot be had that is said, and another try gets it", { page: options }, async ({ server, page }) => {
  await withoutWorker(page);
  await page.route(REST, (route) => route.abort());
  await enter(page, server);
  await untilStatus(page, /^online$/);
  await untilBars(page);
  // The chart steps without it; the frame's own picture waits for it.
  await button(page, "Last").click();
  const alert = history(page).getByRole("alert").filter({ hasText: "could not be loaded" });
  await alert.waitFor();
  await page.getByRole("link", { name: "Alarm" }).click();
  const main = page.getByRole("main");
  await main.getByRole("alert").filter({ hasText: "could not be loaded" }).waitFor();
  await page.unroute(REST);
  await main.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("heading", { name: "Alarm" }).waitFor();
  await page.getByRole("link", { name: "Live", exact: true }).click();
  await untilBars(page);
  await button(page, "Last").click();
  await viewed(page);
});

scene("a key that plays or skips fetches the player and is not lost", { page: options }, async ({ server, page }) => {
  await withoutWorker(page);
  let open;
  const opened = new Promise((resolve) => (open = resolve));
  await page.route(REST, (route) => opened.then(() => route.continue()));
  await enter(page, server);
  await untilStatus(page, /^online$/);
  await untilBars(page);
  await history(page).locator(".history-stage").focus();
  await page.keyboard.press("p");
  await history(page).getByRole("status").filter({ hasText: "Loading …" }).waitFor();
  open();
  await viewed(page);
});
