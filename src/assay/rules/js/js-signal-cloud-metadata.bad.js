// ruleid: js-signal-cloud-metadata
const url = "http://169.254.169.254/latest/meta-data/iam/security-credentials/";
