// The API's OpenAPI document on standard input to TypeScript on standard output; with a file's name, into that file.
//
//     python -m custos.cli.apidoc | node scripts/types.mjs src/api/schema.ts

import { writeFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { compile } from "json-schema-to-typescript";

const BANNER = "// Made by `npm run types` from the server's OpenAPI document: change that, not this file.";
const JSON_VALUE = "null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue }";

/** OpenAPI 3.1 to the JSON Schema that the compiler reads: other places, tuples as in draft 7, no names of single fields. */
function tidied(value, inside = "") {
  if (Array.isArray(value)) return value.map((one) => tidied(one));
  if (typeof value !== "object" || value === null) return value;
  if (inside === "properties")
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, tidied(v)]));
  const { title, prefixItems, minItems, maxItems, ...kept } = value;
  const plain = Object.fromEntries(Object.entries(kept).map(([key, one]) => [key, tidied(one, key)]));
  if (plain.$ref) plain.$ref = plain.$ref.replace("#/components/schemas/", "#/$defs/");
  return prefixItems ? { ...plain, items: tidied(prefixItems), minItems, maxItems } : plain;
}

const { schemas } = JSON.parse(await text(process.stdin)).components;
const names = Object.keys(schemas).sort();
const $defs = Object.fromEntries(names.map((name) => [name, tidied(schemas[name])]));
if ($defs.JsonValue) $defs.JsonValue = { tsType: JSON_VALUE };
const properties = Object.fromEntries(names.map((name) => [name, { $ref: `#/$defs/${name}` }]));
const all = { $defs, type: "object", additionalProperties: false, required: names, properties };
const made = await compile(all, "Schemas", {
  additionalProperties: false,
  bannerComment: BANNER,
  style: { printWidth: 110 },
});
if (process.argv[2]) writeFileSync(process.argv[2], made);
else process.stdout.write(made);
