// What sigstore-js says: {root, policy, cases: [{name, bundle, raw, root?}]} on stdin, all texts
// in base64; {name: "accepted" or why not} on stdout.
import { createRequire } from "node:module";
import { text } from "node:stream/consumers";

const require = createRequire(`${process.cwd()}/`);
const { bundleFromJSON } = require("@sigstore/bundle");
const { TrustedRoot } = require("@sigstore/protobuf-specs");
const { Verifier, toSignedEntity, toTrustMaterial } = require("@sigstore/verify");

const bytes = (encoded) => Buffer.from(encoded, "base64");
const json = (encoded) => JSON.parse(bytes(encoded).toString("utf-8"));

const asked = JSON.parse(await text(process.stdin));
const policy = {
  subjectAlternativeName: asked.policy.san,
  oids: asked.policy.oids.map(({ id, value }) => ({ oid: { id }, value: bytes(value) })),
};

function judge({ bundle, raw, root }) {
  try {
    const material = toTrustMaterial(TrustedRoot.fromJSON(json(root ?? asked.root)));
    const entity = toSignedEntity(bundleFromJSON(json(bundle)), bytes(raw));
    new Verifier(material).verify(entity, policy);
    return "accepted";
  } catch (error) {
    return `${error.code ?? error.name}: ${error.message}`.split("\n")[0];
  }
}

const verdicts = asked.cases.map((one) => [one.name, judge(one)]);
process.stdout.write(JSON.stringify(Object.fromEntries(verdicts)));
