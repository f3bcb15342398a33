"""What the server answers when it does not do what was asked."""

from __future__ import annotations

from trees.recording import Json

REGISTRY = "Base.1.18"


class Refusal(Exception):
    """An HTTP error: status, message id and a sentence."""

    def __init__(self, status: int, message: str, text: str, *args: str) -> None:
        self.status = status
        self.message = message
        self.text = text
        self.arguments = list(args)
        super().__init__(text)

    def body(self) -> Json:
        """As DSP0266 shapes it."""
        info: Json = {
            "MessageId": f"{REGISTRY}.{self.message}",
            "Message": self.text,
            "MessageArgs": self.arguments,
            "Severity": "Critical",
        }
        return {
            "error": {
                "code": info["MessageId"],
                "message": self.text,
                "@Message.ExtendedInfo": [info],
            }
        }


def unknown(name: str) -> Refusal:
    """400 for a property or parameter that is not there."""
    return Refusal(400, "PropertyUnknown", f"The property {name} is unknown or cannot be written.")


def not_in_list(name: str, value: object) -> Refusal:
    """400 for a value that is not offered."""
    return Refusal(400, "PropertyValueNotInList", f"The value {value} of {name} is not offered.")


def needed(name: str) -> Refusal:
    """400 for a parameter that is missing."""
    return Refusal(400, "ActionParameterMissing", f"The action needs the parameter {name}.")
