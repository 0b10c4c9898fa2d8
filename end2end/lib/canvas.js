// Looks at what is painted on the page's canvases.

/** A number that changes with any pixel of a canvas. */
export function fingerprint(canvas) {
  return canvas.evaluate((element) => {
    const { data } = element.getContext("2d").getImageData(0, 0, element.width, element.height);
    let hash = 2166136261;
    for (let i = 0; i < data.length; i += 1) {
      hash = Math.imul(hash ^ data[i], 16777619);
    }
    return hash;
  });
}

/**
 * Where the marks of motion are on the overlay of the live picture, as fractions of the picture: `{ left, top, right, bottom }`
 * around all of them, or undefined where there is none. `alone` says whether it is one box, with no line inside it.
 */
export function marks(page) {
  return page.locator("canvas.overlay").evaluate((element) => {
    if (element.width === 0 || element.height === 0) {
      return undefined;
    }
    const { data, width, height } = element.getContext("2d").getImageData(0, 0, element.width, element.height);
    const box = { left: width, top: height, right: 0, bottom: 0 };
    const found = [];
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        const i = (y * width + x) * 4;
        // Lines around motion are red; the clock is not.
        if (data[i + 3] > 200 && data[i] > 180 && data[i + 1] < 120 && data[i + 2] < 120) {
          found.push([x, y]);
          box.left = Math.min(box.left, x);
          box.right = Math.max(box.right, x);
          box.top = Math.min(box.top, y);
          box.bottom = Math.max(box.bottom, y);
        }
      }
    }
    if (found.length === 0) {
      return undefined;
    }
    const line = 4 * devicePixelRatio;
    const isInside = ([x, y]) => Math.min(x - box.left, box.right - x, y - box.top, box.bottom - y) > line;
    const edges = { left: box.left / width, right: box.right / width, top: box.top / height, bottom: box.bottom / height };
    return { ...edges, alone: !found.some(isInside) };
  });
}

/**
 * The bars on the history's canvas from left to right: `{ x, y }` of a point in the middle of each one's foot in CSS pixels of
 * the window, and `place`, its place in the plot from 0 to 1. Bars that touch count as one.
 */
export async function bars(page) {
  const chart = page.locator("canvas.history-bars");
  return chart.evaluate((element) => {
    // To the middle: on phones the navigation lies over the lower edge.
    element.scrollIntoView({ block: "center", behavior: "instant" });
    const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    probe.canvas.width = element.width;
    probe.canvas.height = element.height;
    probe.drawImage(element, 0, 0);
    const rect = element.getBoundingClientRect();
    const scale = element.width / rect.width;
    // The plot's margins, see frontend/src/chart/paint.rs.
    const [left, right, bottom] = [40, 14, 24];
    const row = Math.round((rect.height - bottom - 4) * scale);
    const { data } = probe.getImageData(0, row, element.width, 1);
    const found = [];
    let from;
    for (let x = Math.round(left * scale); x <= Math.round((rect.width - right) * scale); x += 1) {
      const i = x * 4;
      const isBar = data[i + 3] > 150 && data[i] - Math.max(data[i + 1], data[i + 2]) > 60;
      if (isBar && from === undefined) {
        from = x;
      } else if (!isBar && from !== undefined) {
        const middle = (from + x) / 2 / scale;
        const place = (middle - left) / (rect.width - left - right);
        found.push({ x: rect.left + middle, y: rect.top + row / scale, place });
        from = undefined;
      }
    }
    return found;
  });
}

/**
 * How far the live picture is from the one at `url`, in grey levels: `block` in the mean of a 16×16 block, `box` in a pixel within
 * `boxes` (`[x, y, w, h]` in pixels of the picture).
 */
export function distance(page, url, boxes) {
  return page.evaluate(compare, { url, boxes });
}

/** Runs in the page. */
async function compare({ url, boxes }) {
  const canvas = document.querySelector("canvas[data-testid=picture]");
  const bitmap = await createImageBitmap(await (await fetch(url)).blob());
  const { width, height } = bitmap;
  const other = new OffscreenCanvas(width, height).getContext("2d");
  other.drawImage(bitmap, 0, 0);
  const grey = (context) => {
    const { data } = context.getImageData(0, 0, width, height);
    return Float64Array.from({ length: width * height }, (_, i) => 0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2]);
  };
  const [shown, seen] = [grey(canvas.getContext("2d")), grey(other)];
  let [block, box] = [0, 0];
  for (let top = 0; top + 16 <= height; top += 16) {
    for (let left = 0; left + 16 <= width; left += 16) {
      let sum = 0;
      for (let i = 0; i < 256; i += 1) {
        const at = (top + (i >> 4)) * width + left + (i & 15);
        sum += shown[at] - seen[at];
      }
      block = Math.max(block, Math.abs(sum) / 256);
    }
  }
  for (const [x, y, w, h] of boxes) {
    for (let row = y; row < y + h; row += 1) {
      for (let column = x; column < x + w; column += 1) {
        const at = row * width + column;
        box = Math.max(box, Math.abs(shown[at] - seen[at]));
      }
    }
  }
  return { block, box };
}
