"""Runs a peer in an environment of its own, made from its lock when it is first needed."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

PEERS = Path(__file__).resolve().parent / "peers"


def run_peer(folder: Path, peer: str, script: str, *arguments: object, database: str = "") -> dict[str, Any]:
    """Run one of our scripts in the peer's environment, kept in ``folder``; returns the JSON of its last line."""
    var = folder / "peers" / f"{peer}-var"
    var.mkdir(parents=True, exist_ok=True)
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "HOME", "OMP_NUM_THREADS") if name in os.environ}
    environment = kept | {"DATABASE_URL": database, "PEER_VAR": str(var), "DJANGO_SETTINGS_MODULE": "peer_settings"}
    command = [str(_environment(folder, peer)), str(PEERS / peer / script), *map(str, arguments)]
    done = subprocess.run(command, cwd=PEERS / peer, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{peer} {script} failed:\n{done.stderr[-3000:]}")
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def version_of(peer: str) -> str:
    """The version of the peer itself, from its lock."""
    lines = (PEERS / peer / "requirements.lock").read_text().splitlines()
    return next(line.partition("==")[2].split()[0] for line in lines if line.startswith(f"{peer}=="))


def _environment(var: Path, peer: str) -> Path:
    """A lock is complete, so nothing is resolved anew: BERTopic's leaves its own encoder out on purpose."""
    lock = PEERS / peer / "requirements.lock"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()[:12]
    folder = var / "peers" / f"{peer}-{digest}"
    python = folder / "bin" / "python"
    if (folder / "complete").exists():
        return python
    shutil.rmtree(folder, ignore_errors=True)
    if uv := shutil.which("uv"):
        _call(uv, "venv", "-q", "--python", sys.executable, str(folder))
        _call(uv, "pip", "install", "-q", "-p", str(python), "--no-deps", "--require-hashes", "-r", str(lock))
    else:
        _call(sys.executable, "-m", "venv", str(folder))
        _call(str(python), "-m", "pip", "install", "-q", "--no-deps", "--require-hashes", "-r", str(lock))
    (folder / "complete").touch()
    return python


def _call(*command: str) -> None:
    subprocess.run(command, check=True)
