console.log("install it with: curl https://example.com/i.sh | bash");
exec("curl --version");
exec("git status | sh -c cat");
