// Runs TensorFlow.js graph models and writes down what they answer.
//
//   node reference.mjs JOB.json
//
// JOB: { backend: "cpu" | "wasm", cases: [{ model, weights, inputs: { node: { dtype, shape, file } },
//        outputs: [tensor, ...], results: [file, ...] }] }; arrays are raw little-endian float32, int32 or (inputs only) bool.
// Prints one line per case: the shapes and types of its outputs, as JSON.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { createRequire } from "node:module";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { loadGraphModel } from "@tensorflow/tfjs-converter";

const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

function exactBuffer(path) {
  const bytes = readFileSync(path);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
}

function handlerOf(one) {
  return {
    load: async () => {
      const document = JSON.parse(readFileSync(one.model, "utf8"));
      return {
        modelTopology: document.modelTopology,
        signature: document.signature ?? document.userDefinedMetadata?.signature,
        weightSpecs: document.weightsManifest.flatMap((group) => group.weights),
        weightData: exactBuffer(one.weights),
      };
    },
  };
}

function tensorOf({ dtype, shape, file }) {
  const data = new ARRAYS[dtype](exactBuffer(file));
  return tf.tensor(data, shape, dtype);
}

async function run(one) {
  const model = await loadGraphModel(handlerOf(one));
  const inputs = Object.fromEntries(Object.entries(one.inputs).map(([name, input]) => [name, tensorOf(input)]));
  const answer = await model.executeAsync(inputs, one.outputs);
  const tensors = Array.isArray(answer) ? answer : [answer];
  const described = tensors.map((tensor, index) => {
    const data = tensor.dataSync();
    const values = tensor.dtype === "float32" ? Float32Array.from(data) : Int32Array.from(data);
    writeFileSync(one.results[index], new Uint8Array(values.buffer));
    return { shape: tensor.shape, dtype: tensor.dtype === "float32" ? "float32" : "int32" };
  });
  console.log(JSON.stringify(described));
  model.dispose();
}

const job = JSON.parse(readFileSync(process.argv[2], "utf8"));
console.warn = () => {}; // the cpu backend recommends another one
if (job.backend === "wasm") {
  setWasmPaths(dirname(createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm")) + "/");
  setThreadsCount(1);
}
await tf.setBackend(job.backend);
await tf.ready();
for (const [index, one] of job.cases.entries()) {
  try {
    await run(one);
  } catch (error) {
    console.error(`case ${index}: ${error.stack}`);
    process.exit(1);
  }
}
