// Whether anybody looks at a page. Headless Chromium shows every tab, so the page is told otherwise.

/** The page goes to the background. */
export function lookAway(page) {
  return look(page, "hidden");
}

/** Somebody looks at it again. */
export function lookAgain(page) {
  return look(page, "visible");
}

function look(page, state) {
  return page.evaluate((state) => {
    Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
    Object.defineProperty(document, "hidden", { value: state === "hidden", configurable: true });
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
  }, state);
}
