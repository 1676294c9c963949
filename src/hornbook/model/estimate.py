"""What a model is going to be asked, before it is."""

from dataclasses import dataclass

from hornbook.model.question import Spent


@dataclass(frozen=True, slots=True)
class Estimate:
    """What some work would come to, roughly: by kind and length of text, not by a trial."""

    model: str
    """`offline`, or `provider:model`."""
    pages: int
    """Pages that the model has not read yet."""
    spent: Spent
    """Nothing when no model is asked; without a known price all calls are `unpriced`."""

    @property
    def is_offline(self) -> bool:
        """Whether no model is chosen."""
        return self.model == "offline"
