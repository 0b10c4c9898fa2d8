// Reads recordings from the disk as docs/store.md describes them, without the server.

import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

const COMMENT = 0xfe;

/** All frames in the segments of a camera: `{ camera, at, jpeg }`, with the JPEG as the camera made it. */
export async function framesOnDisk(stateDir, camera = 0) {
  const folder = path.join(stateDir, "frames", "segments", String(camera).padStart(5, "0"));
  const frames = [];
  for (const name of (await readdir(folder)).filter((name) => name.endsWith(".mjpeg")).sort()) {
    frames.push(...framesIn(await readFile(path.join(folder, name))));
  }
  return frames;
}

/** The frames of one segment. */
export function framesIn(segment) {
  const frames = [];
  let at = 0;
  while (at + 54 <= segment.length) {
    const marker = segment.subarray(at + 4);
    const isRecord = segment[at] === 0xff && segment[at + 1] === 0xd8 && segment[at + 2] === 0xff && segment[at + 3] === COMMENT;
    if (!isRecord || marker.toString("latin1", 2, 6) !== "RTM2") {
      break;
    }
    const body = at + 4 + marker.readUInt16BE(0);
    const length = segment.readUInt32LE(at + 38);
    const end = body + length - 2;
    if (end > segment.length) {
      break;
    }
    frames.push({
      camera: segment.readUInt16LE(at + 14),
      at: Number(segment.readBigInt64LE(at + 30)),
      jpeg: Buffer.concat([segment.subarray(at, at + 2), segment.subarray(body, end)]),
    });
    at = end;
  }
  return frames;
}
