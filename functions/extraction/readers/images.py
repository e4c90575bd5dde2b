"""Images: how many there are in a file, and their pixels as OCR takes them."""

from pathlib import Path

from PIL import Image as pillow
from PIL import ImageOps
from PIL.Image import Image

from functions.extraction.failures import Unreadable

MOST_PIXELS = 100_000_000
MOST_FRAMES = 500
LONGEST_SIDE = 4000
_DAMAGED = "The image is damaged, or of a kind that cannot be read. Save it as PNG or JPEG, and upload that."
_TOO_LARGE = "The image has more than 100 million pixels. Make it smaller."
_MOVING = ("GIF", "WEBP", "PNG", "AVIF")


def frames(path: Path) -> int:
    """How many pages an image has: a TIFF may have many, and of a moving image only the first is read."""
    image = _opened(path)
    with image:
        count = getattr(image, "n_frames", 1)
        return 1 if image.format in _MOVING else min(int(count), MOST_FRAMES)


def frame(path: Path, number: int) -> Image:
    """A page of an image as RGB, upright and of bounded size; raises `Unreadable`."""
    image = _opened(path)
    try:
        image.seek(number)
        upright = ImageOps.exif_transpose(image)
        return shrunk(upright.convert("RGB"))
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise Unreadable(_DAMAGED) from error


def shrunk(image: Image) -> Image:
    """The image with at most 4,000 pixels on a side."""
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return image


def _opened(path: Path) -> Image:
    pillow.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        image = pillow.open(path)
    except pillow.DecompressionBombError as error:
        raise Unreadable(_TOO_LARGE) from error
    except (OSError, SyntaxError, ValueError) as error:
        raise Unreadable(_DAMAGED) from error
    if image.width * image.height > MOST_PIXELS:
        raise Unreadable(_TOO_LARGE)
    return image
