// What a user does at the door: make the first account, log in, log out.

import { until } from "./browser.js";

/** The admin of every test. */
export const ADMIN = { user: "admin", password: "long enough to be good" };

/** Makes the first account through the page, from the link that the server printed. Ends on the live page. */
export async function makeAdmin(page, server) {
  await page.goto(server.setupUrl);
  await page.getByLabel("User").fill(ADMIN.user);
  await page.getByLabel("New password", { exact: true }).fill(ADMIN.password);
  await page.getByRole("button", { name: "Make the account" }).click();
  await page.getByTestId("status").waitFor();
}

/** Fills and sends the form of the login page. */
export async function logIn(page, { user, password }) {
  await page.getByLabel("User").fill(user);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Log in", exact: true }).click();
}

/** Logs out through the settings. */
export async function logOut(page) {
  await page.getByRole("link", { name: "Settings" }).click();
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByRole("heading", { name: "Log in" }).waitFor();
}

/** Makes the first account without the page, for tests of something else; the page's context is logged in then. */
export async function enter(page, server, address = "/") {
  const token = new URL(server.setupUrl).hash.replace("#token=", "");
  const answer = await page.request.post(`${server.url}/api/v1/setup`, {
    data: { token, ...ADMIN },
    headers: { origin: server.url },
  });
  if (!answer.ok()) {
    throw new Error(`the first account: ${answer.status()} ${await answer.text()}`);
  }
  await page.goto(`${server.url}${address}`);
  await page.getByTestId("status").waitFor();
}

/** Waits until the status pill says something. */
export function untilStatus(page, pattern, limitMs) {
  const pill = page.getByTestId("status");
  return until(`status ${pattern}`, async () => pattern.test((await pill.textContent()) ?? ""), limitMs);
}

/** What the API answers the page's user. */
export async function api(page, server, path) {
  const answer = await page.request.get(`${server.url}${path}`);
  if (!answer.ok()) {
    throw new Error(`${path}: ${answer.status()} ${await answer.text()}`);
  }
  return answer.json();
}

/** The bars of a camera as the store has them: `[start, count, first]`. */
export async function storedBars(page, server, camera = 0) {
  return (await api(page, server, `/api/v1/cameras/${camera}/bars?last=1000`)).bars;
}
