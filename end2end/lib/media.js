// Makes what cameras see: clips and pictures from ffmpeg's own generators.

import { execFile } from "node:child_process";
import { mkdir, readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Pictures a second of the clip. */
export const CLIP_FPS = 15;
/** Length of the clip in seconds. */
export const CLIP_SECONDS = 6;
/** The white box of the clip: its size, and its upper edge, in pixels of 640×480. */
export const BOX = { width: 96, height: 96, top: 192 };

function ffmpeg(args) {
  return run("ffmpeg", ["-nostdin", "-hide_banner", "-v", "error", "-y", ...args]);
}

/** A grey room with a texture that stands still. */
const ROOM = "nullsrc=s=640x480:r=RATE,geq=lum='96+40*sin(X/23)*cos(Y/17)+8*mod(X+Y\\,7)':cb=128:cr=128,loop=loop=-1:size=1";

/**
 * A motion-JPEG clip: a still room, and from the second second on a white box that crosses it from left to right. It is gone
 * after seven seconds.
 */
export async function makeClip(folder, seconds = CLIP_SECONDS) {
  const file = path.join(folder, "crossing.avi");
  const room = ROOM.replace("RATE", CLIP_FPS);
  const { width, height, top } = BOX;
  const x = `if(lt(t\\,2)\\,-${width}\\,(t-2)*160)`;
  const graph = `${room}[room];color=white:s=${width}x${height}:r=${CLIP_FPS}[box];[room][box]overlay=x='${x}':y=${top}`;
  await ffmpeg(["-filter_complex", graph, "-t", String(seconds), "-c:v", "mjpeg", "-q:v", "4", "-pix_fmt", "yuvj420p", file]);
  return file;
}

/** Seven minutes of a small picture in which something moves all the time. */
export async function makeLongClip(folder) {
  const file = path.join(folder, "long.avi");
  const source = "testsrc=s=320x240:r=4";
  await ffmpeg(["-f", "lavfi", "-i", source, "-t", "420", "-c:v", "mjpeg", "-q:v", "6", "-pix_fmt", "yuvj420p", file]);
  return file;
}

/** The JPEGs in a clip, taken out by ffmpeg without touching them. */
export async function jpegsOf(clip, folder) {
  const frames = path.join(folder, "frames");
  await mkdir(frames);
  await ffmpeg(["-i", clip, "-c:v", "copy", "-f", "image2", path.join(frames, "%04d.jpg")]);
  const names = (await readdir(frames)).sort();
  return Promise.all(names.map((name) => readFile(path.join(frames, name))));
}

/** A folder with one picture of a still room; `hue` tells rooms apart. */
export async function makeStill(folder, { name = "still", size = "640x480", hue = 128 } = {}) {
  const still = path.join(folder, name);
  await mkdir(still);
  const room = `nullsrc=s=${size}:r=1,geq=lum='96+40*sin(X/23)*cos(Y/17)':cb=${hue}:cr=128`;
  await ffmpeg(["-f", "lavfi", "-i", room, "-frames:v", "1", "-q:v", "4", "-pix_fmt", "yuvj420p", path.join(still, "1.jpg")]);
  return still;
}

/** Seconds of the clip of visits at which somebody is there. */
export const VISITS = [3, 23, 43];

/** A minute of a still room at ten pictures a second, which a white box crosses three times, with long pauses between. */
export async function makeVisits(folder) {
  const file = path.join(folder, "visits.avi");
  const room = ROOM.replace("RATE", 10);
  const x = "if(lt(mod(t\\,20)\\,3)\\,-96\\,(mod(t\\,20)-3)*200-96)";
  const graph = `${room}[room];color=white:s=96x96:r=10[box];[room][box]overlay=x='${x}':y=192`;
  await ffmpeg(["-filter_complex", graph, "-t", "60", "-c:v", "mjpeg", "-q:v", "6", "-pix_fmt", "yuvj420p", file]);
  return file;
}

/** The one stream of a video file: `{ codec_name, width, height, frames }`. */
export async function ffprobe(file) {
  const { stdout } = await run("ffprobe", ["-v", "error", "-count_frames", "-show_streams", "-of", "json", file]);
  const [stream] = JSON.parse(stdout).streams;
  return { ...stream, frames: Number(stream.nb_read_frames) };
}
