// The page on a phone.

import assert from "node:assert/strict";
import { LOGGED_OUT, until } from "../lib/browser.js";
import { pictureLoadedBy, untilBars, viewed } from "../lib/history.js";
import { scene } from "../lib/scene.js";
import { makeAdmin, storedBars, untilStatus } from "../lib/user.js";

const phone = {
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
  deviceScaleFactor: 2,
  expected: [LOGGED_OUT],
};

/** Nothing sticks out to the right, on any element that can be seen. */
async function fits(page, where) {
  const wide = await page.evaluate(() => {
    const limit = document.documentElement.clientWidth;
    const sticksOut = (element) => element.getBoundingClientRect().right > limit + 0.5;
    // What lies in a box that scrolls by itself may be wider.
    const isHeld = (element) => {
      for (let box = element.parentElement; box !== null && box !== document.body; box = box.parentElement) {
        if (["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(box).overflowX)) {
          return true;
        }
      }
      return false;
    };
    const all = [...document.body.querySelectorAll("*")].filter((element) => sticksOut(element) && !isHeld(element));
    return { scroll: document.documentElement.scrollWidth, limit, all: all.map((element) => element.outerHTML.slice(0, 120)) };
  });
  assert.ok(wide.scroll <= wide.limit, `${where} scrolls sideways: ${wide.scroll} of ${wide.limit}\n${wide.all.join("\n")}`);
  assert.deepEqual(wide.all, [], `${where} has something that sticks out`);
}

scene("on a phone everything fits and can be tapped", { page: phone }, async ({ server, page }) => {
  await page.goto(server.setupUrl);
  await page.getByRole("button", { name: "Make the account" }).waitFor();
  await fits(page, "the setup");
  await makeAdmin(page, server);
  await untilStatus(page, /^online$/);
  await until("a picture", async () => (await page.getByTestId("picture").evaluate((canvas) => canvas.width)) === 640);
  await fits(page, "the live page");

  await untilBars(page, 2);
  const [bar] = await untilBars(page, 2);
  const { at } = await pictureLoadedBy(page, () => page.touchscreen.tap(bar.x, bar.y));
  assert.equal((await viewed(page)).at, at);
  assert.ok((await storedBars(page, server)).some(([, , first]) => first === at), "tapped no bar's first frame");
  await fits(page, "the live page with a frame");

  const pages = page.getByRole("navigation", { name: "Pages" });
  await pages.getByRole("link", { name: "History" }).tap();
  await untilBars(page, 2);
  await page.getByRole("button", { name: "Table" }).tap();
  await page.getByRole("region", { name: "Bars as a table" }).getByRole("button").first().waitFor();
  await fits(page, "the history with its table");
  await page.getByRole("button", { name: "Keys" }).tap();
  await fits(page, "the history with its keys");
  await pages.getByRole("link", { name: "Settings" }).tap();
  await page.getByRole("heading", { name: "Accounts" }).waitFor();
  await page.getByText("Change password").first().tap();
  await page.getByText("Add an account").tap();
  await fits(page, "the settings");
  await page.getByRole("button", { name: /viewers? online/ }).tap();
  await page.getByRole("dialog", { name: "Viewers online" }).getByText("admin").waitFor();
  await fits(page, "the viewers");
  await page.keyboard.press("Escape");
  await pages.getByRole("link", { name: "Alarm" }).tap();
  await page.getByText("When and how it rings").tap();
  await fits(page, "the alarm");
  await page.getByRole("button", { name: "Arm", exact: true }).tap();
  await page.getByRole("button", { name: "Acknowledge" }).waitFor();
  await fits(page, "the alarm that rings");
  await page.goto(`${server.url}/readiness`);
  await page.getByRole("heading", { name: "What works on this device" }).waitFor();
  await fits(page, "the readiness");
  await page.goto(`${server.url}/nowhere`);
  await page.getByRole("heading", { name: "Nothing here" }).waitFor();
  await fits(page, "an unknown address");
});
