"""An engine that reads nothing, for trying uploads and screens without waiting for OCR."""

from hornbook.model.page import PageText


class Nothing:
    """Calls every page blank, so that it completes at once."""

    name = "nothing"

    def read(self, image: bytes) -> PageText:
        """No lines, whatever the image shows."""
        del image
        return PageText(lines=(), confidence=0.0, is_blank=True)
