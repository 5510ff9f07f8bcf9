"""An entry can't ask for a variable that steers a loader, an interpreter, a shell or ourselves.

Such a variable changes which code runs, so what was reviewed would not be what is launched. A
host refuses the same names at launch, whatever was signed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.hidden import quoted

if TYPE_CHECKING:
    from assay.checks import Context
    from assay.finding import Finding

ID = "launch-environment"

# Lower case: npm reads npm_config_* in any case, and Windows has no case at all.
_NAMES = frozenset(
    {
        "path", "pathext", "home", "userprofile", "shell", "comspec", "ifs", "env", "bash_env",
        "zdotdir", "prompt_command", "shellopts", "bashopts", "ps4", "cdpath", "perllib",
        "rubylib", "rubyopt", "classpath", "java_tool_options", "_java_options",
        "jdk_java_options", "gconv_path", "locpath", "hostaliases", "malloc_trace",
        "virtual_env", "conda_prefix", "tmpdir", "browser", "editor", "visual", "pager",
        "sslkeylogfile", "ssh_askpass", "electron_run_as_node",
    }
)  # fmt: skip
_PREFIXES = (
    "ld_", "dyld_", "python", "node_", "npm_config_", "pip_", "uv_", "git_", "assay_",
    "bash_func_", "perl5", "openssl_", "glibc_", "dotnet_", "coreclr_", "xdg_",
)  # fmt: skip
# All else of Node.js's own: NODE_COMPILE_CACHE alone runs other code than the source's.
_HARMLESS = frozenset({"node_env", "node_no_warnings"})


def run(context: Context) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, variable in enumerate(context.entry.launch.env):
        where = ("launch", "env", index, "name")
        if steers(variable.name):
            told = f"{quoted(variable.name)} steers which code runs"
            yield context.finding(ID, where, told, "delete it; the launcher sets what is needed")
        elif variable.name in seen:
            told = f"{quoted(variable.name)} is declared twice"
            yield context.finding(ID, where, told, "keep one of the two")
        seen.add(variable.name)


def steers(name: str) -> bool:
    """Whether the environment variable ``name`` decides which code runs."""
    lower = name.lower()
    return lower in _NAMES or (lower.startswith(_PREFIXES) and lower not in _HARMLESS)
