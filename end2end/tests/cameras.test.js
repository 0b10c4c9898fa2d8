// Several cameras.

import assert from "node:assert/strict";
import { LOGGED_OUT, openSocket, until } from "../lib/browser.js";
import { untilBars } from "../lib/history.js";
import { makeStill } from "../lib/media.js";
import { scene } from "../lib/scene.js";
import { enter, storedBars, untilStatus } from "../lib/user.js";

async function two(folder) {
  const still = await makeStill(folder, { size: "320x240", hue: 60 });
  return ["--source", "demo:", "--source", `file:${still}?loop&fps=5`];
}

scene("each camera shows its own picture, state and history", { prepare: two, page: { expected: [LOGGED_OUT] } }, async (parts) => {
  const { server, page, sockets } = parts;
  await enter(page, server);
  await untilStatus(page, /^online$/);
  const picker = page.getByRole("group", { name: "Camera" });
  const canvas = page.getByTestId("picture");
  const size = () => canvas.evaluate((element) => `${element.width}×${element.height}`);
  assert.equal(await picker.getByRole("radio").count(), 2);
  await page.getByRole("radio", { name: "Live" }).check();
  await until("the demo's picture", async () => (await size()) === "640×480");
  await page.getByText("DEMO", { exact: true }).waitFor();
  await untilBars(page, 1);

  await picker.getByRole("radio").nth(1).check();
  await until("the other's picture", async () => (await size()) === "320×240");
  assert.equal(await page.getByText("DEMO", { exact: true }).count(), 0);
  assert.ok(await isBlueless(canvas), "the picture is not the second camera's");
  await page.getByText("Nothing has moved yet.").waitFor();
  assert.deepEqual(await storedBars(page, server, 1), []);
  // Motion before the first camera does not show as the second one's.
  const socket = openSocket(sockets);
  const told = socket.messages("bar").length;
  await until("motion before the first camera", () => socket.messages("bar").length > told);
  assert.ok(socket.messages("bar").every(({ camera }) => camera === 0));
  await page.getByText("Nothing has moved yet.").waitFor();
  assert.ok(!(await page.getByTestId("motion").getAttribute("class")).includes("plate-on"));

  await page.reload();
  await untilStatus(page, /^online$/);
  assert.ok(await picker.getByRole("radio").nth(1).isChecked(), "the camera is not remembered");
  await picker.getByRole("radio").nth(0).check();
  await until("the demo's picture again", async () => (await size()) === "640×480");
  await page.getByText("DEMO", { exact: true }).waitFor();
  await untilBars(page, 1);

  await page.getByRole("link", { name: "History" }).click();
  await untilBars(page, 1);
  await picker.getByRole("radio").nth(1).check();
  await page.getByText("Nothing has moved yet.").waitFor();
  await picker.getByRole("radio").nth(0).check();
  await untilBars(page, 1);
});

/** Whether the middle of the picture has the second room's tint. */
function isBlueless(canvas) {
  return canvas.evaluate((element) => {
    const [red, , blue] = element.getContext("2d").getImageData(element.width / 2, element.height / 2, 1, 1).data;
    return red > blue + 40;
  });
}
