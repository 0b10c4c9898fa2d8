// The first chart: in the document of the history, until the page has painted its own in the very same place.

import assert from "node:assert/strict";
import { assertNoProblems, LOGGED_OUT, until } from "../lib/browser.js";
import { history, untilBars } from "../lib/history.js";
import { scene } from "../lib/scene.js";
import { enter, storedBars } from "../lib/user.js";

const options = { page: { expected: [LOGGED_OUT] } };
const SIZES = [
  { width: 1280, height: 800 },
  { width: 1700, height: 1000 },
  { width: 390, height: 844 },
];
/** What of the document is where what of the page is. */
const SAME = { ".first-stage": ".history-stage", ".first-chart": ".history-chart", ".first-slider": ".history-slider" };

/** Left, upper, right and lower edge of what is seen of a selector. */
function place(page, selector) {
  return page.evaluate((selector) => {
    const seen = [...document.querySelectorAll(selector)].find((element) => element.getBoundingClientRect().width > 0);
    const box = seen.getBoundingClientRect();
    return [box.left, box.top, box.right, box.bottom].map(Math.round);
  }, selector);
}

async function recorded(page, server) {
  await until("something that moved", async () => (await storedBars(page, server)).length >= 2, 60_000);
}

/** A page of a visitor who is logged in as `page` is. */
async function visitor(page, browser, options) {
  const context = await browser.newContext(options);
  const { cookies } = await page.context().storageState();
  await context.addCookies(cookies);
  return { context, page: await context.newPage() };
}

/** Goes to an address until its document comes with a chart: one that is not drawn in a quarter of a second is left out. */
function goToChart(page, url, options) {
  return until("a document with its chart", async () => {
    const answer = await page.goto(url, options);
    return answer.headers()["cache-control"] === "no-store, private";
  });
}

scene("bars are seen without any script", options, async ({ server, page, browser }) => {
  await enter(page, server);
  await recorded(page, server);
  for (const viewport of SIZES) {
    const { context, page: plain } = await visitor(page, browser, { viewport, javaScriptEnabled: false });
    await goToChart(plain, `${server.url}/history`);
    const chart = plain.getByRole("img", { name: /^Bar chart of motion from/ });
    assert.equal(await chart.count(), 1, "one of the two is shown");
    const stage = await plain.locator(".first-stage").boundingBox();
    const bars = await chart.locator(".first-bar").boundingBox();
    assert.ok(bars.width > 0 && bars.height > 100 && bars.x >= stage.x && bars.x + bars.width <= stage.x + stage.width);
    const colour = await chart.locator(".first-bar").evaluate((path) => getComputedStyle(path).fill);
    assert.equal(colour, "rgb(201, 38, 28)");
    await context.close();
  }
  const empty = await visitor(page, browser, { javaScriptEnabled: false });
  await empty.page.goto(`${server.url}/history?camera=7`);
  assert.equal(await empty.page.locator("#first").count(), 0);
  await empty.context.close();
});

scene("the page paints its own chart where the first one was", options, async ({ server, page, browser }) => {
  await enter(page, server);
  await recorded(page, server);
  for (const viewport of SIZES) {
    const { context, page: visit } = await visitor(page, browser, { viewport });
    let go;
    const held = new Promise((resolve) => (go = resolve));
    await context.route(/\.wasm$/, async (route) => {
      await held;
      await route.continue();
    });
    const problems = [];
    visit.on("console", (message) => message.type() === "error" && problems.push(message.text()));
    visit.on("pageerror", (error) => problems.push(String(error)));
    await goToChart(visit, `${server.url}/history`, { waitUntil: "commit" });
    await visit.locator("#first .first-stage").waitFor();
    const before = await Promise.all([...Object.keys(SAME), "#first .top", "#first .nav"].map((one) => place(visit, one)));
    assert.equal(await visit.getByText("Loading…").filter({ visible: true }).count(), 0);
    go();
    await untilBars(visit, 1);
    await until("the first chart to be gone", async () => (await visit.locator("#first").count()) === 0);
    const after = await Promise.all([...Object.values(SAME), "header.top", "header .nav"].map((one) => place(visit, one)));
    // The number of pages beside it moves nothing; what is to the right of them comes later.
    assert.deepEqual(after, before, JSON.stringify(viewport));
    assertNoProblems(problems);
    await context.close();
  }
});

scene("nobody keeps the first chart, and the address decides what it shows", options, async ({ server, page }) => {
  await enter(page, server);
  await recorded(page, server);
  await until("the worker", () => page.evaluate(async () => (await navigator.serviceWorker.ready).active?.state === "activated"));
  await page.goto(`${server.url}/history`);
  await untilBars(page, 1);
  const kept = await page.evaluate(async () => {
    const pages = [];
    for (const name of await caches.keys()) {
      for (const request of await (await caches.open(name)).keys()) {
        const answer = await (await caches.open(name)).match(request);
        pages.push(`${new URL(request.url).pathname} ${/id="?first/.test(await answer.text())}`);
      }
    }
    return pages;
  });
  assert.ok(kept.includes("/ false"), "the shell is kept");
  assert.deepEqual(kept.filter((page) => / true$/.test(page) || /^\/history /.test(page)), []);
  // Without a session there is nothing of anybody in it.
  assert.ok(!(await (await fetch(`${server.url}/history`)).text()).includes('id="first"'));
  const [[, , first]] = await storedBars(page, server);
  await until("a chart with the frame in it", async () => {
    const linked = await (await page.request.get(`${server.url}/history?camera=0&at=${first}`)).text();
    return /class="first-marker" x="\d/.test(linked) && linked.includes("frames per second");
  });
  await history(page).waitFor();
});
