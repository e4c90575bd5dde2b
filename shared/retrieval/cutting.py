"""How texts are cut into chunks, by the admin's settings."""

import hashlib
import tempfile
from pathlib import Path

from botocore.exceptions import ClientError

from shared.retrieval.local_models import folder
from shared.retrieval.settings import RetrievalSettings
from shared.splitting import SplitSettings
from shared.storage import objects


def split_settings(section: RetrievalSettings) -> SplitSettings:
    """The splitter with its settings. Tokens are those of the embedding model where it runs in this stage."""
    splitter = section.text_splitter or "character"
    local = splitter == "token" and section.embedding.engine == "" and section.embedding.model
    tokenizer = _tokenizer(section.embedding.model) if local else ""
    return SplitSettings(splitter, section.chunk_size, section.chunk_overlap, tokenizer)


def _tokenizer(model: str) -> str:
    """The path of the model's tokenizer; empty as long as the model has not been fetched: then others are counted."""
    name = hashlib.sha256(model.encode()).hexdigest()[:20]
    path = Path(tempfile.gettempdir(), "cirrus-tokenizers", f"{name}.json")
    if not path.is_file():
        try:
            content = objects.get(f"{folder(model)}tokenizer.json")
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("NoSuchKey", "404"):
                raise
            return ""
        path.parent.mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(content)
        Path(file.name).replace(path)
    return str(path)
