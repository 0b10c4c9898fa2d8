// What a page gets over its sockets, picture by picture.

import { readHeader } from "./wire.js";

/** A list of the headers of all pictures that the page gets from now on, each with the message's length as `bytes`. */
export function listFrames(page) {
  const frames = [];
  page.on("websocket", (socket) =>
    socket.on("framereceived", ({ payload }) => {
      if (typeof payload !== "string") {
        frames.push({ ...readHeader(payload), bytes: payload.length });
      }
    }),
  );
  return frames;
}

/** The newest picture, once none has come for a while. */
export async function quiet(frames) {
  const last = frames.at(-1);
  await new Promise((resolve) => setTimeout(resolve, 600));
  return frames.at(-1) === last ? last : undefined;
}
