// Says as JSON on stdout what is wrong with the CycloneDX 1.6 document in a file: {errors}. The strict schema knows no unknown fields.
import { readFile } from "node:fs/promises";
import { Spec, Validation } from "@cyclonedx/cyclonedx-library";

const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
const errors = await validator.validate(await readFile(process.argv[2], "utf8"));
console.log(JSON.stringify({ errors: errors ?? [] }));
