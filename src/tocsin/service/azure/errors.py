"""What goes wrong, in the codes that clients of Azure's Anomaly Detector know."""

from __future__ import annotations

from tocsin.core.errors import InputError

HISTORY = "InsufficientHistoricalData"


class CodedError(InputError):
    """Something that whoever asks can put right, with Azure's code for it.

    Parameters
    ----------
    code
        Such as "ModelNotExist".
    message
        What is wrong, and what to do about it.
    status
        Of HTTP, where it is told at once.

    Examples
    --------
    >>> CodedError("ModelNotExist", "The model does not exist.", status=404).body()
    {'code': 'ModelNotExist', 'message': 'The model does not exist.'}
    """

    def __init__(self, code: str, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.status = code, status

    def body(self) -> dict[str, str]:
        """Return it as Azure's clients read it."""
        return {"code": self.code, "message": self.message}


def coded(error: InputError, code: str) -> CodedError:
    """Return an error under a code, unless it has one."""
    return error if isinstance(error, CodedError) else CodedError(code, str(error))
