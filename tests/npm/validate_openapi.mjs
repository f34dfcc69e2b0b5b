// Says as JSON on stdout what is wrong with the OpenAPI document in a file: {version, errors}.
import { readFile } from "node:fs/promises";
import { Validator } from "@seriousme/openapi-schema-validator";

const validator = new Validator();
const { valid, errors } = await validator.validate(JSON.parse(await readFile(process.argv[2], "utf8")));
// Throws when a reference leads nowhere.
if (valid) validator.resolveRefs();
console.log(JSON.stringify({ version: validator.version, errors: valid ? [] : errors }));
