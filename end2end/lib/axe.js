// Lets axe-core (MPL-2.0, runs in tests only and ships with nothing) look at a page.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const SOURCE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** What keeps people out. Lesser findings are matters of taste, or of pages of other kinds. */
const GRAVE = ["serious", "critical"];

/** Fails with every grave violation on the page as it is: in the light scheme all rules, in the dark one those of colours. */
export async function assertAccessible(page, where) {
  const found = [];
  for (const colorScheme of ["dark", "light"]) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const rules = colorScheme === "dark" ? ["color-contrast"] : undefined;
    found.push(...(await grave(page, rules)).map((line) => `${colorScheme}: ${line}`));
  }
  assert.deepEqual(found, [], `${where} at ${page.viewportSize().width} px`);
}

async function grave(page, rules) {
  // Not as a script of the page, which its policy forbids.
  await page.evaluate(`window.axe ?? (() => { ${SOURCE} })()`);
  const { violations } = await page.evaluate(
    (rules) => window.axe.run({ resultTypes: ["violations"], ...(rules && { runOnly: { type: "rule", values: rules } }) }),
    rules,
  );
  return violations
    .filter(({ impact }) => GRAVE.includes(impact))
    .flatMap(({ id, help, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${help}\n  ${html.slice(0, 200)}\n  ${failureSummary.replaceAll("\n", " ")}`),
    );
}
