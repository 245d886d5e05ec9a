// Judges every data set of a TIDAS folder by the schemas of the npm package @tiangong-lca/tidas-sdk, and prints JSON.
// node tidas_sdk.cjs NODE_MODULES FOLDER
const { readdirSync, readFileSync, existsSync } = require("node:fs");
const { join } = require("node:path");

const [modules, folder] = process.argv.slice(2);
const schemas = require(join(modules, "@tiangong-lca", "tidas-sdk", "dist", "schemas", "index.js"));
const judges = {
  contacts: schemas.ContactSchema,
  flowproperties: schemas.FlowPropertySchema,
  flows: schemas.FlowSchema,
  lciamethods: schemas.LCIAMethodSchema,
  lifecyclemodels: schemas.LifeCycleModelSchema,
  processes: schemas.ProcessSchema,
  sources: schemas.SourceSchema,
  unitgroups: schemas.UnitGroupSchema,
};
const judged = {};
const issues = [];
for (const [module, schema] of Object.entries(judges)) {
  const names = existsSync(join(folder, module)) ? readdirSync(join(folder, module)).sort() : [];
  judged[module] = names.length;
  for (const name of names) {
    const found = schema.safeParse(JSON.parse(readFileSync(join(folder, module, name), "utf8")));
    for (const one of found.success ? [] : found.error.issues) {
      issues.push({ place: `${module}/${name}#${one.path.join("/")}`, said: one.message });
    }
  }
}
console.log(JSON.stringify({ judged, issues }));
