execSync("npm install");
events.publish("topic");
