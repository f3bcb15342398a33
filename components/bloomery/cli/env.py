"""``bloomery env``: what a shell needs so that ``pulumi`` works on one site.

The same variables are what ``bloomery up`` and the tests run the engine with: there is
one way to be set up for a site, and this is it.
"""

from __future__ import annotations

import datetime
import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import unquote, urlsplit

import typer

from bloomery.cli.project import ensure_stack, project_dir
from bloomery.cli.stackfile import is_slow, prepare_stack_file, project_sheet, stack_file
from bloomery.errors import NotReadyError
from bloomery.site import ENV_INVENTORIES, find_site, load
from bloomery.statedir import ENV_CACHE, ENV_SITE, ENV_STATE, StateDir, cache_root, state_root
from bloomery.trust.ca import ensure_ca
from bloomery.trust.secret import ensure_private_file, open_secret

ENV_BACKEND = "BLOOMERY_BACKEND_URL"
"""Environment variable: any Pulumi backend instead of files in the state directory."""

PARALLEL = 64
"""Resources the engine works on at once. They wait for machines nearly all the time, so
the engine's own default, four a core, would leave a rack waiting behind two cores; the
budgets per BMC and per kind of work are the provider's own."""

_RIVALS = ("PULUMI_CONFIG_PASSPHRASE",)
"""Variables that would win over ours inside Pulumi without anyone noticing."""


def environment(site: str, env: Mapping[str, str]) -> dict[str, str]:
    """Variables for ``site``, and the private files they point at.

    ``site`` is the site's own name. Creates, once, the state directory (0700), the site
    secret, the passphrase, the site CA and the file backend. Raises NotReadyError when a
    file that is there is not private, or when the shell holds a variable that Pulumi
    would prefer to the passphrase file.
    """
    for name in _RIVALS:
        if name in env:
            raise NotReadyError(
                f"{name} is set and would override the site's passphrase file",
                subject=site,
                next_step=f"unset {name}",
            )
    state = StateDir.of(site, {**env, ENV_STATE: str(state_root(env).absolute())})
    _ensure_files(site, state)
    return {
        "PATH": _path(env),
        ENV_SITE: site,
        ENV_STATE: str(state.path.parent),
        ENV_CACHE: str(cache_root(env).absolute()),
        "PULUMI_BACKEND_URL": env.get(ENV_BACKEND) or state.backend.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE_FILE": str(state.passphrase),
        "PULUMI_HOME": str(state.pulumi_home),
        "PULUMI_STACK": site,
        "PULUMI_PARALLEL": str(PARALLEL),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }


def _ensure_files(site: str, state: StateDir) -> None:
    state.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    ensure_private_file(state.secret)
    ensure_private_file(state.passphrase)
    open_secret(state.passphrase)  # the same rules: private, whole
    ensure_ca(open_secret(state.secret), site, state.ca, datetime.datetime.now(datetime.UTC))
    for folder in (state.backend, state.pulumi_home):
        folder.mkdir(mode=0o700, exist_ok=True)


def _path(env: Mapping[str, str]) -> str:
    """PATH with the folder of this Python first: ``pulumi`` and ``bloomery`` lie there."""
    ours = str(Path(sys.executable).parent.absolute())
    rest = [part for part in env.get("PATH", os.defpath).split(os.pathsep) if part != ours]
    return os.pathsep.join([ours, *rest])


def prepare_stack(
    values: Mapping[str, str], env: Mapping[str, str], cwd: Path, *, lab: bool, slow: bool = False
) -> bool:
    """Create the site's stack and its configuration in the file backend unless it is there.

    Returns whether it was created. Does nothing outside a Pulumi project, and nothing on
    another backend, where who may create stacks is not ours to say. Raises NotReadyError
    without an engine, BloomeryError when the engine refuses.
    """
    backend, stack = values["PULUMI_BACKEND_URL"], values["PULUMI_STACK"]
    if not backend.startswith("file://"):
        return False
    try:
        project = project_dir(cwd)
    except NotReadyError:
        return False
    folder = Path(unquote(urlsplit(backend).path)) / ".pulumi" / "stacks"
    known = (folder / str(project_sheet(project)["name"]) / f"{stack}.json").exists()
    if not known or not stack_file(project, stack).exists():
        prepare_stack_file(project, stack, lab=lab, slow=slow)
    if known:
        return False
    ensure_stack(stack, project, {**env, **values})
    return True


def env(
    site: Annotated[str, typer.Argument(help="Name of a site, or its directory.")],
) -> None:
    """Print the environment variables of a site: eval "$(bloomery env SITE)"."""
    path = find_site(site)
    ordered = load(path)
    values = environment(ordered.name, os.environ)
    values[ENV_INVENTORIES] = str(path.absolute().parent)
    slow = is_slow(pool.model for pool in ordered.pools)
    prepare_stack(values, os.environ, Path.cwd(), lab=ordered.lab, slow=slow)
    for name, value in values.items():
        sys.stdout.write(f"export {name}={shlex.quote(value)}\n")
