"""What the fake answers when it does not do what was asked."""

from __future__ import annotations

REGISTRY = "Base.1.18"
"""Message registry that the ids below come from (DMTF DSP8011)."""


class Refusal(Exception):
    """An HTTP error of the fake: status, message id of DSP8011, and a sentence."""

    def __init__(
        self, status: int, message: str, text: str, *, related: str = "", retry_after: int = 0
    ) -> None:
        self.status = status
        self.message_id = f"{REGISTRY}.{message}"
        self.text = text
        self.related = related
        """JSON pointer of the property at fault, or empty."""
        self.retry_after = retry_after
        """Seconds for the Retry-After header; 0 leaves it out."""
        super().__init__(text)


class Down(Exception):
    """The BMC restarts: there is no answer at all, the connection ends."""


def missing(path: str) -> Refusal:
    """404 for a path."""
    return Refusal(404, "ResourceMissingAtURI", f"The resource at the URI {path} was not found.")


def not_in_list(name: str, value: object) -> Refusal:
    """400 for a value outside the allowed ones."""
    text = f"The value '{value}' for the property {name} is not in the list of acceptable values."
    return Refusal(400, "PropertyValueNotInList", text, related=f"/{name}")
