// node convert-nsfw.mjs PACKAGE TARGET: the MobileNetV2 of the unpacked npm package nsfwjs as model.safetensors. Every tensor keeps its uint8 values, its shape
// and its Keras name; the tensor "quantization" [tensors, 2] float64 has (min, scale) of each, in ordinal order of the names: value = uint8 * scale + min.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const [folder, target] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const model = resolve(folder, "dist/models/mobilenet_v2");
const { weightsManifest } = require(resolve(model, "model.min.js"));
const { version } = JSON.parse(readFileSync(resolve(folder, "package.json"), "utf8"));

const tensors = [];
for (const { paths, weights } of weightsManifest) {
  const parts = paths.map((path) => Buffer.from(require(resolve(model, `${path}.min.js`)), "base64"));
  const bytes = Buffer.concat(parts);
  let begin = 0;
  for (const { name, shape, dtype, quantization } of weights) {
    if (dtype !== "float32" || quantization?.dtype !== "uint8") throw new Error(`${name} is ${dtype} as ${quantization?.dtype}; it must be float32 as uint8.`);
    const length = shape.reduce((product, size) => product * size, 1);
    tensors.push({ name, shape, min: quantization.min, scale: quantization.scale, data: bytes.subarray(begin, (begin += length)) });
  }
  if (begin !== bytes.length) throw new Error(`${paths} are ${bytes.length} bytes; the manifest lists ${begin}.`);
}
tensors.sort((one, other) => (one.name < other.name ? -1 : 1));

// The doubles first, so that they are aligned.
const table = Buffer.alloc(tensors.length * 16);
tensors.forEach(({ min, scale }, row) => {
  table.writeDoubleLE(min, row * 16);
  table.writeDoubleLE(scale, row * 16 + 8);
});
const header = {
  __metadata__: { source: `npm nsfwjs ${version}, dist/models/mobilenet_v2` },
  quantization: { dtype: "F64", shape: [tensors.length, 2], data_offsets: [0, table.length] },
};
let end = table.length;
for (const { name, shape, data } of tensors) header[name] = { dtype: "U8", shape, data_offsets: [end, (end += data.length)] };
const text = Buffer.from(JSON.stringify(header));
const padded = Buffer.concat([text, Buffer.alloc((8 - (text.length % 8)) % 8, " ")]);
const length = Buffer.alloc(8);
length.writeBigUInt64LE(BigInt(padded.length));
writeFileSync(resolve(target, "model.safetensors"), Buffer.concat([length, padded, table, ...tensors.map(({ data }) => data)]));

// What `pipeline models verify` holds the folder against.
const files = ["config.json", "model.safetensors"].map((path) => {
  const bytes = readFileSync(resolve(target, path));
  return { path, size: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
});
const licenceLink = "https://github.com/infinitered/nsfwjs/blob/master/LICENSE";
const manifest = { name: "nsfw-mobilenet-v2", licence: "mit", licenceLink, files };
writeFileSync(resolve(target, "pipeline-model.json"), `${JSON.stringify(manifest, null, 2)}\n`);
