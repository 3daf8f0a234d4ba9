// node classify.mjs LIST: what the package itself gives. LIST is JSON, [{ name, width, height, file }], each file raw RGB; prints the versions and, for each
// image, its five probabilities in the order of the package's classes. Runs beside the node_modules of package.json.
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { load } from "nsfwjs/core";
import { MobileNetV2Model } from "nsfwjs/models/mobilenet_v2";

console.info = console.log = console.warn = () => {};
const list = resolve(process.argv[2]);
await tf.setBackend("cpu");
const model = await load("MobileNetV2", { modelDefinitions: [MobileNetV2Model] });
const images = [];
for (const { name, width, height, file } of JSON.parse(readFileSync(list, "utf8"))) {
  const pixels = tf.tensor3d(new Uint8Array(readFileSync(resolve(dirname(list), file))), [height, width, 3], "int32");
  const result = model.infer(pixels);
  images.push({ name, probabilities: Array.from(await result.data()) });
  result.dispose();
  pixels.dispose();
}
const versions = { node: process.version, nsfwjs: "4.3.0", tfjs: tf.version.tfjs, backend: tf.getBackend() };
process.stdout.write(JSON.stringify({ script: "classify.mjs", versions, images }, null, 1) + "\n");
