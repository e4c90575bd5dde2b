"""Puts a node together, once: the server's zip, the vector plugin, and two modules as OpenSearch's own build has them.

Run by bootstrap.py, so this file imports only the standard library.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

VERSION = "2.19.6"
POM = Path(__file__).parent / "pom.xml"

# The zips come without a checksum that Maven would look at.
CHECKSUMS = {
    f"opensearch-{VERSION}.zip": "71d6d8b1c637f3faecda0752b184b1cc526fc6eaad59ec1408c6327bb00b9293",
    f"opensearch-knn-{VERSION}.0.zip": "c21b9565624d29fd4024e3a3902712349006cb7894a73c45d976756a761e628f",
}
_PAINLESS_POLICY = """grant {
  permission java.lang.RuntimePermission "createClassLoader";
  permission java.lang.RuntimePermission "getClassLoader";
};
"""
# name: its class, what it extends, its policy, its jars.
_MODULES = {
    "lang-painless": (
        "org.opensearch.painless.PainlessPlugin",
        "",
        _PAINLESS_POLICY,
        ("lang-painless-*.jar", "opensearch-scripting-painless-spi-*.jar", "antlr4-runtime-*.jar", "asm-*.jar"),
    ),
    "analysis-common": (
        "org.opensearch.analysis.common.CommonAnalysisPlugin",
        "lang-painless",
        "",
        ("analysis-common-*.jar",),
    ),
}
_CONFIGURATION = """cluster.name: cirrus
node.name: cirrus
discovery.type: single-node
network.host: 127.0.0.1
cluster.routing.allocation.disk.threshold_enabled: false
"""
_JVM_OPTIONS = """-XX:+UseSerialGC
-XX:-AlwaysPreTouch
-XX:TieredStopAtLevel=1
-Djava.io.tmpdir=${OPENSEARCH_TMPDIR}
18-:-Djava.security.manager=allow
-Djava.util.concurrent.ForkJoinPool.common.threadFactory=org.opensearch.secure_sm.SecuredForkJoinWorkerThreadFactory
"""


class WrongChecksum(Exception):
    """A download is not the file that it should be."""


def assemble(home: Path, run: Callable[..., None]) -> None:
    """Makes `home`; `run` is given the command that fetches the parts. Raises `WrongChecksum`."""
    shutil.rmtree(home, ignore_errors=True)
    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home.parent) as folder:
        parts = Path(folder, "parts")
        fetch = "dependency:copy-dependencies"
        run("mvn", "-B", "-ntp", "-q", "-f", POM, fetch, f"-DoutputDirectory={parts}")
        for name, wanted in CHECKSUMS.items():
            if hashlib.sha256((parts / name).read_bytes()).hexdigest() != wanted:
                raise WrongChecksum(f"{name} is not the file that Cirrus was tried with")
        _unpack(parts / f"opensearch-{VERSION}.zip", Path(folder))
        made = Path(folder, f"opensearch-{VERSION}")
        _unpack(parts / f"opensearch-knn-{VERSION}.0.zip", made / "plugins" / "opensearch-knn")
        for name in _MODULES:
            _module(name, parts, made / "modules" / name)
        (made / "config" / "opensearch.yml").write_text(_CONFIGURATION)
        (made / "config" / "jvm.options").write_text(_JVM_OPTIONS)
        made.rename(home)


def _module(name: str, parts: Path, folder: Path) -> None:
    plugin, extended, policy, jars = _MODULES[name]
    folder.mkdir(parents=True)
    for pattern in jars:
        for jar in parts.glob(pattern):
            shutil.copy(jar, folder)
    about = {
        "name": name,
        "description": name,
        "version": VERSION,
        "opensearch.version": VERSION,
        "java.version": "11",
        "classname": plugin,
        "extended.plugins": extended,
        "has.native.controller": "false",
    }
    (folder / "plugin-descriptor.properties").write_text("".join(f"{key}={value}\n" for key, value in about.items()))
    if policy:
        (folder / "plugin-security.policy").write_text(policy)


def _unpack(archive: Path, folder: Path) -> None:
    with zipfile.ZipFile(archive) as packed:
        for entry in packed.infolist():
            file = Path(packed.extract(entry, folder))
            # Whoever it runs as may read it.
            file.chmod(0o755 if file.is_dir() or entry.external_attr >> 16 & 0o111 else 0o644)
