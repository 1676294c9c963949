"""What tests of the web upload: pages whose text the fake workshop knows."""

from io import BytesIO

from PIL import Image, PngImagePlugin

TOKEN = "a-token-for-tests-only"
LESSONS = (
    """1 Fractions

1.1 Like Fractions

Like fractions have the same denominator. For example, 1/5 and 3/5 are like fractions.""",
    """Add like fractions by adding their numerators. The denominator stays the same.

For example, 1/5 + 3/5 = 4/5.""",
    """1.2 Unlike Fractions

Unlike fractions have different denominators. For example, 1/2 and 1/3 are unlike fractions.""",
)


def make_image(text: str = LESSONS[0]) -> bytes:
    """A small PNG; `text` is what the workshop will read on it."""
    info = PngImagePlugin.PngInfo()
    info.add_text("page", text)
    file = BytesIO()
    Image.new("L", (40, 60), 255).save(file, "PNG", pnginfo=info)
    return file.getvalue()
